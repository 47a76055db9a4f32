using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Usage;

/// <summary>Writes what was used, beside what was charged for it and in the same transaction.</summary>
internal static class UsageRows
{
    public static void Add(Transaction transaction, UsageRow row) => transaction.Defer(
        """
        INSERT INTO usage_records (account_id, id, action, model, unit, hold_id, credits_micro, cost_micro_usd, price_version, duration_ms,
            basis, reason, provider_request_id, metadata, created_at)
        SELECT r.account, r.id, r.action, r.model, r.unit, r.hold, r.credits, r.cost, r.version, r.duration,
            r.basis, r.reason, r.request_id, r.metadata, r.at
        FROM {rows}
        """,
        row);
}

/// <summary>One thing a customer used.</summary>
internal readonly record struct UsageRow(
    AccountId Account, string Id, string Action, string Model, string Unit, string Hold, long Credits, long Cost, string Version, long Duration,
    string Basis, string Reason, string? RequestId, string Metadata, DateTimeOffset At);
