using Ledgerline.Calls.Status;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Dialling;

/// <summary>Beside a call's reservation: no repetition, a free line, and the call's row, all in one transaction.</summary>
/// <param name="isRepeatable">It may be the same call again, by a client that repeats by itself.</param>
internal sealed class DialGuard(CallRow draft, bool isRepeatable, CallOptions options, TimeProvider clock) : IUseGuard
{
    public async Task Admit(Transaction transaction, CancellationToken stop)
    {
        await CallBook.LockAccount(transaction, draft.AccountId, stop);
        if (draft.RequestKey is { } key && await CallBook.FindByRequest(transaction, draft.AccountId, key, stop) is { } same)
        {
            throw new Repeated(same);
        }

        var since = clock.GetUtcNow() - options.RepeatWindow;
        if (isRepeatable && await CallBook.Last(transaction, draft.AccountId, draft.PhoneNumber, draft.Scenario, since, stop) is { } before)
        {
            throw new Repeated(before);
        }
    }

    public async Task Reserved(Transaction transaction, Verdict verdict, CancellationToken stop)
    {
        if (await CallBook.Lines(transaction, draft.AccountId, clock.GetUtcNow(), stop) >= options.LinesPerAccount)
        {
            throw new NoFreeLine();
        }

        await CallBook.Insert(
            transaction,
            draft with { Funding = verdict.Funding!, DurationLimit = verdict.DurationLimitSeconds ?? throw new InvalidOperationException("A call has no limit.") },
            stop);
    }

    /// <summary>The same call is being placed, or was a moment ago.</summary>
    internal sealed class Repeated(CallRow call) : Exception("The call repeats one of a moment ago.")
    {
        public CallRow Call => call;
    }

    /// <summary>All of the account's lines are taken.</summary>
    internal sealed class NoFreeLine() : Exception("All lines are taken.");
}
