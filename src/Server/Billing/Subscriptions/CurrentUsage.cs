using Ledgerline.Kernel;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>
/// What an account has used in a time, by service. The roof hands it in: whoever counts the use stands on the same floor, and
/// neighbours do not know each other.
/// </summary>
public delegate Task<IReadOnlyDictionary<string, CurrentUsage>> UsageOfPeriod(AccountId account, DateTimeOffset from, DateTimeOffset until, CancellationToken stop);

/// <param name="Amount">In the unit.</param>
/// <param name="Cost">In cents.</param>
public sealed record CurrentUsage(long Amount, long Cost, string Unit);
