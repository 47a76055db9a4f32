using Ledgerline.Calls.Dialling;
using Ledgerline.Calls.Status;
using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Answering;

/// <summary>Beside the reservation of a call that somebody else placed: the carrier may ask twice, the call is one.</summary>
internal sealed class InboundGuard(CallRow call, CallOptions options, Outbox outbox, TimeProvider clock) : IUseGuard
{
    /// <summary>Nobody may ever tell how it goes: then the carrier is asked.</summary>
    private static readonly TimeSpan UntilHeard = TimeSpan.FromMinutes(1);

    public async Task Admit(Transaction transaction, CancellationToken stop)
    {
        await CallBook.LockAccount(transaction, call.AccountId, stop);
        if (await CallBook.FindBySid(transaction, call.CallSid!, stop) is { } known)
        {
            throw new DialGuard.Repeated(known);
        }
    }

    public async Task Reserved(Transaction transaction, Verdict verdict, CancellationToken stop)
    {
        if (await CallBook.Lines(transaction, call.AccountId, clock.GetUtcNow(), stop) >= options.LinesPerAccount)
        {
            throw new DialGuard.NoFreeLine();
        }

        var limit = verdict.DurationLimitSeconds ?? throw new InvalidOperationException("A call has no limit.");
        var until = call.CreatedAt + TimeSpan.FromSeconds(limit) + CallRules.Grace;
        await CallBook.Insert(transaction, call with { Funding = verdict.Funding!, DurationLimit = limit, LineUntil = until, ReviewAt = call.CreatedAt + UntilHeard }, stop);
        await outbox.Publish(transaction, new InboundAnswered(call.AccountId, call.Id), stop: stop);
    }
}

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

/// <summary>Our sockets as the carrier reaches them: always over TLS, which a proxy before us may end.</summary>
internal static class WebSocketUrl
{
    public static string Of(Http.PublicUrl address, string path) => $"wss://{address.Address.Authority}{address.Address.AbsolutePath.TrimEnd('/')}{path}";
}
