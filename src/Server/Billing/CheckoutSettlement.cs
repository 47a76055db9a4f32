using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;
using Ledgerline.Wallet;

namespace Ledgerline.Billing;

/// <summary>How a checkout stands after it was settled.</summary>
internal sealed record Settled(CheckoutOrder Order, string PaymentStatus);

/// <summary>
/// The one function that turns what Stripe says into credits, whoever asks: a webhook, the customer who came back, or a review. It
/// makes our books agree with Stripe: grants what is paid, once, and takes back or gives back what refunds and disputes say. So
/// any order of events, and any number of repeats, end in the same books.
/// </summary>
internal sealed class CheckoutSettlement(
    Database database, StripeClient stripe, Ledger ledger, OperatorAlarm alarm, TimeProvider clock, ILogger<CheckoutSettlement> log)
{
    /// <summary>
    /// Settles the session. News, when there are any, are stored in the very transaction of their effect; news of a session whose
    /// order is not known yet are stored and wait. Null when the order is not known or the news had been taken before.
    /// </summary>
    /// <exception cref="StripeFailure">Stripe could not be asked: nothing was stored, so the news have to come again.</exception>
    public async Task<Settled?> Settle(string sessionId, ReceivedEvent? news, CancellationToken stop)
    {
        while (true)
        {
            var (version, order, known) = await database.Read(
                async session => (
                    await StripeObjects.Version(session, sessionId, stop),
                    await CheckoutOrders.BySession(session, sessionId, stop),
                    news is not null && await ProviderEvents.Knows(session, news.Event.Id, stop)),
                stop);
            if (known)
            {
                return null;
            }

            var facts = order is null ? null : await CheckoutFacts.Ask(stripe, sessionId, stop);
            var (current, settled) = await database.Write(
                async transaction => await StripeObjects.Lock(transaction, sessionId, stop) != version ? (false, null)
                    : order is null || facts is null ? (true, await LetWait(transaction, sessionId, news, stop))
                    : (true, await Agree(transaction, order, facts, news, stop)),
                stop);
            // Somebody else has settled meanwhile: what Stripe told us may be older than what it told him.
            if (current)
            {
                return settled;
            }
        }
    }

    private static async Task<Settled?> LetWait(Transaction transaction, string sessionId, ReceivedEvent? news, CancellationToken stop)
    {
        if (news is not null && await ProviderEvents.LetWait(transaction, news, sessionId, stop))
        {
            await StripeObjects.Changed(transaction, sessionId, stop);
        }

        return null;
    }

    private async Task<Settled?> Agree(Transaction transaction, CheckoutOrder order, CheckoutFacts facts, ReceivedEvent? news, CancellationToken stop)
    {
        var sessionId = order.SessionId!;
        var now = clock.GetUtcNow();
        List<StripeEvent> told = [.. await ProviderEvents.ApplyWaiting(transaction, sessionId, now, stop)];
        if (news is not null)
        {
            if (!await ProviderEvents.Apply(transaction, news, sessionId, now, stop))
            {
                return null;
            }

            told.Add(news.Event);
        }

        foreach (var one in told.Where(one => Disputes.IsAbout(one.Type)))
        {
            if (one.SubjectAs<StripeDispute>() is { } dispute)
            {
                await Disputes.Note(transaction, sessionId, dispute, one.Created, stop);
            }
        }

        var after = Judge(order, facts, told, now);
        if (after.Status == OrderStatus.Granted)
        {
            after = after with
            {
                RefundedMinor = facts.RefundedMinor(order),
                DisputedMinor = await Disputes.TakenMinor(transaction, order, stop),
            };
            if (order.GrantedAt is null)
            {
                await Grant(transaction, after, facts.Session, stop);
            }

            await TakeBack(transaction, order, after, stop);
            await Tell(transaction, order, after, told, stop);
        }

        if (after != order || told.Count > 0)
        {
            await CheckoutOrders.Save(transaction, after, stop);
            await StripeObjects.Changed(transaction, sessionId, stop);
        }

        return new Settled(after, facts.Session.PaymentStatus);
    }

    private CheckoutOrder Judge(CheckoutOrder order, CheckoutFacts facts, List<StripeEvent> told, DateTimeOffset now)
    {
        var session = facts.Session;
        if (order.GrantedAt is not null)
        {
            return order with { ReviewAt = null };
        }

        if (!session.IsPaid)
        {
            var failed = session.Status == "expired" || order.Status == OrderStatus.Failed
                || told.Any(one => one.Type == StripeEventTypes.CheckoutAsyncPaymentFailed);
            var status = failed ? OrderStatus.Failed : session.Status == "complete" ? OrderStatus.Pending : OrderStatus.Open;
            return order with { Status = status, ReviewAt = session.Status == "expired" ? null : order.ReviewAt };
        }

        if (facts.Difference(order) is not { } problem)
        {
            return order with { Status = OrderStatus.Granted, GrantedAt = now, PaymentIntentId = session.PaymentIntent, Problem = null, ReviewAt = null };
        }

        log.LogError("Checkout {SessionId} of order {OrderId} is paid, but not as ordered. Nothing was granted: {Problem}", order.SessionId, order.Id, problem);
        return order with { Status = OrderStatus.Refused, PaymentIntentId = session.PaymentIntent, Problem = problem, ReviewAt = null };
    }

    private Task<GrantAnswer> Grant(Transaction transaction, CheckoutOrder order, StripeCheckoutSession session, CancellationToken stop) => ledger.Grant(
        transaction,
        new GrantOrder(
            order.AccountId,
            Unit.Credit,
            "purchase",
            GrantKey(order),
            Credits.Whole(order.Credits),
            $"Purchased {order.PackageId} package",
            new Money(session.AmountTotal ?? 0, order.Currency),
            PaymentId(order)),
        stop);

    // The two causes one after the other, so that each is booked under its own name.
    private async Task TakeBack(Transaction transaction, CheckoutOrder before, CheckoutOrder after, CancellationToken stop)
    {
        await ClawBack("refund", after.RefundedMinor + before.DisputedMinor);
        await ClawBack("dispute", after.RefundedMinor + after.DisputedMinor);

        Task ClawBack(string reason, long minor) => ledger.ClawBack(
            transaction, after.AccountId, Unit.Credit, GrantKey(after), CheckoutFacts.TakenBack(after, minor), reason,
            (taken, owed) => Describe(after, reason, taken, owed), PaymentId(after), stop);
    }

    private async Task Tell(Transaction transaction, CheckoutOrder before, CheckoutOrder after, List<StripeEvent> told, CancellationToken stop)
    {
        var ends = told.Where(one => Disputes.IsAbout(one.Type)).Select(one => one.SubjectAs<StripeDispute>()).FirstOrDefault(one => one?.Status is "won" or "lost");
        if ((before.RefundedMinor, before.DisputedMinor) != (after.RefundedMinor, after.DisputedMinor) || ends is not null)
        {
            await alarm.Raise(
                transaction,
                after.Id,
                ends is not null ? $"The dispute about order {after.Id} is {ends.Status}"
                    : after.DisputedMinor > before.DisputedMinor ? $"Order {after.Id} is disputed"
                    : $"Money of order {after.Id} has gone back",
                $"Account: {after.AccountId}\nFor: {after.PackageId} package\nPaid: {after.PriceMinor} {after.Currency}\nPayment: {PaymentId(after)}\n"
                    + $"Refunded: {after.RefundedMinor}\nDisputed: {after.DisputedMinor}\n",
                stop);
        }
    }

    private static string Describe(CheckoutOrder order, string reason, Credits taken, Credits owed)
    {
        var cause = $"{(reason == "refund" ? "Refund" : "Dispute")} of {order.PackageId} package";
        return taken < Credits.Zero ? $"{cause} undone: {(-taken).Floor} credits given back"
            : owed == Credits.Zero ? $"{cause}: {taken.Floor} credits taken back"
            : $"{cause}: {taken.Floor} credits taken back, {owed.Ceiling} were spent already and are owed";
    }

    private static string GrantKey(CheckoutOrder order) => $"purchase:{order.SessionId}";

    private static string? PaymentId(CheckoutOrder order) => order.PaymentIntentId ?? order.SessionId;
}
