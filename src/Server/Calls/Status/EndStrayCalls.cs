using Ledgerline.Calls.Dialling;
using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Ledgerline.Providers.Twilio;

namespace Ledgerline.Calls.Status;

/// <summary>News: what runs at the carrier has to be held against what runs here.</summary>
public sealed record StrayCallsDue;

/// <summary>Ends what runs at the carrier although it is over in our books, and says how many calls run there that we never heard of.</summary>
internal sealed class EndStrayCalls(Database database, Carrier carrier, TimeProvider clock, ILogger<EndStrayCalls> log) : IJob<StrayCallsDue>
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task Run(StrayCallsDue news, CancellationToken stop)
    {
        if (carrier.IsOff || !await database.Read(AnyCall, stop))
        {
            return;
        }

        try
        {
            var strangers = 0;
            foreach (var one in await carrier.Running(stop))
            {
                var call = await database.Read(session => CallBook.FindBySid(session, one.Sid, stop), stop);
                if (call is null)
                {
                    strangers++;
                }
                else if (call.IsOver && clock.GetUtcNow() - call.EndedAt > Patience)
                {
                    log.LogWarning("Call {Call} is over here and runs at the carrier: it is ended", call.Id);
                    await carrier.HangUp(call, stop);
                }
            }

            if (strangers > 0)
            {
                // Another product may share the account: what is not ours is not ended.
                log.LogWarning("{Count} calls run at the carrier that are not in our books", strangers);
            }
        }
        catch (TwilioFailure failure)
        {
            log.LogWarning("The carrier's calls could not be read: {Failure}", failure.Message);
        }
    }

    // Who never placed a call asks nobody every minute.
    private static async Task<bool> AnyCall(Session session) => await session.Maybe<long?>("SELECT id FROM calls LIMIT 1") is not null;
}
