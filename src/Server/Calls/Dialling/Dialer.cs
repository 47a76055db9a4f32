using Ledgerline.Calls.Bridge;
using Ledgerline.Calls.Status;
using Ledgerline.Identity;
using Ledgerline.Kernel;
using Ledgerline.Numbers;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Providers.Twilio;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Dialling;

/// <summary>
/// The one door to placing a call. Its allowance or money, its line and its row are there before the carrier is asked, in one
/// transaction; a doubtful answer is looked up, never dialled again.
/// </summary>
public sealed class Dialer
{
    private readonly Database database;
    private readonly Meter meter;
    private readonly Carrier carrier;
    private readonly DialQueue queue;
    private readonly NumberDesk numbers;
    private readonly DoNotCall doNotCall;
    private readonly Accounts accounts;
    private readonly CallDesk desk;
    private readonly LiveCalls running;
    private readonly Leases leases;
    private readonly Ids ids;
    private readonly CallOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger<Dialer> log;

    internal Dialer(
        Database database, Meter meter, Carrier carrier, DialQueue queue, NumberDesk numbers, DoNotCall doNotCall, Accounts accounts, CallDesk desk, LiveCalls running, Leases leases, Ids ids,
        CallOptions options, TimeProvider clock, ILogger<Dialer> log) =>
        (this.database, this.meter, this.carrier, this.queue, this.numbers, this.doNotCall, this.accounts, this.desk, this.running, this.leases, this.ids, this.options, this.clock, this.log) =
        (database, meter, carrier, queue, numbers, doNotCall, accounts, desk, running, leases, ids, options, clock, log);

    /// <summary>Places a call, or says why there is none. What has begun goes on though its caller leaves.</summary>
    public async Task<DialOutcome> Place(DialOrder order, CancellationToken stop)
    {
        var number = options.Numbers.Read(order.Number);
        if (number.Value is not { } to)
        {
            return new DialOutcome.BadNumber(number.Refusal!);
        }

        if (await Objection(order.Account, to, stop) is { } sentence)
        {
            return new DialOutcome.BadNumber(sentence);
        }

        var from = order.Kind == CallKind.Mobile ? carrier.SystemNumber : await numbers.PrimaryOf(order.Account, stop) ?? carrier.SystemNumber;
        if (from is null || carrier.IsOff)
        {
            return new DialOutcome.NoNumber();
        }

        // Its audio would come late, and that of those who talk already even later.
        if (running.IsBehind)
        {
            return new DialOutcome.TooBusy();
        }

        await using var lease = leases.New();
        var now = clock.GetUtcNow();
        var draft = new CallRow
        {
            AccountId = order.Account,
            Id = order.CallId ?? ids.Number(),
            Kind = order.Kind,
            Scenario = order.Scenario.Id,
            PhoneNumber = to,
            OwnNumber = from,
            RequestKey = order.RequestKey,
            UserName = await NameOf(order.Account, stop),
            Ticket = lease.Ticket,
            LeaseUntil = leases.Until,
            ReviewAt = leases.Until,
            CreatedAt = now,
            LineUntil = now + CallOptions.ReservationLifetime,
        };
        return await Reserve(order, draft, stop) switch
        {
            (null, { } outcome) => outcome,
            ({ } answer, _) when answer.Authorization is { } authorization => await Dial(order, draft, authorization, answer.Verdict, lease),
            ({ } answer, _) => new DialOutcome.Denied(answer.Verdict),
            _ => throw new InvalidOperationException("A reservation came to nothing."),
        };
    }

