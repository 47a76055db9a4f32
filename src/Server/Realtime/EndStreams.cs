using Ledgerline.Identity;
using Ledgerline.Jobs;
using Ledgerline.Persistence;

namespace Ledgerline.Realtime;

/// <summary>Whoever is signed out sees nothing more.</summary>
internal sealed class EndStreams(Channels channels) : IWithin<SessionEnded>
{
    public Task Happen(Transaction transaction, SessionEnded news, CancellationToken stop) =>
        channels.EndSessions(transaction, news.Account, [news.SessionId], stop);
}
