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
        await CallBook.Insert(transaction, call with { Funding = verdict.Funding!, DurationLimit = limit, LineUntil = until }, stop);
        await outbox.Publish(transaction, new InboundAnswered(call.AccountId, call.Id), stop: stop);
    }
}
