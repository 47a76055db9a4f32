using Ledgerline.Jobs;

namespace Ledgerline.Realtime;

/// <summary>Each hour.</summary>
internal sealed record ForgetEventsDue;

/// <summary>Deletes events that nobody can ask for any more.</summary>
internal sealed class ForgetEvents(EventLog events) : IJob<ForgetEventsDue>
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    public Task Run(ForgetEventsDue news, CancellationToken stop) => events.Forget(stop);
}
