using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Browser;

/// <summary>News: browsers' conversations that nobody looks after have to be looked at.</summary>
public sealed record BrowserCallReviewDue;

/// <summary>Takes over what a dead node looked after, and gives back what no browser came for.</summary>
internal sealed class ReviewBrowserCalls(Database database, BrowserCallRunner runner, Leases leases, Meter meter, TimeProvider clock) : IJob<BrowserCallReviewDue>
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const int AtOnce = 200;

    public async Task Run(BrowserCallReviewDue news, CancellationToken stop)
    {
        foreach (var call in await database.Read(session => BrowserCallBook.ToReview(session, clock.GetUtcNow(), AtOnce, stop), stop))
        {
            if (call.Ticket is { } ticket && !leases.IsFree(ticket, call.LeaseUntil ?? DateTimeOffset.MinValue))
            {
                continue;
            }

            await (call.State == BrowserCallState.Live ? runner.Adopt(call, one => one) : GiveBack(call));
        }
    }

    // What began without its browser having the answer never got as far as a sound.
    private async Task GiveBack(BrowserCallRow call)
    {
        var isMine = await database.Write(async transaction =>
            await BrowserCallBook.Lock(transaction, call.AccountId, call.Id, CancellationToken.None) is { } there && there.State == call.State && there.Ticket == call.Ticket
            && await BrowserCallBook.Delete(transaction, call.AccountId, call.Id));
        if (isMine)
        {
            await meter.Release(call.AccountId, call.Use.Key);
        }
    }
}
