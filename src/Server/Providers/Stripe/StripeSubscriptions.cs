namespace Ledgerline.Providers.Stripe;

/// <summary>What customers pay for again and again.</summary>
public static class StripeSubscriptions
{
    public static Task<StripeSubscription> CreateSubscription(this StripeClient stripe, SubscriptionRequest request, string idempotencyKey, CancellationToken stop)
    {
        var form = new StripeForm().With("customer", request.CustomerId);
        for (var item = 0; item < request.Prices.Count; item++)
        {
            form.With($"items[{item}][price]", request.Prices[item]);
        }

        form
            // With a card the first payment is tried at once; without one the customer pays in the browser.
            .With("payment_behavior", request.PaymentMethodId is null ? "default_incomplete" : "allow_incomplete")
            .With("default_payment_method", request.PaymentMethodId)
            .With("payment_settings[save_default_payment_method]", "on_subscription")
            .With("billing_mode[type]", stripe.SpeaksOldShapes ? null : "classic")
            .With("discounts[0][coupon]", request.Coupon)
            .With("discounts[0][promotion_code]", request.PromotionCodeId)
            .WithMetadata(request.Metadata);
        if (request.TrialDays > 0)
        {
            form.With("trial_period_days", request.TrialDays).With("trial_settings[end_behavior][missing_payment_method]", "cancel");
        }

        return stripe.Post<StripeSubscription>("v1/subscriptions", Expanded(stripe, form), idempotencyKey, stop);
    }

    /// <summary>Another price for the same subscription, from this moment on.</summary>
    /// <param name="stripe">Stripe.</param>
    /// <param name="confirmed">
    /// Whether the customer can confirm the payment afterwards: then it changes at once and is past due until they have. Otherwise it is
    /// refused when the difference cannot be paid at once, and nothing has changed.
    /// </param>
    public static Task<StripeSubscription> ChangeSubscription(
        this StripeClient stripe, SubscriptionChange change, bool confirmed, string idempotencyKey, CancellationToken stop)
    {
        var form = new StripeForm()
            .With("proration_behavior", SubscriptionChange.Proration)
            .With("proration_date", change.ProrationDate)
            .With("payment_behavior", confirmed ? "allow_incomplete" : "error_if_incomplete");
        change.WriteItems(form, "items");
        return stripe.Post<StripeSubscription>(Path(change.SubscriptionId), Expanded(stripe, form), idempotencyKey, stop);
    }

    /// <summary>Other prices from now on, and nothing is charged or credited for what is left of the period.</summary>
    public static Task<StripeSubscription> ChangeWithoutProration(
        this StripeClient stripe, SubscriptionChange change, string idempotencyKey, CancellationToken stop)
    {
        var form = new StripeForm().With("proration_behavior", "none");
        change.WriteItems(form, "items");
        return stripe.Post<StripeSubscription>(Path(change.SubscriptionId), form, idempotencyKey, stop);
    }

