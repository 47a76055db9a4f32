using System.Globalization;
using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;

namespace Ledgerline.Usage;

/// <summary>Either leave to go on, or what is missing.</summary>
public sealed record MeterAnswer(Authorization? Authorization, Credits Needed, Credits Available);

/// <summary>What was used in the end.</summary>
/// <param name="Reason">Why it ended: <c>done</c>, <c>client_gone</c>, …</param>
/// <param name="Metadata">Kept on the usage record as JSON; no content, no secrets.</param>
public sealed record Receipt(Consumption Consumption, string Reason, object Metadata);

/// <summary>What was charged, and what can be spent now.</summary>
public sealed record Settlement(Credits Charged, Credits Available, decimal Seconds);

/// <summary>
/// The one door to paid work: authorise before, settle or release after. Each authorisation ends in exactly one of the two, or in
/// the sweeper's hands when the process died.
/// </summary>
public sealed class Meter(Ledger ledger, PriceBook prices, Database database, Ids ids, TimeProvider clock)
{
    /// <summary>Holds the price of that many seconds, durable before it answers. Refused: nothing happened.</summary>
    public async Task<MeterAnswer> Authorize(AudioUse use, CancellationToken stop = default)
    {
        var (authorization, needed, hold) = await Authorization.Obtain(ledger, use, prices.Audio(use.Model), stop);
        return new MeterAnswer(authorization, needed, hold.Owed > Credits.Zero ? Credits.Zero : hold.Available);
    }

    /// <summary>What so many seconds would cost now.</summary>
    public Credits Estimate(string model, decimal seconds) => PriceBook.PriceOf(prices.Audio(model), seconds);

    /// <summary>
    /// Books what was measured: usage record, ledger rows and balance in one transaction, with whatever else belongs to it.
    /// </summary>
    /// <param name="alsoWithin">Runs in the same transaction with what was charged, so that an answer kept for replay is true.</param>
    public Task<Settlement> Settle(
        Authorization authorization, Receipt receipt, Func<Transaction, Settlement, Task>? alsoWithin = null, CancellationToken stop = default)
    {
        var (use, price) = (authorization.Use, authorization.Price);
        var (seconds, basis) = Measure(receipt.Consumption, use.Seconds);
        var charge = PriceBook.PriceOf(price, seconds);
        return database.Write(
            async transaction =>
            {
                var description = string.Create(CultureInfo.InvariantCulture, $"{use.Action}: {seconds:0.0}s");
                var captured = await ledger.Capture(transaction, use.Account, authorization.HoldId, charge, description, stop);
                if (!captured.Again)
                {
                    await Record(transaction, authorization, receipt, charge, seconds, basis, stop);
                }

                var settlement = new Settlement(captured.Charged, captured.Balance.Available, seconds);
                if (alsoWithin is not null)
                {
                    await alsoWithin(transaction, settlement);
                }

                return settlement;
            },
            stop);
    }

    /// <summary>Gives everything back: the work did not happen.</summary>
    public Task Release(Authorization authorization, CancellationToken stop = default) =>
        ledger.Release(authorization.Use.Account, authorization.HoldId, stop);

    // What the provider bills counts first, then what it measured, then what we decoded ourselves.
    private static (decimal Seconds, string Basis) Measure(Consumption consumption, decimal decoded) => consumption switch
    {
        { BilledSeconds: { } billed } => (billed, "provider_usage"),
        { MeasuredSeconds: { } measured } => (measured, "provider_duration"),
        _ => (decoded, "decoded"),
    };

    private Task<int> Record(
        Transaction transaction, Authorization authorization, Receipt receipt, Credits charge, decimal seconds, string basis, CancellationToken stop) =>
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
                cost = PriceBook.CostOf(authorization.Price, seconds),
                authorization.Price.Version,
                duration = (long)Math.Ceiling(seconds * 1000),
                basis,
                receipt.Reason,
                receipt.Consumption.ProviderRequestId,
                metadata = JsonSerializer.Serialize(receipt.Metadata),
                now = clock.GetUtcNow(),
            },
            stop);
}
