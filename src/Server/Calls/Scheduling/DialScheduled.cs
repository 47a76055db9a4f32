using Ledgerline.Calls.Dialling;
using Ledgerline.Calls.Status;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Scenarios;

namespace Ledgerline.Calls.Scheduling;

/// <summary>
/// Places a scheduled call when it is due: once, on whichever node, whatever crashes. Each attempt has a call id of its own that is
/// written down before anything is dialled, so whoever comes after a crash sees how far the one before had come.
/// </summary>
internal sealed class DialScheduled(
    Database database, Dialer dialer, CallDesk desk, ScenarioDesk scenarios, Offers offers, Outbox outbox, Leases leases, Ids ids, TimeProvider clock) : ITriedJob<ScheduledCallDue>
{
    /// <summary>They wait for their turn to dial and for the carrier.</summary>
    public static readonly JobStyle Style = new() { AtOnce = 40 };

    private const int MostAttempts = 3;
    private const string Unreached = "The phone service could not be reached";
    private static readonly TimeSpan TooLate = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    public async Task Run(ScheduledCallDue news, JobAttempt attempt, CancellationToken stop)
    {
        if (await database.Read(session => Schedule.Find(session, news.Account, news.Id, stop), stop) is not { Status: ScheduleStatus.Scheduled or ScheduleStatus.Dialing } due)
        {
            return;
        }

        if (due.CallId is { } before && await LookBack(due, before, stop))
        {
            return;
        }

        if (clock.GetUtcNow() - due.ScheduledTime > TooLate)
        {
            await End(due, ScheduleStatus.Missed, "It was due more than 15 minutes ago", stop);
            return;
        }

        if (due.Attempts >= MostAttempts)
        {
            await End(due, ScheduleStatus.Failed, Unreached, stop);
            return;
        }

        if (await scenarios.Find(due.AccountId, due.Scenario, stop) is not { Scenario: { } scenario })
        {
            await End(due, ScheduleStatus.Failed, "Its scenario is gone", stop);
            return;
        }

        if (await Begin(due, stop) is { } call)
        {
            await Told(due, await dialer.Place(new DialOrder(due.AccountId, due.PhoneNumber, scenario, due.Kind) { CallId = call, IsPatient = true }, CancellationToken.None), stop);
        }
    }

    // True: nothing is to be dialled now.
    private async Task<bool> LookBack(ScheduledCall due, long id, CancellationToken stop)
    {
        switch (await database.Read(session => CallBook.Find(session, due.AccountId, id, stop), stop))
        {
            case { Dialling: Dialled.Placed }:
                await End(due, ScheduleStatus.Completed, null, stop);
                return true;
            case { Dialling: Dialled.Refused, EndReason: CallRules.RefusedForGood }:
                // Its server died before it wrote that down here.
                await End(due, ScheduleStatus.Failed, CallRules.RefusedForGood, stop);
                return true;
            case { Dialling: Dialled.Waiting } waiting when waiting.Ticket is null || leases.IsFree(waiting.Ticket, waiting.LeaseUntil ?? DateTimeOffset.MinValue):
                // Its server died before it dialled. This one is never dialled now; the next attempt is.
                return await desk.Change(
                    id, call => call.Dialling == Dialled.Waiting && call.Ticket == waiting.Ticket ? CallRules.NotPlaced(call, "Its server stopped before it was dialled", clock.GetUtcNow()) : call, stop)
                    is not { Dialling: Dialled.Refused };
            case { Dialling: Dialled.Waiting or Dialled.Asking or Dialled.Unknown }:
                await Later(due, Soon, stop);
                return true;
            default:
                return false;
        }
    }

    private Task<long?> Begin(ScheduledCall due, CancellationToken stop) => database.Write<long?>(
        async transaction =>
        {
            if (await Schedule.Lock(transaction, due.AccountId, due.Id, stop) is not { Status: ScheduleStatus.Scheduled or ScheduleStatus.Dialing } now || now.CallId != due.CallId)
            {
                return null;
            }

            var call = ids.Number();
            await transaction.Execute(
                "UPDATE scheduled_calls SET status = 'dialing', attempts = attempts + 1, call_id = @call WHERE account_id = @AccountId AND id = @Id", new { due.AccountId, due.Id, call }, stop);
            return call;
        },
        stop);

    private async Task Told(ScheduledCall due, DialOutcome outcome, CancellationToken stop)
    {
        switch (outcome)
        {
            case DialOutcome.Placed:
                await End(due, ScheduleStatus.Completed, null, stop);
                break;
            case DialOutcome.Denied denied:
                await End(due, ScheduleStatus.Skipped, await offers.Sentence(denied.Verdict, stop), stop);
                break;
            case DialOutcome.BadNumber bad:
                await End(due, ScheduleStatus.Skipped, bad.Sentence, stop);
                break;
            case DialOutcome.NoLine or DialOutcome.TooBusy:
                // Nothing was tried.
                await Later(due, Soon, stop, counts: false);
                break;
            case DialOutcome.Unknown:
                await Later(due, Soon, stop);
                break;
            case DialOutcome.Refused { IsPassing: true } when due.Attempts + 1 < MostAttempts:
                await Later(due, TimeSpan.FromSeconds(30 << due.Attempts), stop);
                break;
            case DialOutcome.Refused refused:
                await End(due, ScheduleStatus.Failed, refused.IsPassing ? Unreached : CallRules.RefusedForGood, stop);
                break;
            default:
                await End(due, ScheduleStatus.Failed, "There is no number to call from", stop);
                break;
        }
    }

    private Task End(ScheduledCall due, string status, string? reason, CancellationToken stop) => database.Write(
        transaction => transaction.Execute(
            "UPDATE scheduled_calls SET status = @status, reason = @reason WHERE account_id = @AccountId AND id = @Id AND status IN ('scheduled', 'dialing')",
            new { due.AccountId, due.Id, status, reason },
            stop),
        stop);

    private Task Later(ScheduledCall due, TimeSpan wait, CancellationToken stop, bool counts = true) => database.Write(
        async transaction =>
        {
            await (counts ? Task.CompletedTask : transaction.Execute(
                "UPDATE scheduled_calls SET attempts = attempts - 1 WHERE account_id = @AccountId AND id = @Id AND attempts > 0", new { due.AccountId, due.Id }, stop));
            await outbox.Publish(transaction, new ScheduledCallDue(due.AccountId, due.Id), clock.GetUtcNow() + wait, stop);
        },
        stop);
}
