using Ledgerline.Calls.Dialling;
using Ledgerline.Calls.Status;
using Ledgerline.Jobs;
using Ledgerline.Persistence;

namespace Ledgerline.Calls.Answering;

/// <summary>Tells the carrier when a call has to end that somebody else placed.</summary>
internal sealed class LimitInbound(Database database, Carrier carrier) : IJob<InboundAnswered>
{
    public async Task Run(InboundAnswered news, CancellationToken stop)
    {
        if (await database.Read(session => CallBook.Find(session, news.Account, news.CallId, stop), stop) is { IsOver: false } call)
        {
            await carrier.Limit(call, call.DurationLimit, stop);
        }
    }
}
