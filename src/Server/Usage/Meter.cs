using System.Globalization;
using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;

namespace Ledgerline.Usage;

/// <summary>What some work needs, and what is there to pay it.</summary>
public abstract record FundsAnswer(Credits Needed, Credits Available)
{
    /// <summary>What is missing; null where nothing is.</summary>
    public Shortage? Shortage { get; init; }
}

/// <summary>Either leave to have a recording worked on, or what is missing.</summary>
public sealed record MeterAnswer(Authorization? Authorization, Credits Needed, Credits Available) : FundsAnswer(Needed, Available);

/// <summary>What something would cost, and what is there to pay it.</summary>
public sealed record Quote(Credits Needed, Credits Available)
{
    public bool CanAfford => Available >= Needed;
}

/// <summary>What was used in the end.</summary>
/// <param name="Reason">Why it ended: <c>done</c>, <c>client_gone</c>, …</param>
/// <param name="Metadata">Kept on the usage record as JSON; no content, no secrets.</param>
public sealed record Receipt(Consumption Consumption, string Reason, object Metadata);

/// <summary>What was charged, and what can be spent now.</summary>
/// <param name="DurationSeconds">How long the recording was: as the provider measured it, else as we decoded it.</param>
public sealed record Settlement(Credits Charged, Credits Available, decimal DurationSeconds)
{
    /// <summary>The key under which the use was authorised: names it for ever.</summary>
    public required string UseKey { get; init; }
}

/// <summary>
/// The one door to paid work: authorise before, settle or release after. Each authorisation ends in exactly one of the two, or in
/// the sweeper's hands when the process died.
/// </summary>
public sealed partial class Meter(Ledger ledger, PriceBook prices, Bookkeeping books, Ids ids, TimeProvider clock, Allowances? allowances = null)
{
    /// <summary>Holds the price of that many seconds, durable before it answers. Refused: nothing happened.</summary>
    public async Task<MeterAnswer> Authorize(AudioUse use, CancellationToken stop = default)
    {
        var price = prices.Audio(use.Model);
        var (authorization, needed, hold) = await Authorization.Obtain(ledger, use, price, stop);
        return new MeterAnswer(authorization, needed, hold.Available)
        {
            Shortage = authorization is null ? await Missing(use, price.Unit, needed, hold, stop) : null,
        };
    }

    /// <summary>What so many seconds would cost the account now; nothing is reserved.</summary>
    public async Task<Quote> Quote(AccountId account, string model, decimal seconds, CancellationToken stop = default)
    {
        var price = prices.Audio(model);
        return new Quote(PriceBook.PriceOf(price, seconds), (await ledger.Balance(account, price.Unit, stop)).Available);
    }

    /// <summary>
    /// Books what was measured: usage record, ledger rows and balance in one transaction, with whatever else belongs to it. Nobody
    /// can call it off: what was used is booked though the client has gone.
    /// </summary>
    /// <param name="alsoWithin">Runs in the same transaction with what was charged, so that an answer kept for replay is true.</param>
    public Task<Settlement> Settle(Authorization authorization, Receipt receipt, Func<Transaction, Settlement, Task>? alsoWithin = null)
    {
        var (use, price, used) = (authorization.Use, authorization.Price, receipt.Consumption);
        // What the provider bills counts first, then what it measured, then what we decoded ourselves.
        var duration = used.MeasuredSeconds ?? use.Seconds;
        var billed = used.BilledSeconds ?? duration;
        var charge = PriceBook.PriceOf(price, billed);
        var description = string.Create(CultureInfo.InvariantCulture, $"{use.Action}: {duration:0.0}s");
        return books.Insist(use, async () =>
        {
            Settlement Of(CaptureAnswer captured) => new(captured.Charged, captured.Balance.Available, duration) { UseKey = use.Key };
            return Of(await ledger.Capture(
                new CaptureOrder(use.Account, price.Unit, authorization.HoldId, charge, description),
                (transaction, captured) =>
                {
                    if (!captured.Again)
                    {
                        Record(transaction, authorization, receipt, charge, billed, duration);
                    }

                    return alsoWithin?.Invoke(transaction, Of(captured)) ?? Task.CompletedTask;
                }));
        });
    }

    /// <summary>Gives everything back: the work did not happen. Nobody can call it off.</summary>
    public Task Release(Authorization authorization) => Release<AudioUse>(authorization);

    private Task Release<TUse>(Authorization<TUse> authorization)
        where TUse : PaidUse =>
        books.Insist(authorization.Use, () => ledger.Release(authorization.Use.Account, authorization.Unit, authorization.HoldId));

    // Only who is refused needs to know why: whoever owes can spend nothing.
    private async Task<Shortage> Missing(PaidUse use, string unit, Credits needed, HoldAnswer hold, CancellationToken stop) =>
        Shortage.Of(needed, hold, (await ledger.Balance(use.Account, unit, stop)).Owed > Credits.Zero);

    private void Record(
        Transaction transaction, Authorization authorization, Receipt receipt, Credits charge, decimal billed, decimal duration) => UsageRows.Add(
        transaction,
        new UsageRow(
            authorization.Use.Account,
            ids.Text(),
            authorization.Use.Action,
            authorization.Use.Model,
            authorization.Price.Unit,
            authorization.HoldId,
            charge.Micro,
            PriceBook.CostOf(authorization.Price, billed),
            authorization.Price.Version,
            (long)Math.Round(duration * 1000, MidpointRounding.AwayFromZero),
            receipt.Consumption switch
            {
                { BilledSeconds: not null } => "provider_usage",
                { MeasuredSeconds: not null } => "provider_duration",
                _ => "decoded",
            },
            receipt.Reason,
            receipt.Consumption.ProviderRequestId,
            JsonSerializer.Serialize(receipt.Metadata),
            clock.GetUtcNow()));
}
