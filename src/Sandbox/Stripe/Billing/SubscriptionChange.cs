using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>A change of a subscription's items, trial or anchor, worked out but not made: a preview shows it, an update makes it.</summary>
internal sealed record SubscriptionChange
{
    public required IReadOnlyList<PlannedItem> Items { get; init; }
    public required IReadOnlyList<Line> Prorations { get; init; }
    public required string Behavior { get; init; }

    /// <summary>The moment that prorations are counted from.</summary>
    public required long At { get; init; }

    /// <summary>A new period begins now, because the interval changes, the trial ends, or it was asked for.</summary>
    public required bool Resets { get; init; }
    public required bool EndsTrial { get; init; }

    /// <summary>What a whole period of the new items costs.</summary>
    public long Whole => Items.Where(item => !item.Deleted).Sum(item => Prices.Amount(item.Price, item.Quantity));

    public bool InvoicesNow => Resets || (Behavior == "always_invoice" && Prorations.Count > 0);

    /// <param name="call">The call that wants it.</param>
    /// <param name="subscription">As it stands.</param>
    /// <param name="given"><c>items</c>, <c>proration_behavior</c>, <c>proration_date</c>, <c>billing_cycle_anchor</c>, <c>trial_end</c>.</param>
    public static SubscriptionChange Plan(StripeCall call, JsonObject subscription, Params given)
    {
        foreach (var name in (ReadOnlySpan<string>)["cancel_now", "resume_at", "start_date", "billing_schedules", "default_tax_rates", "trial_from_plan"])
        {
            if (given.Has(name))
            {
                throw StripeError.NotPlayed(given.PathOf(name));
            }
        }

        var items = PlannedItem.ForChange(call, subscription, given.Children("items"), given.PathOf("items"));
        var behavior = given.Text("proration_behavior") ?? "create_prorations";
        var trialing = subscription.Text("status") == "trialing";
        var endsTrial = trialing && given.Text("trial_end") == "now";
        var period = SubscriptionStatus.Period(subscription);
        var at = given.Long("proration_date") ?? call.Now;
        if (given.Has("proration_date") && (at < period.Start || at > period.End))
        {
            throw StripeError.Invalid("Cannot specify `proration_date` outside of the current billing period.", given.PathOf("proration_date"));
        }

        var resets = endsTrial || (!trialing && (given.Text("billing_cycle_anchor") == "now" || NewInterval(subscription, items)));
        var changes = items.Any(item => item.Standing is null || item.Changed || item.Deleted);
        return new SubscriptionChange
        {
            Items = items,
            Behavior = behavior,
            At = at,
            Resets = resets,
            EndsTrial = endsTrial,
            Prorations = trialing || behavior == "none" || !(changes || resets) ? [] : Proration.Of(call, subscription, items, at, resets),
        };
    }

    /// <summary>The invoice that the change makes at once.</summary>
    /// <param name="call">The call that wants it.</param>
    /// <param name="subscription">As it stands before.</param>
    /// <param name="real">The prorations are invoice items already and wait with the others.</param>
    public InvoiceOrder Invoice(StripeCall call, JsonObject subscription, bool real)
    {
        var customer = call.World.Find("customer", subscription.Text("customer"))!;
        var currency = subscription.Text("currency")!;
        var items = Items.Where(item => !item.Deleted).ToList();
        var next = NewPeriod(call, items);
        (long Start, long End)? over = EndsTrial ? null : (SubscriptionStatus.Period(subscription).Start, call.Now);
        var pending = InvoiceItems.Pending(call, customer.Id(), subscription.Id(), currency, own: true).Select(item => InvoiceItems.ToLine(call, item));
        return new InvoiceOrder
        {
            Customer = customer,
            Subscription = subscription,
            Reason = "subscription_update",
            Currency = currency,
            Lines = [.. pending, .. real ? [] : Prorations, .. Resets ? InvoiceLines.Of(call, subscription, customer.Id(), items, next, over) : []],
            PeriodStart = call.Now,
            PeriodEnd = call.Now,
            Discounts = Discounts.Of(call, subscription, tidy: false),
        };
    }

    /// <summary>The period that begins now.</summary>
    public static (long Start, long End) NewPeriod(StripeCall call, IReadOnlyList<PlannedItem> items)
    {
        var (interval, count) = Prices.Interval(items[0].Price);
        return (call.Now, BillingCycle.Next(call.Now, call.Now, interval, count));
    }

    // From one interval to another, and from nothing to something: Stripe starts a new period then.
    private static bool NewInterval(JsonObject subscription, IReadOnlyList<PlannedItem> items)
    {
        var standing = items.Where(item => item.Standing is not null).Select(item => item.Standing!).ToList();
        var kept = items.Where(item => !item.Deleted).ToList();
        var old = Prices.Interval(subscription.List("items")[0].Child("price")!);
        return Prices.Interval(kept[0].Price) != old
            || (standing.All(item => item.Child("price")!.LongOrNull("unit_amount") == 0) && kept.Any(item => !Prices.IsMetered(item.Price) && Prices.Unit(item.Price) > 0));
    }
}