    /// <summary>What a client is told of a call that somebody else may be placing: waits until it is known.</summary>
    internal async Task<DialOutcome> OutcomeOf(long id, CancellationToken stop)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            var call = await database.Read(session => CallBook.Find(session, id, stop), stop);
            switch (call?.Dialling)
            {
                case Dialled.Placed:
                    return new DialOutcome.Placed(Shown(call), null);
                case Dialled.Refused or null:
                    return new DialOutcome.Refused(call?.EndReason ?? "The call is gone", IsPassing: call?.EndReason != CallRules.RefusedForGood);
                case Dialled.Unknown:
                    return new DialOutcome.Unknown(id);
                default:
                    if (clock.GetElapsedTime(began) > CallOptions.Patience)
                    {
                        return new DialOutcome.TooBusy();
                    }

                    await Task.Delay(TimeSpan.FromMilliseconds(50), clock, stop);
                    break;
            }
        }
    }

    private async Task<(AllowanceAnswer? Answer, DialOutcome? Outcome)> Reserve(DialOrder order, CallRow draft, CancellationToken stop)
    {
        try
        {
            var want = Want.Call(isCustom: order.Scenario.Owner is not null);
            var use = new AllowanceUse(order.Account, want, draft.UseKey, CallOptions.ReservationLifetime) { Guard = new DialGuard(draft, order.CallId is null, options, clock) };
            return (await meter.Authorize(use, stop), null);
        }
        catch (DialGuard.Repeated repeated)
        {
            return (null, await OutcomeOf(repeated.Call.Id, stop));
        }
        catch (DialGuard.NoFreeLine)
        {
            return (null, new DialOutcome.NoLine(options.LinesPerAccount));
        }
    }

    // From here on nobody calls it off but a queue that is too long.
    private async Task<DialOutcome> Dial(DialOrder order, CallRow draft, AllowanceAuthorization authorization, Verdict verdict, Leases.Lease lease)
    {
        lease.Renew(async until => await database.Write(transaction => transaction.Execute(
            "UPDATE calls SET lease_until = @until, review_at = @until WHERE account_id = @AccountId AND id = @Id AND ticket = @Ticket",
            new { draft.AccountId, draft.Id, lease.Ticket, until })) == 1);
        using (var patience = new CancellationTokenSource(order.IsPatient ? CallOptions.ReservationLifetime / 2 : CallOptions.Patience, clock))
        {
            try
            {
                await queue.Next(order.Account, patience.Token);
            }
            catch (OperationCanceledException)
            {
                await GiveUp(draft, "It was not dialled: others were before it for too long");
                return new DialOutcome.TooBusy();
            }
        }

        // Written before it is sent: whoever finds this row after a crash looks at the carrier first.
        if (await desk.Change(draft.Id, call => call.Dialling == Dialled.Waiting && call.Ticket == lease.Ticket ? call with { Dialling = Dialled.Asking } : call, CancellationToken.None)
            is not { Dialling: Dialled.Asking, Ticket: var holder } call || holder != lease.Ticket)
        {
            return new DialOutcome.Refused("The call was given up", IsPassing: true);
        }

        authorization.Spend();
        try
        {
            var placed = await carrier.Dial(call with { DurationLimit = verdict.DurationLimitSeconds ?? call.DurationLimit }, CancellationToken.None);
            var known = await desk.Change(call.Id, one => desk.Adopt(one, placed.Sid), CancellationToken.None);
            return new DialOutcome.Placed(Shown(known!), verdict.Standing);
        }
        catch (TwilioFailure failure) when (failure.Trouble != TwilioTrouble.Unknown)
        {
            log.LogWarning("A call was not placed: {Failure}", failure.Message);
            var isPassing = failure.Trouble == TwilioTrouble.NotSent;
            await GiveUp(draft, isPassing ? "The phone service could not be reached" : CallRules.RefusedForGood);
            return new DialOutcome.Refused(failure.Message, isPassing);
        }
        catch (TwilioFailure failure)
        {
            log.LogWarning("Whether a call was placed is unknown: {Failure}", failure.Message);
            return await Doubt(call, verdict);
        }
    }

    // A callback may have come meanwhile, and the carrier's list is asked once before the client is told.
    private async Task<DialOutcome> Doubt(CallRow call, Verdict verdict)
    {
        var now = clock.GetUtcNow();
        var after = await desk.Change(
            call.Id,
            one => one.Dialling == Dialled.Asking ? one with { Dialling = Dialled.Unknown, Ticket = null, LeaseUntil = null, ReviewAt = now + TimeSpan.FromSeconds(2) } : one,
            CancellationToken.None);
        try
        {
            if (after is { Dialling: Dialled.Unknown } && await carrier.Search(after, CancellationToken.None) is { Sid: { } found })
            {
                after = await desk.Change(call.Id, one => desk.Adopt(one, found, isGuess: true), CancellationToken.None);
            }
        }
        catch (TwilioFailure)
        {
            // Asked again later.
        }

        return after is { Dialling: Dialled.Placed } ? new DialOutcome.Placed(Shown(after), verdict.Standing) : new DialOutcome.Unknown(call.Id);
    }

    private async Task GiveUp(CallRow draft, string reason)
    {
        await desk.Change(draft.Id, call => CallRules.NotPlaced(call, reason, clock.GetUtcNow()), CancellationToken.None);
        // The job does the same; but the client's next question shall show the counters as they were.
        await meter.Release(draft.AccountId, draft.UseKey);
    }

    private async Task<string?> Objection(AccountId account, string number, CancellationToken stop) =>
        await doNotCall.Has(account, number, stop) ? "This person has asked not to be called"
        : options.Numbers.DecentTime(number, clock.GetUtcNow()) is { } at ? $"It is not a decent time to call there: try again after {at.Iso()}"
        : null;

    private async Task<string?> NameOf(AccountId account, CancellationToken stop) => await accounts.Find(account, stop) is { } person
        ? person.FullName ?? person.Name ?? person.Email?.Split('@')[0]
        : null;

    private static PlacedCall Shown(CallRow call) => new(call.Id, call.CallSid!, call.OwnNumber, call.PhoneNumber, call.Scenario, call.DurationLimit);
}
