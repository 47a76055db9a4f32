using Ledgerline.Persistence;

namespace Ledgerline.Jobs;

/// <summary>Work that may run more than once: it must leave the same world after the second time as after the first.</summary>
public interface IJob<in TNews>
{
    Task Run(TNews news, CancellationToken stop);
}

/// <summary>Work that wants to know how often it was tried, or to end in the transaction of its effect.</summary>
public interface ITriedJob<in TNews>
{
    Task Run(TNews news, JobAttempt attempt, CancellationToken stop);
}

/// <summary>One try of a job.</summary>
public sealed class JobAttempt
{
    private readonly JobRow row;

    internal JobAttempt(JobRow row, JobStyle style)
    {
        this.row = row;
        IsHopeless = row.Crashes >= style.Crashes;
        IsLast = IsHopeless || Number >= style.Attempts;
    }

    /// <summary>1 for the first. One that ended with its node is no try: the next has its number.</summary>
    public int Number => row.Failures + 1;

    /// <summary>Which run of the job this is, those included that ended with their node: no other run has the same.</summary>
    public int Run => row.Attempt;

    /// <summary>So many runs ended with their node that this one must not do the work again: it only says what becomes of it.</summary>
    public bool IsHopeless { get; }

    /// <summary>When this fails the job is kept as failed, and nobody tries again.</summary>
    public bool IsLast { get; }

    /// <summary>True once it has ended for good.</summary>
    internal bool IsDone { get; private set; }

    /// <summary>Ends the job in the transaction of its effect: both are true or neither.</summary>
    public void Done(Transaction transaction)
    {
        JobQueue.Finish(transaction, row.Id);
        transaction.OnCommit(() => IsDone = true);
    }
}

/// <summary>The failure of a job that knows when trying again is worth it.</summary>
public interface IRetryHint
{
    /// <summary>Not before so long has passed; null: as the job's own rule says.</summary>
    TimeSpan? RetryAfter { get; }
}

/// <summary>What must happen in the very transaction that caused it, so that both are true or neither.</summary>
public interface IWithin<in TNews>
{
    /// <summary>Called once right before the commit, with all such news of the transaction in the order they were published.</summary>
    Task Happen(Transaction transaction, IReadOnlyList<TNews> news, CancellationToken stop);
}

/// <summary>News with a lane are worked off one after another, in the order they were written.</summary>
public interface IInLane
{
    string Lane { get; }
}

/// <summary>How jobs of one kind are run.</summary>
public sealed record JobStyle
{
    /// <summary>Eight at a time with all others of this style, up to twenty times within some hours.</summary>
    public static readonly JobStyle Common = new();

    /// <summary>So many at once on a node, beside those of every other kind; null: among the common ones.</summary>
    public int? AtOnce { get; init; }

    /// <summary>
    /// Where a place is free on the node that publishes it, it is claimed in the transaction that writes it, and begins with its commit. Who
    /// publishes holds a lock by which the news of a lane follow one another.
    /// </summary>
    public bool BeginsHere { get; init; }

    /// <summary>After so many failures it is kept for the operator.</summary>
    public int Attempts { get; init; } = Backoff.Attempts;

    /// <summary>And after so many runs that ended with their node: it may well be the job that ends them.</summary>
    public int Crashes { get; init; } = 30;

    /// <summary>Of the attempt that failed, from 1, and a random number from 0 up to 1000: how long to wait.</summary>
    public Func<int, int, TimeSpan> Wait { get; init; } = Backoff.After;
}

/// <summary>A job waiting in the table, as claimed by this node.</summary>
internal sealed class JobRow
{
    public long Id { get; init; }
    public required string Kind { get; init; }
    public required string Payload { get; init; }

    /// <summary>How often it was claimed.</summary>
    public int Attempt { get; init; }

    /// <summary>How many of these runs ended with a failure.</summary>
    public int Failures { get; init; }

    /// <summary>How many ended in no way at all, with their node.</summary>
    public int Crashes => Attempt - 1 - Failures;
}
