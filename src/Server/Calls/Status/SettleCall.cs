using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Providers.Twilio;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Status;

/// <summary>
/// Closes a call's books: what was talked is charged by the carrier's seconds, what nobody answered is given back. As often as it is
/// run, it is charged once.
/// </summary>
internal sealed class SettleCall(
    Database database, Meter meter, TwilioCalls carrier, PriceBook prices, CallOptions options, CallNewsDesk live, Outbox outbox, TimeProvider clock) : IJob<CallEnded>
{
    public Task Run(CallEnded news, CancellationToken stop) => Settle(news.CallId, stop);

    public async Task Settle(long id, CancellationToken stop)
    {
        if (await database.Read(session => CallBook.Find(session, id, stop), stop) is not { IsOver: true, SettledAt: null } call)
        {
            return;
        }

        if (!call.WasAnswered)
        {
            await meter.Release(call.AccountId, call.UseKey);
            await database.Write(transaction => Close(transaction, id, null, null), CancellationToken.None);
            return;
        }

        var seconds = call.Duration is { } told && told <= Longest(call) ? told : await Ask(call, stop);
        var ended = await meter.Settle(call.AccountId, call.UseKey, seconds, (transaction, used) => Close(transaction, id, seconds, used));
        if (ended is null)
        {
            // Nobody reserved anything for it: there is nothing to book.
            await database.Write(transaction => Close(transaction, id, seconds, null), CancellationToken.None);
        }
    }

    private async Task Close(Transaction transaction, long id, long? seconds, UseEnded? used)
    {
        if (await CallBook.Lock(transaction, id, CancellationToken.None) is not { SettledAt: null } call)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var charge = used is null || seconds is null ? (0, null) : Charge(used);
        var after = call with
        {
            SettledAt = now,
            Duration = seconds,
            ChargedMicro = charge.Micro,
            ChargedUnit = charge.Unit,
            CarrierMicroUsd = seconds is { } talked ? (options.LineMicroUsdPerMinute + options.StreamMicroUsdPerMinute) * AllowanceRules.Minutes(talked) : 0,
            IsCarrierPriceFinal = seconds is null,
            // The carrier works its own price out some time later.
            ReviewAt = seconds is null ? null : now + TimeSpan.FromMinutes(1),
        };
        await CallBook.Save(transaction, after, CancellationToken.None);
        live.Tell(transaction, after, "call_settled", new
        {
            CallId = after.Id,
            after.Duration,
            after.Funding,
            Charged = CallShown.Amount(after.ChargedMicro),
            ChargedUnit = after.ChargedUnit,
        });
        await outbox.Publish(transaction, new CallSettled(after.AccountId, after.Id, seconds));
    }

    private (long Micro, string? Unit) Charge(UseEnded used) => used.Funding switch
    {
        Funding.Credits => (prices.Call.Of(used.Units).Micro, Unit.Credit),
        _ => (0, null),
    };

    // No callback said how long it was: the carrier knows. Without its word it was as long as we saw.
    private async Task<long> Ask(CallRow call, CancellationToken stop)
    {
        var seen = (long)Math.Ceiling(Math.Max(0, ((call.EndedAt ?? clock.GetUtcNow()) - (call.AnsweredAt ?? call.EndedAt ?? clock.GetUtcNow())).TotalSeconds));
        return Math.Min(call.CallSid is { } sid && await carrier.Find(sid, stop) is { Seconds: { } seconds } ? seconds : seen, Longest(call));
    }

    // The carrier ends it at its limit: what claims to be longer is not believed.
    private static long Longest(CallRow call) => call.DurationLimit + (long)CallRules.Grace.TotalSeconds;
}
