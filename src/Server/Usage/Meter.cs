using System.Globalization;
using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;

namespace Ledgerline.Usage;

/// <summary>Either leave to go on, or what is missing.</summary>
public sealed record MeterAnswer(Authorization? Authorization, Credits Needed, Credits Available)
{
    /// <summary>What is missing; null where nothing is.</summary>
    public Shortage? Shortage { get; init; }
}

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
public sealed record Settlement(Credits Charged, Credits Available, decimal DurationSeconds);

/// <summary>
/// The one door to paid work: authorise before, settle or release after. Each authorisation ends in exactly one of the two, or in
/// the sweeper's hands when the process died.
/// </summary>
public sealed class Meter(Ledger ledger, PriceBook prices, Database database, Bookkeeping books, Ids ids, TimeProvider clock)
{
    /// <summary>Holds the price of that many seconds, durable before it answers. Refused: nothing happened.</summary>
    public async Task<MeterAnswer> Authorize(AudioUse use, CancellationToken stop = default)
    {
        var (authorization, needed, hold) = await Authorization.Obtain(ledger, use, prices.Audio(use.Model), stop);
        return new MeterAnswer(authorization, needed, Spendable(new WalletBalance(hold.Available, hold.Owed)))
        {
            Shortage = authorization is null ? Shortage.Of(needed, hold) : null,
        };
    }

    /// <summary>What so many seconds would cost the account now; nothing is reserved.</summary>
    public async Task<Quote> Quote(AccountId account, string model, decimal seconds, CancellationToken stop = default)
    {
        var price = prices.Audio(model);
        return new Quote(PriceBook.PriceOf(price, seconds), Spendable(await ledger.Balance(account, price.Unit, stop)));
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
        return books.Insist(
            use,
            () => database.Write(async transaction =>
            {
                var description = string.Create(CultureInfo.InvariantCulture, $"{use.Action}: {duration:0.0}s");
                var captured = await ledger.Capture(transaction, use.Account, authorization.HoldId, charge, description);
                if (!captured.Again)
                {
                    await Record(transaction, authorization, receipt, charge, billed, duration);
                }

                var settlement = new Settlement(captured.Charged, Spendable(captured.Balance), duration);
                if (alsoWithin is not null)
                {
                    await alsoWithin(transaction, settlement);
                }

                return settlement;
            }));
    }

    /// <summary>Gives everything back: the work did not happen. Nobody can call it off.</summary>
    public Task Release(Authorization authorization) =>
        books.Insist(authorization.Use, () => ledger.Release(authorization.Use.Account, authorization.HoldId));

    // Who owes can spend nothing, whatever is left of a lot at that moment.
    private static Credits Spendable(WalletBalance balance) => balance.Owed > Credits.Zero ? Credits.Zero : balance.Available;

    private Task<int> Record(
        Transaction transaction, Authorization authorization, Receipt receipt, Credits charge, decimal billed, decimal duration) =>
        transaction.Execute(
            """
            INSERT INTO usage_records (account_id, id, action, model, unit, hold_id, credits_micro, cost_micro_usd, price_version, duration_ms,
                basis, reason, provider_request_id, metadata, created_at)
            VALUES (@Account, @id, @Action, @Model, @Unit, @HoldId, @credits, @cost, @Version, @duration,
                @basis, @Reason, @ProviderRequestId, @metadata, @now)
            """,
            new
            {
                authorization.Use.Account,
                id = ids.Text(),
                authorization.Use.Action,
                authorization.Use.Model,
                authorization.Price.Unit,
                authorization.HoldId,
                credits = charge.Micro,
                cost = PriceBook.CostOf(authorization.Price, billed),
                authorization.Price.Version,
                duration = (long)Math.Round(duration * 1000, MidpointRounding.AwayFromZero),
                basis = receipt.Consumption switch
                {
                    { BilledSeconds: not null } => "provider_usage",
                    { MeasuredSeconds: not null } => "provider_duration",
                    _ => "decoded",
                },
                receipt.Reason,
                receipt.Consumption.ProviderRequestId,
                metadata = JsonSerializer.Serialize(receipt.Metadata),
                now = clock.GetUtcNow(),
            });
}
