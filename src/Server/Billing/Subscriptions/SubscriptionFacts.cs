using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>What Stripe says about one subscription, read after our version was: itself, its invoices, and money that went back.</summary>
/// <param name="RefundsOf">The payment whose refunds were asked for, because news name it; null when none was.</param>
/// <param name="BelievedAt">When Stripe does not know what it told us of, its word is believed as of then; null when it could be asked.</param>
internal sealed record SubscriptionFacts(
    StripeSubscription Subscription, IReadOnlyList<StripeInvoice> Invoices, string? RefundsOf, IReadOnlyList<StripeRefund> Refunds, DateTimeOffset? BelievedAt)
{
    /// <summary>Null when Stripe does not know the subscription and the news do not describe it.</summary>
    /// <exception cref="StripeFailure">Stripe could not be asked.</exception>
    /// <param name="payment">The payment that the news are about, when they are about one.</param>
    public static async Task<SubscriptionFacts?> Ask(
        StripeClient stripe, string id, SubscriptionRow? before, StripeEvent? news, string? payment, CancellationToken stop)
    {
        var asked = await IfThere(() => stripe.Subscription(id, stop));
        if ((asked ?? Told(news, id) ?? (InvoiceIn(news) is null ? null : Believed(before))) is not { } subscription)
        {
            return null;
        }

        List<StripeInvoice> invoices = asked is null ? [] : [.. await stripe.InvoicesOf(id, stop)];
        if (InvoiceIn(news) is { } named && invoices.All(invoice => invoice.Id != named.Id))
        {
            // Lists lag behind what was just told; an invoice that cannot be asked for is believed as it was told.
            invoices.Insert(0, await IfThere(() => stripe.Invoice(named.Id, stop)) ?? named);
        }

        return new SubscriptionFacts(
            subscription, invoices, payment, payment is null ? [] : await IfThere(() => stripe.RefundsOf(payment, stop)) ?? [],
            asked is null ? Told(news, id) is null ? before!.BelievedAt ?? before.CreatedAt : news!.Created : null);
    }

    /// <summary>
    /// A change of the plan within a period that nobody has paid, though something was paid before: until it is, what was paid for
    /// stays, and nothing more is given. Null when there is none.
    /// </summary>
    public UnpaidChange? Unpaid => Invoices.Where(IsUnpaidChange).MaxBy(invoice => invoice.Created) is { } change
        && Invoices.Where(invoice => invoice.IsPaid).OrderByDescending(invoice => invoice.Created)
            .SelectMany(invoice => (invoice.Lines?.Data ?? []).Where(line => line.Amount > 0).OrderByDescending(line => line.Amount))
            .FirstOrDefault(line => line is { PriceId: not null, Period.End: not null }) is { PriceId: { } price, Period.End: { } until }
        && !Invoices.Any(invoice => invoice is { IsPaid: true, BillingReason: "subscription_update" or "subscription_cycle" } && invoice.Created > change.Created)
            ? new UnpaidChange(price, until)
            : null;

    /// <summary>When the oldest payment that is missing was asked for first; null when none is, or only that of a change.</summary>
    public DateTimeOffset? PastDueSince => Subscription.Status is "past_due" or "unpaid"
        ? Invoices.Where(invoice => invoice.IsMissed && (Unpaid is null || !IsUnpaidChange(invoice))).Min(invoice => invoice.DueSince)
            ?? (Unpaid is null ? Subscription.PeriodStart : null)
        : null;

    /// <summary>The invoice of the newest period; not one for a change within a period.</summary>
    public StripeInvoice? PeriodInvoice => Invoices.Where(invoice => invoice.BillingReason is "subscription_create" or "subscription_cycle" or "subscription")
        .MaxBy(invoice => invoice.Created);

    public static bool IsUnpaidChange(StripeInvoice invoice) => invoice is { IsMissed: true, BillingReason: "subscription_update" };

    private static async Task<T?> IfThere<T>(Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (StripeFailure failure) when (failure.IsMissing)
        {
            return null;
        }
    }

    private static StripeSubscription? Told(StripeEvent? news, string id) =>
        news is not null && StripeEventTypes.OfSubscriptions.Contains(news.Type) && news.SubjectAs<StripeSubscription>() is { } told && told.Id == id ? told : null;

    private static StripeInvoice? InvoiceIn(StripeEvent? news) =>
        news is not null && StripeEventTypes.OfInvoices.Contains(news.Type) ? news.SubjectAs<StripeInvoice>() : null;

    // What was told before of a subscription that Stripe does not know now.
    private static StripeSubscription? Believed(SubscriptionRow? row) => row is null ? null : new StripeSubscription
    {
        Id = row.Id,
        Status = row.Status,
        Customer = row.CustomerId,
        CancelAtPeriodEnd = row.CancelAtPeriodEnd,
        CurrentPeriodStart = row.PeriodStart,
        CurrentPeriodEnd = row.PeriodEnd,
        TrialStart = row.TrialStart,
        TrialEnd = row.TrialEnd,
        CancelAt = row.CancelAt,
        CanceledAt = row.CanceledAt,
        EndedAt = row.EndedAt,
        Created = row.CreatedAt,
        Items = row.PriceId is null ? null : new() { Data = [new() { Id = "", Price = new() { Id = row.PriceId } }] },
    };
}

/// <summary>What an account has while the change of its plan is not paid.</summary>
/// <param name="PriceId">Of what was paid last.</param>
/// <param name="PaidUntil">The end of the period that was paid.</param>
internal sealed record UnpaidChange(string PriceId, DateTimeOffset PaidUntil)
{
    /// <summary>The subscription as it was paid.</summary>
    public StripeSubscription Before(StripeSubscription subscription) =>
        subscription with { Items = new() { Data = [new() { Id = "", Price = new() { Id = PriceId } }] } };
}
