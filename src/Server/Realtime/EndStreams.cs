using Ledgerline.Identity;
using Ledgerline.Jobs;
using Ledgerline.Persistence;

namespace Ledgerline.Realtime;

/// <summary>Whoever is signed out sees nothing more.</summary>
internal sealed class EndStreams(Channels channels) : IWithin<SessionEnded>
{
    public Task Happen(Transaction transaction, IReadOnlyList<SessionEnded> news, CancellationToken stop)
    {
        foreach (var ended in news.GroupBy(one => one.Account))
        {
            channels.EndSessions(transaction, ended.Key, [.. ended.Select(one => one.SessionId)]);
        }

        return Task.CompletedTask;
    }
}
