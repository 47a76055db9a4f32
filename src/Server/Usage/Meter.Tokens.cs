using System.Globalization;
using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;

namespace Ledgerline.Usage;

/// <summary>Either leave to have a conversation continued, or what is missing.</summary>
public sealed record TokenAnswer(TokenAuthorization? Authorization, Credits Needed, Credits Available) : FundsAnswer(Needed, Available);

/// <summary>What a conversation used in the end.</summary>
/// <param name="Reason">Why it ended: <c>done</c>, <c>client_gone</c>, …</param>
/// <param name="Metadata">Kept on the usage record as JSON; no content, no secrets.</param>
public sealed record TokenReceipt(TokenUsage Usage, string Reason, object Metadata);

/// <summary>What was charged for tokens, and what can be spent now.</summary>
public sealed record TokenSettlement(Credits Charged, Credits Available, TokenUsage Usage)
{
    /// <summary>The key under which the use was authorised: names it for ever.</summary>
    public required string UseKey { get; init; }
}

/// <summary>The meter of what is paid by the token.</summary>
public sealed partial class Meter
{
    /// <summary>Holds the most that the use can cost, durable before it answers. Refused: nothing happened.</summary>
    /// <exception cref="InvalidOperationException">The key was used before, or the model has no price.</exception>
    public async Task<TokenAnswer> Authorize(TokenUse use, CancellationToken stop = default)
    {
        var price = prices.Tokens(use.Model);
        var (authorization, needed, hold) = await TokenAuthorization.Obtain(ledger, use, price, stop);
        return new TokenAnswer(authorization, needed, hold.Available)
        {
            Shortage = authorization is null ? await Missing(use, price.Unit, needed, hold, stop) : null,
        };
    }

    /// <summary>
    /// For work that begins again because the process died: leave to go on with the hold there is. Null when it has ended, or never was;
    /// whether the provider was asked before, nobody knows.
    /// </summary>
    public Task<TokenAuthorization?> Resume(TokenUse use, CancellationToken stop = default) =>
        TokenAuthorization.Resume(ledger, use, prices.Tokens(use.Model), stop);

    /// <summary>
    /// Books the tokens that were used: usage record, ledger rows and balance in one transaction, with whatever else belongs to it. Nobody
    /// can call it off: what was used is booked though the client has gone.
    /// </summary>
    /// <param name="alsoWithin">Runs in the same transaction with what was charged, so that an answer kept for replay is true.</param>
    public Task<TokenSettlement> Settle(TokenAuthorization authorization, TokenReceipt receipt, Func<Transaction, TokenSettlement, Task>? alsoWithin = null)
    {
        var (use, price, usage) = (authorization.Use, authorization.Price, receipt.Usage);
        var charge = PriceBook.PriceOf(price, usage);
        var description = string.Create(CultureInfo.InvariantCulture, $"{use.Action}: {use.Model}, {usage.Input} + {usage.Output} tokens");
        return books.Insist(use, async () =>
        {
            TokenSettlement Of(CaptureAnswer captured) => new(captured.Charged, captured.Balance.Available, usage) { UseKey = use.Key };
            return Of(await ledger.Capture(
                new CaptureOrder(use.Account, price.Unit, authorization.HoldId, charge, description),
                (transaction, captured) =>
                {
                    if (!captured.Again)
                    {
                        UsageRows.Add(transaction, Row(use.Account, use.Action, price, use.Key, receipt, charge, PaidBy.Credits));
                    }

                    return alsoWithin?.Invoke(transaction, Of(captured)) ?? Task.CompletedTask;
                }));
        });
    }

    /// <summary>Gives everything back: the work did not happen. Nobody can call it off.</summary>
    public Task Release(TokenAuthorization authorization) => Release<TokenUse>(authorization);

    /// <summary>
    /// Writes down what an answer used and cost us that an allowance has paid for: nothing is charged. Together with all others of the
    /// transaction, and once for a key.
    /// </summary>
    /// <param name="key">Names the use within the account; no key of a hold.</param>
    /// <param name="reason">As <see cref="TokenReceipt"/> has it.</param>
    public void RecordFree(
        Transaction transaction, AccountId account, string action, string model, string key, TokenUsage usage, object metadata, string reason = "done") =>
        UsageRows.AddOnce(
            transaction,
            Row(account, action, prices.Tokens(model), key, new TokenReceipt(usage, reason, metadata), Credits.Zero, PaidBy.Allowance));

    private UsageRow Row(AccountId account, string action, TokenPrice price, string key, TokenReceipt receipt, Credits charge, string funding) => new(
        account, ids.Text(), action, price.Model, price.Unit, key, charge.Micro, PriceBook.CostOf(price, receipt.Usage), price.Version, Duration: 0,
        receipt.Usage.IsEstimated ? "estimated" : "provider_usage", receipt.Reason, receipt.Usage.ProviderRequestId, JsonSerializer.Serialize(receipt.Metadata),
        clock.GetUtcNow(), receipt.Usage.Input, receipt.Usage.CachedInput, receipt.Usage.Output, funding);
}
