using Ledgerline.Jobs;
using Ledgerline.Notices;
using Ledgerline.Persistence;
using Ledgerline.Plans;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>What follows from a subscription that changed, in the transaction that changes it: entitlement, mail, live event, next step.</summary>
internal sealed class SubscriptionEffects(Entitlements entitlements, Mailer mailer, PushSubscription push, Outbox outbox, PriceOptions options)
{
    private const int GivesNothing = 2;

    /// <param name="before">Null when it is new.</param>
    /// <param name="plan">As the customer knows it.</param>
    public async Task Follow(Transaction transaction, SubscriptionRow? before, SubscriptionRow after, string plan, DateTimeOffset now, CancellationToken stop)
    {
        foreach (var product in new[] { after.Product, before?.Product }.OfType<string>().Distinct())
        {
            await Entitle(transaction, before ?? after, after, product, now, stop);
        }

        if (Dunning.Mail(before, after, plan, options.Grace, now) is { } mail)
        {
            mailer.Send(transaction, after.AccountId, mail);
        }

        if (after.ReviewAt is { } at && at != before?.ReviewAt)
        {
            await outbox.Publish(transaction, new SubscriptionReviewDue(after.Id), at, stop);
        }

        if (after is { IsOver: true, Product: PlanProduct.VoiceFeatures } && before?.IsOver != true)
        {
            await outbox.Publish(transaction, new LateUsageDue(after.AccountId, after.Id), now + LateUsageDue.After, stop);
        }

        push.Publish(transaction, after);
    }

    // An account may have had several subscriptions of one product: the best one counts, whichever of them was heard of last.
    private async Task Entitle(
        Transaction transaction, SubscriptionRow before, SubscriptionRow after, string product, DateTimeOffset now, CancellationToken stop)
    {
        await StripeObjects.Lock(transaction, $"{before.AccountId} {product}", stop);
        var all = (await SubscriptionRow.Of(transaction, before.AccountId, stop)).Where(row => row.Product == product).OrderBy(row => Rank(row, now)).ToList();
        var best = all.FirstOrDefault();
        if (all.Count(row => row.IsLive) > 1)
        {
            await outbox.Publish(transaction, new TwoPlansOfOneProduct(before.AccountId, product), stop: stop);
        }

        // What has ended says so itself: another one that gives nothing does not take its place while it seems to give something.
        if (best is not null && best.Id != after.Id && after.Product == product && Rank(best, now) == GivesNothing)
        {
            await entitlements.Put(transaction, Facts(after, product), stop);
        }

        // None is left when a subscription became one of another product.
        await entitlements.Put(transaction, best is null ? Facts(before, product) with { Status = EntitlementStatus.Expired } : Facts(best, product), stop);
    }

    private static int Rank(SubscriptionRow row, DateTimeOffset now) => row.IsLive ? 0 : row.RunsOut(now) ? 1 : GivesNothing;

    private static EntitlementFacts Facts(SubscriptionRow row, string product) => new(
        row.AccountId,
        product,
        row.PlanId ?? "",
        row.PlanVersion ?? 0,
        PlanStore.Stripe,
        row.Id,
        row.Status == "incomplete_expired" ? EntitlementStatus.Expired : row.Status,
        row.PeriodStart,
        row.PeriodEnd,
        row.CancelAtPeriodEnd,
        row.PastDueSince,
        row.AccessEndsAt);
}
