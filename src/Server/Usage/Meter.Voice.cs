using System.Globalization;
using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;

namespace Ledgerline.Usage;

/// <summary>An answer in speech that a model is to give.</summary>
/// <param name="AtMost">It will hardly cost more, or be called off before: <see cref="Meter.PriceOf(VoiceUsage)"/>.</param>
public sealed record VoiceUse(AccountId Account, string Action, string Model, Credits AtMost, string Key, TimeSpan Lifetime)
    : PaidUse(Account, Action, Model, Key, Lifetime);

/// <summary>Either leave to have a spoken answer given, or what is missing.</summary>
public sealed record VoiceAnswer(VoiceAuthorization? Authorization, Credits Needed, Credits Available) : FundsAnswer(Needed, Available);

/// <summary>What a spoken answer used in the end, and the transcriptions that go with it.</summary>
/// <param name="Reason">Why it ended: <c>done</c>, <c>client_gone</c>, …</param>
/// <param name="Metadata">Kept on the usage record as JSON; no content, no secrets.</param>
public sealed record VoiceReceipt(IReadOnlyList<VoiceUsage> Used, string Reason, object Metadata)
{
    /// <summary>The provider did not come to the end: counted from what had arrived.</summary>
    public bool IsEstimated { get; init; }
}

/// <summary>What was charged for a spoken answer, and what can be spent now.</summary>
public sealed record VoiceSettlement(Credits Charged, Credits Available);

/// <summary>The meter of what is paid by the tokens of speech.</summary>
public sealed partial class Meter
{
    /// <summary>Holds the most that the use can cost, durable before it answers. Refused: nothing happened.</summary>
    /// <exception cref="InvalidOperationException">The key was used before.</exception>
    public async Task<VoiceAnswer> Authorize(VoiceUse use, CancellationToken stop = default)
    {
        var (authorization, hold) = await VoiceAuthorization.Obtain(ledger, use, stop);
        return new VoiceAnswer(authorization, use.AtMost, hold.Available)
        {
            Shortage = authorization is null ? await Missing(use, Unit.Credit, use.AtMost, hold, stop) : null,
        };
    }

    /// <summary>What an answer costs that uses so much.</summary>
    public Credits PriceOf(VoiceUsage usage) => prices.PriceOf(usage);

    /// <summary>
    /// Books what an answer used: usage record, ledger rows and balance in one transaction. Nobody can call it off: what was used is booked
    /// though the client has gone.
    /// </summary>
    public Task<VoiceSettlement> Settle(VoiceAuthorization authorization, VoiceReceipt receipt)
    {
        var use = authorization.Use;
        var charge = receipt.Used.Aggregate(Credits.Zero, (sum, usage) => sum + prices.PriceOf(usage));
        var tokens = receipt.Used.Sum(usage => usage.TextInput + usage.AudioInput + usage.ImageInput + usage.TextOutput + usage.AudioOutput);
        var description = string.Create(CultureInfo.InvariantCulture, $"{use.Action}: {use.Model}, {tokens} tokens");
        return books.Insist(use, async () =>
        {
            var captured = await ledger.Capture(
                new CaptureOrder(use.Account, Unit.Credit, authorization.HoldId, charge, description),
                (transaction, captured) =>
                {
                    if (!captured.Again)
                    {
                        UsageRows.Add(transaction, Row(use.Account, use.Action, use.Model, use.Key, receipt, charge, PaidBy.Credits));
                    }

                    return Task.CompletedTask;
                });
            return new VoiceSettlement(captured.Charged, captured.Balance.Available);
        });
    }

    /// <summary>Gives everything back: the work did not happen. Nobody can call it off.</summary>
    public Task Release(VoiceAuthorization authorization) => Release<VoiceUse>(authorization);

    /// <summary>
    /// Ends the answers of a conversation whose process died. Their keys are those of its uses, <c>name:1</c>, <c>name:2</c>, …, in the order in
    /// which they were authorised: what is open of them goes back, but for what is charged now. As often as it is run, that is charged once.
    /// </summary>
    /// <param name="last">The last use that is known of.</param>
    /// <param name="part">Its number; null: nothing was held.</param>
    /// <param name="receipt">What had been used when it was, and not charged; null: nothing.</param>
    public async Task Close(VoiceUse last, int? part, VoiceReceipt? receipt)
    {
        var name = last.Key[..(last.Key.LastIndexOf(':') + 1)];
        var held = await ledger.HoldsOf(last.Account, name);
        // Who charged a later one, or this one, charged this with it.
        var isDue = receipt is not null && part is { } number && held.Any(hold => hold.Id == last.Key)
            && !held.Any(hold => hold.IsCaptured && int.Parse(hold.Id.AsSpan(name.Length), CultureInfo.InvariantCulture) >= number);
        foreach (var hold in held.Where(hold => hold.IsOpen && !(isDue && hold.Id == last.Key)))
        {
            await ledger.Release(last.Account, Unit.Credit, hold.Id);
        }

        if (isDue)
        {
            await Settle(VoiceAuthorization.Of(last), receipt!);
        }
    }

    /// <summary>
    /// Writes down what a conversation used and cost us that an allowance has paid for: nothing is charged. Once for a key, with the rest of
    /// the transaction. Answers what it cost us, in millionths of a US dollar.
    /// </summary>
    /// <param name="key">Names the use within the account; no key of a hold.</param>
    public long RecordFree(Transaction transaction, AccountId account, string action, string model, string key, VoiceReceipt receipt)
    {
        var row = Row(account, action, model, key, receipt, Credits.Zero, PaidBy.Allowance);
        UsageRows.AddOnce(transaction, row);
        return row.Cost;
    }

    private UsageRow Row(AccountId account, string action, string model, string key, VoiceReceipt receipt, Credits charge, string funding)
    {
        var (input, cached, output) = (0L, 0L, 0L);
        var audio = (Input: 0L, Cached: 0L, Output: 0L);
        foreach (var usage in receipt.Used.Where(usage => !usage.IsTranscription))
        {
            input += usage.TextInput + usage.AudioInput + usage.ImageInput;
            cached += usage.CachedText + usage.CachedAudio + usage.CachedImage;
            output += usage.TextOutput + usage.AudioOutput;
            audio = (audio.Input + usage.AudioInput, audio.Cached + usage.CachedAudio, audio.Output + usage.AudioOutput);
        }

        var details = new
        {
            of = receipt.Metadata,
            audio = new { input = audio.Input, cached = audio.Cached, output = audio.Output },
            transcriptions = receipt.Used.Count(usage => usage.IsTranscription),
        };
        return new UsageRow(
            account, ids.Text(), action, model, Unit.Credit, key, charge.Micro, receipt.Used.Sum(prices.CostOf), VoicePrices.Version, Duration: 0,
            receipt.IsEstimated ? "estimated" : "provider_usage", receipt.Reason, receipt.Used is [.., var last] ? last.Id : null, JsonSerializer.Serialize(details),
            clock.GetUtcNow(), input, cached, output, funding);
    }
}
