using Ledgerline.Calls.Dialling;
using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Providers.Twilio;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Status;

/// <summary>News: calls that nobody heard of for too long have to be looked after.</summary>
public sealed record CallReviewDue;

/// <summary>
/// Looks after every call whose time to be heard of has passed: after a crash, a lost callback, a doubtful answer of the carrier. The
/// carrier's own record decides; what it does not have is given back.
/// </summary>
internal sealed class ReviewCalls(
    Database database, CallDesk desk, Carrier carrier, SettleCall settle, Leases leases, Meter meter, CallOptions options, TimeProvider clock, ILogger<ReviewCalls> log) : IJob<CallReviewDue>
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const int AtOnce = 200;
    private const int SideBySide = 8;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestPrice = TimeSpan.FromDays(1);

    public async Task Run(CallReviewDue news, CancellationToken stop)
    {
        var due = await database.Read(session => CallBook.ToReview(session, clock.GetUtcNow(), AtOnce, stop), stop);
        // The carrier may be slow to answer for one: the others do not wait for it.
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = stop }, async (call, _) =>
        {
            try
            {
                await Review(call, stop);
            }
            catch (TwilioFailure failure)
            {
                log.LogWarning("Call {Call} could not be looked up: {Failure}", call.Id, failure.Message);
                await Later(call, Again, stop);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                log.LogError(failure, "Call {Call} could not be looked after", call.Id);
                await Later(call, Again, stop);
            }
        });
    }

    private Task Review(CallRow call, CancellationToken stop) => call switch
    {
        { IsOver: true, SettledAt: null } => Settle(call, stop),
        { IsOver: true } => Price(call, stop),
        { Dialling: Dialled.Waiting } => Abandoned(call, one => CallRules.NotPlaced(one, "Its server stopped before it was dialled", clock.GetUtcNow()), stop),
        { Dialling: Dialled.Asking } => Abandoned(call, one => one with { Dialling = Dialled.Unknown, Ticket = null, LeaseUntil = null, ReviewAt = clock.GetUtcNow() }, stop),
        { Dialling: Dialled.Unknown } => Search(call, stop),
        { CallSid: not null } => Ask(call, stop),
        _ => Later(call, null, stop),
    };

    private async Task Settle(CallRow call, CancellationToken stop)
    {
        await settle.Settle(call.Id, stop);
        // Settled, it has a time of its own again.
        await desk.Change(call.Id, one => one.SettledAt is null ? one with { ReviewAt = clock.GetUtcNow() + Again } : one, stop);
    }

    // Whoever is at it keeps it; of whoever died it is taken.
    private async Task Abandoned(CallRow call, Func<CallRow, CallRow> taken, CancellationToken stop) => await desk.Change(
        call.Id,
        one => one.Dialling != call.Dialling || one.Ticket != call.Ticket ? one
            : one.Ticket is null || leases.IsFree(one.Ticket, one.LeaseUntil ?? DateTimeOffset.MinValue) ? taken(one)
            : one with { ReviewAt = clock.GetUtcNow() + Leases.Length },
        stop);

    // Nobody knows whether the carrier has it: never dialled again, but looked for.
    private async Task Search(CallRow call, CancellationToken stop)
    {
        var searched = await carrier.Search(call, stop);
        if (searched.Sid is { } sid)
        {
            log.LogInformation("Call {Call} was found at the carrier", call.Id);
            if (await desk.Change(call.Id, one => one.Dialling == Dialled.Unknown ? desk.Adopt(one, sid, isGuess: true) : one, stop) is { } found)
            {
                await Ask(found, stop);
            }

            return;
        }

        var waited = clock.GetUtcNow() - call.CreatedAt;
        await (waited > (searched.IsUnclear ? CallOptions.LongestDoubt : CallOptions.LongestSearch)
            ? desk.Change(call.Id, one => one.Dialling == Dialled.Unknown ? CallRules.NotPlaced(one, "The phone service does not have it", clock.GetUtcNow()) : one, stop)
            : Later(call, waited < TimeSpan.FromSeconds(30) ? TimeSpan.FromSeconds(5) : Again, stop));
    }

    private async Task Ask(CallRow call, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var news = await carrier.Ask(call, stop) ?? new CallNews(CallStatus.Failed, now) { Reason = "The phone service does not have it" };
        var after = await desk.Change(call.Id, one => CallRules.After(one, news), stop);
        if (after is null or { IsOver: true })
        {
            return;
        }

        if (CallRules.EndsAt(after) < now)
        {
            // Its own limit should have ended it.
            log.LogWarning("Call {Call} runs beyond its limit and is ended", call.Id);
            await carrier.HangUp(after, stop);
        }

        await meter.Confirm(after.AccountId, after.UseKey);
        await Later(after, after.Direction == CallDirection.Inbound ? CallRules.BetweenAsks : Again, stop);
    }

    private async Task Price(CallRow call, CancellationToken stop)
    {
        if (call.IsCarrierPriceFinal || call.CallSid is null || clock.GetUtcNow() - call.EndedAt > LongestPrice)
        {
            await Later(call, null, stop);
            return;
        }

        var price = await carrier.PriceOf(call, stop);
        await desk.Change(
            call.Id,
            one => price is { } known
                ? one with { CarrierMicroUsd = known + options.StreamMicroUsdPerMinute * AllowanceRules.Minutes(one.Duration ?? 0), IsCarrierPriceFinal = true, ReviewAt = null }
                : one with { ReviewAt = clock.GetUtcNow() + TimeSpan.FromMinutes(5) },
            stop);
    }

    private Task Later(CallRow call, TimeSpan? after, CancellationToken stop) => desk.Change(
        call.Id, one => one.ReviewAt == call.ReviewAt ? one with { ReviewAt = after is { } wait ? clock.GetUtcNow() + wait : null } : one, stop);
}
