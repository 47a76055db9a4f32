using Ledgerline.Kernel;
using Ledgerline.Plans;

namespace Ledgerline.Usage.Recorded;

/// <summary>Something that was used, to be recorded.</summary>
/// <param name="Service">The name of a <see cref="MeteredService"/>.</param>
/// <param name="Amount">1 to a million units; what is counted in minutes counts the started ones.</param>
public sealed record NewServiceUse(AccountId Account, string Service, long Amount)
{
    /// <summary>As it is shown; the service's own when it is not given.</summary>
    public string? Unit { get; init; }

    /// <summary>The id of what was used; of each service it is recorded once.</summary>
    public string? Resource { get; init; }

    /// <summary>An operator's price in US dollars a unit, in place of ours: shown, and billed as it is shown.</summary>
    public decimal? UnitPrice { get; init; }

    /// <summary>By these it is billed, whatever the account has now: it was let through on them. Null: by those of the plan it has.</summary>
    public PlanTerms? Terms { get; init; }

    /// <summary>It was paid for when it was used, from credits or an allowance: it is shown, and never billed a second time.</summary>
    public bool IsPrepaid { get; init; }
}

/// <summary>A use as it stands in the books.</summary>
public sealed record ServiceUse
{
    /// <summary>A positive integer below 2^53.</summary>
    public long Id { get; init; }

    public required string Service { get; init; }
    public long Amount { get; init; }
    public required string Unit { get; init; }

    /// <summary>US dollars a unit, exact.</summary>
    public required string UnitPrice { get; init; }

    /// <summary>Rounded half up, once.</summary>
    public long TotalCents { get; init; }

    public string? Resource { get; init; }
    public required string BillingPeriod { get; init; }
    public DateTimeOffset RecordedAt { get; init; }
    public AccountId AccountId { get; init; }

    /// <summary>The subscription that pays by use is charged for it.</summary>
    public bool IsBilled { get; init; }
}

/// <summary>What was used of a service in a month.</summary>
/// <param name="Unit">As the latest use named it.</param>
/// <param name="CostCents">The exact sum, rounded half up once.</param>
public sealed record ServiceSum(string Service, long Amount, long CostCents, string Unit, long Records);
