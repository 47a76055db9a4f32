using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Usage;

namespace Ledgerline.Gateway;

/// <summary>A recording that somebody wants worked on for money.</summary>
/// <param name="Action">As the ledger names it.</param>
/// <param name="Metadata">Kept on the usage record as JSON; no content, no secrets.</param>
public sealed record AudioWork(AccountId Account, string Action, string Model, object Metadata)
{
    /// <summary>An ISO code, where the model is told by us.</summary>
    public string? Language { get; init; }

    /// <summary>Counts it besides the wallet.</summary>
    public SpendLimit? Limit { get; init; }
}

/// <summary>What a model made of a recording, and what that used.</summary>
/// <param name="Reason">Why it ended, where that is not <c>done</c> or <c>client_gone</c>.</param>
public sealed record Heard<T>(T Value, Consumption Consumption, string? Reason = null);

/// <summary>How paid work on a recording ended: exactly one of the cases below.</summary>
public abstract record AudioOutcome<T>
{
    private AudioOutcome()
    {
    }

    /// <summary>Nothing was done: there is no money behind it.</summary>
    public sealed record NotPaid(MeterAnswer Answer) : AudioOutcome<T>;

    /// <summary>The provider failed; the money went back.</summary>
    public sealed record Failed(ModelFailure Failure) : AudioOutcome<T>;

    /// <summary>Done and charged.</summary>
    public sealed record Settled(T Value, Settlement Settlement) : AudioOutcome<T>;
}