    /// <summary>Whether it ends with the period that is paid.</summary>
    public static Task<StripeSubscription> CancelAtPeriodEnd(this StripeClient stripe, string id, bool cancel, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripeSubscription>(Path(id), new StripeForm().With("cancel_at_period_end", cancel), idempotencyKey, stop);

    /// <summary>The card that pays from now on.</summary>
    public static Task<StripeSubscription> PaySubscriptionWith(this StripeClient stripe, string id, string paymentMethodId, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripeSubscription>(Path(id), new StripeForm().With("default_payment_method", paymentMethodId), idempotencyKey, stop);

    /// <summary>A discount on what comes from now on.</summary>
    public static Task<StripeSubscription> DiscountSubscription(
        this StripeClient stripe, string id, string? coupon, string? promotionCodeId, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripeSubscription>(
            Path(id), new StripeForm().With("discounts[0][coupon]", coupon).With("discounts[0][promotion_code]", promotionCodeId), idempotencyKey, stop);

    /// <summary>Ends it at once.</summary>
    /// <param name="stripe">Stripe.</param>
    /// <param name="invoiceNow">Bills what was used and not billed yet.</param>
    /// <param name="prorate">Credits the part of the period that is left.</param>
    public static Task<StripeSubscription> EndSubscription(this StripeClient stripe, string id, bool invoiceNow, bool prorate, CancellationToken stop) =>
        stripe.Delete<StripeSubscription>(Path(id), new StripeForm().With("invoice_now", invoiceNow).With("prorate", prorate), stop);

    /// <summary>Wakes one that is paused.</summary>
    public static Task<StripeSubscription> ResumeSubscription(this StripeClient stripe, string id, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripeSubscription>($"{Path(id)}/resume", new StripeForm().With("billing_cycle_anchor", "now"), idempotencyKey, stop);

    public static Task<StripeSubscription> Subscription(this StripeClient stripe, string id, CancellationToken stop) =>
        stripe.Get<StripeSubscription>($"{Path(id)}?{Secret(stripe)}", stop);

    /// <summary>Every subscription of a customer that is not over.</summary>
    public static Task<IReadOnlyList<StripeSubscription>> SubscriptionsOf(this StripeClient stripe, string customerId, CancellationToken stop) =>
        stripe.All<StripeSubscription>($"v1/subscriptions?customer={Uri.EscapeDataString(customerId)}", subscription => subscription.Id, stop);

    /// <summary>Every subscription there is, those that are over too.</summary>
    public static Task<IReadOnlyList<StripeSubscription>> EverySubscription(this StripeClient stripe, CancellationToken stop) =>
        stripe.All<StripeSubscription>("v1/subscriptions?status=all", subscription => subscription.Id, stop);

    private static string Path(string id) => $"v1/subscriptions/{Uri.EscapeDataString(id)}";

    private static StripeForm Expanded(StripeClient stripe, StripeForm form) => form.With("expand[]", ExpandedSecret(stripe));

    private static string Secret(StripeClient stripe) => $"expand[]={ExpandedSecret(stripe)}";

    // The secret with which a browser confirms the first payment stands in the invoice now, in its payment before.
    private static string ExpandedSecret(StripeClient stripe) =>
        stripe.SpeaksOldShapes ? "latest_invoice.payment_intent" : "latest_invoice.confirmation_secret";
}

/// <summary>What somebody subscribes to.</summary>
/// <param name="Prices">One, or one for each thing that is metered.</param>
/// <param name="PaymentMethodId">Attached to the customer; null when the customer is to pay in the browser.</param>
/// <param name="TrialDays">Zero for none.</param>
public sealed record SubscriptionRequest(
    string CustomerId, IReadOnlyList<string> Prices, string? PaymentMethodId, string? Coupon, string? PromotionCodeId, int TrialDays,
    IReadOnlyDictionary<string, string> Metadata);

/// <summary>Other prices for a subscription.</summary>
/// <param name="Items">Those it has now.</param>
/// <param name="Prices">Those it shall have.</param>
/// <param name="Keeps">The one item gets the one price; otherwise the items end and new ones begin.</param>
public sealed record SubscriptionChange(string SubscriptionId, IReadOnlyList<string> Items, IReadOnlyList<string> Prices, bool Keeps, DateTimeOffset ProrationDate)
{
    /// <summary>The difference is settled at once: charged, or kept as a credit for the next invoices.</summary>
    internal const string Proration = "always_invoice";

    /// <summary>What is paid for a period stays one item; what is counted cannot become it, nor the other way round.</summary>
    public static SubscriptionChange Of(StripeSubscription subscription, IReadOnlyList<string> prices, DateTimeOffset at) => new(
        subscription.Id,
        [.. subscription.AllItems.Select(item => item.Id)],
        prices,
        prices.Count == 1 && subscription.AllItems is [{ Price.Recurring.UsageType: not "metered" }],
        at);

    internal void WriteItems(StripeForm form, string place)
    {
        if (Keeps)
        {
            form.With($"{place}[0][id]", Items[0]).With($"{place}[0][price]", Prices[0]);
            return;
        }

        for (var at = 0; at < Items.Count; at++)
        {
            form.With($"{place}[{at}][id]", Items[at]).With($"{place}[{at}][deleted]", true);
        }

        for (var at = 0; at < Prices.Count; at++)
        {
            form.With($"{place}[{Items.Count + at}][price]", Prices[at]);
        }
    }
}
