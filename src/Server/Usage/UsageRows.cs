using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Usage;

/// <summary>Writes what was used, beside what was charged for it and in the same transaction.</summary>
internal static class UsageRows
{
    private const string Insert =
        """
        INSERT INTO usage_records (account_id, id, action, model, unit, hold_id, credits_micro, cost_micro_usd, price_version, duration_ms,
            basis, reason, provider_request_id, metadata, created_at, input_tokens, cached_tokens, output_tokens, funding)
        SELECT r.account, r.id, r.action, r.model, r.unit, r.hold, r.credits, r.cost, r.version, r.duration,
            r.basis, r.reason, r.request_id, r.metadata, r.at, r.input_tokens, r.cached_tokens, r.output_tokens, r.funding
        FROM {rows}
        """;

    private const string InsertOnce = $"{Insert} WHERE true ON CONFLICT (hold_id, account_id) DO NOTHING";

    public static void Add(Transaction transaction, UsageRow row) => transaction.Defer(Insert, row);

    /// <summary>As <see cref="Add"/>; what is recorded under the same key already stays as it is.</summary>
    public static void AddOnce(Transaction transaction, UsageRow row) => transaction.Defer(InsertOnce, row);
}

/// <summary>Out of what a use was paid, as its record says.</summary>
internal static class PaidBy
{
    /// <summary>Charged for by the hold that the record names.</summary>
    public const string Credits = "credits";

    /// <summary>Nothing was charged; the record's hold is only a name.</summary>
    public const string Allowance = "allowance";
}

/// <summary>One thing a customer used.</summary>
/// <param name="Hold">What was charged for it; out of an allowance the key that names the use.</param>
/// <param name="Funding">One of <see cref="PaidBy"/>.</param>
internal readonly record struct UsageRow(
    AccountId Account, string Id, string Action, string Model, string Unit, string Hold, long Credits, long Cost, string Version, long Duration,
    string Basis, string Reason, string? RequestId, string Metadata, DateTimeOffset At,
    long InputTokens = 0, long CachedTokens = 0, long OutputTokens = 0, string Funding = PaidBy.Credits);
