using Ledgerline.Calls.Dialling;
using Ledgerline.Calls.Status;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Calls.Live;

/// <summary>News: a person was told that their call is recorded, and is being connected.</summary>
public sealed record RecordingDue(AccountId Account, long CallId);

/// <summary>Has the carrier record a call from now on; as often as it is run, once.</summary>
internal sealed class BeginRecording(Database database, Carrier carrier) : IJob<RecordingDue>
{
    public async Task Run(RecordingDue news, CancellationToken stop)
    {
        if (await database.Read(session => CallBook.Find(session, news.Account, news.CallId, stop), stop) is { IsOver: false } call)
        {
            await carrier.Record(call, stop);
        }
    }
}
