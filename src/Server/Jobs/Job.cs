namespace Ledgerline.Jobs;

/// <summary>Work that may run more than once: it must leave the same world after the second time as after the first.</summary>
public interface IJob<in TNews>
{
    Task Run(TNews news, CancellationToken stop);
}

/// <summary>What must happen in the very transaction that caused it, so that both are true or neither.</summary>
public interface IWithin<in TNews>
{
    /// <summary>Called once right before the commit, with all such news of the transaction in the order they were published.</summary>
    Task Happen(Persistence.Transaction transaction, IReadOnlyList<TNews> news, CancellationToken stop);
}

/// <summary>News with a lane are worked off one after another, in the order they were written.</summary>
public interface IInLane
{
    string Lane { get; }
}

/// <summary>A job waiting in the table, as claimed by this node.</summary>
internal sealed class JobRow
{
    public long Id { get; init; }
    public required string Kind { get; init; }
    public required string Payload { get; init; }
    public int Attempt { get; init; }
}
