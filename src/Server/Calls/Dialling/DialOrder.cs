using Ledgerline.Calls.Status;
using Ledgerline.Kernel;
using Ledgerline.Plans;
using Ledgerline.Scenarios;

namespace Ledgerline.Calls.Dialling;

/// <summary>Somebody wants to be connected with a number.</summary>
/// <param name="Number">As a client wrote it.</param>
/// <param name="Kind">One of <see cref="CallKind"/>.</param>
public sealed record DialOrder(AccountId Account, string? Number, Scenario Scenario, string Kind)
{
    /// <summary>The call's id, for who must know it before it is placed; null: a new one.</summary>
    public long? CallId { get; init; }

    /// <summary>The same key is the same call, for ever.</summary>
    public string? RequestKey { get; init; }

    /// <summary>Waits for its turn as long as that takes, because nobody waits for the answer.</summary>
    public bool IsPatient { get; init; }
}

/// <summary>What became of it.</summary>
public abstract record DialOutcome
{
    private DialOutcome()
    {
    }

    /// <summary>The carrier has it.</summary>
    /// <param name="Standing">What the account has left with this call counted; null when it is an earlier call's answer.</param>
    public sealed record Placed(PlacedCall Call, Standing? Standing) : DialOutcome;

    /// <summary>Nothing that the account has pays for it.</summary>
    public sealed record Denied(Verdict Verdict) : DialOutcome;

    /// <summary>No such number is dialled: 400 with this sentence.</summary>
    public sealed record BadNumber(string Sentence) : DialOutcome;

    /// <summary>There is nothing to call from.</summary>
    public sealed record NoNumber : DialOutcome;

    /// <summary>As many calls of the account run as may.</summary>
    public sealed record NoLine(int Lines) : DialOutcome;

    /// <summary>Others were before it for too long; nothing was sent.</summary>
    public sealed record TooBusy : DialOutcome;

    /// <summary>The carrier says no, or could not be reached; nothing was placed.</summary>
    public sealed record Refused(string Sentence, bool IsPassing) : DialOutcome;

    /// <summary>Nobody knows whether the carrier has it: it is looked for, and never dialled again.</summary>
    public sealed record Unknown(long CallId) : DialOutcome;
}

/// <summary>A call that the carrier has.</summary>
public sealed record PlacedCall(long Id, string Sid, string From, string To, string Scenario, int DurationLimitSeconds);
