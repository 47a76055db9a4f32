using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe.Billing;

/// <summary>A subscription that is asked for, by the API or by a Checkout session.</summary>
internal sealed record SubscriptionOrder
{
    public required JsonObject Customer { get; init; }
    public required IReadOnlyList<PlannedItem> Items { get; init; }

    /// <summary>Lines for the first invoice alone.</summary>
    public IReadOnlyList<Line> Once { get; init; } = [];
    public IReadOnlyList<JsonObject> Discounts { get; init; } = [];
    public long? TrialEnd { get; init; }

    /// <summary>A boundary of the periods, later than now.</summary>
    public long? Anchor { get; init; }
    public bool ProrateToAnchor { get; init; } = true;

    public string Behavior { get; init; } = "allow_incomplete";
    public bool OffSession { get; init; }

    /// <summary>More fields, before anything is told.</summary>
    public required Action<JsonObject> Fill { get; init; }
}

/// <summary>The beginning of a subscription: its first period, its first invoice, and what its payment makes of it.</summary>
internal static class SubscriptionStart
{
    private const long Incomplete = 23 * 3600;

    public static JsonObject Begin(StripeCall call, SubscriptionOrder order)
    {
        var subscription = Write(call, order);
        var invoiceOrder = FirstInvoice(call, order, subscription);
        if (order.Behavior == "error_if_incomplete")
        {
            RefuseIncomplete(call, order, subscription, invoiceOrder);
        }

        call.World.Billing.Beginning = subscription.Id();
        call.World.Add(subscription);
        Discounts.Keep(call, order.Discounts, subscription, order.Customer.Id());
        subscription["discounts"] = new JsonArray([.. order.Discounts.Select(one => (JsonNode)one.Id())]);
        foreach (var item in order.Items)
        {
            item.Apply(call, subscription, Period(call, order));
        }

        var invoice = InvoiceDrafts.Make(call, invoiceOrder with { Subscription = subscription });
        if (invoice.Long("amount_due") == 0)
        {
            AskForCard(call, order, subscription);
        }

        InvoiceDrafts.Finalize(call, invoice);
        if (invoice.Text("status") == "open" && order.Behavior != "default_incomplete")
        {
            InvoicePayments.Try(call, invoice, order.OffSession, itself: true);
        }

        SubscriptionStatus.Begun(call, subscription);
        if (subscription.Text("status") == "incomplete")
        {
            call.World.At(call.Now + Incomplete, due => SubscriptionStatus.Expire(due, subscription));
        }

        if (subscription.Text("status") == "trialing")
        {
            Renewals.WarnOfTrialEnd(call, subscription);
        }

        Renewals.Schedule(call, subscription);
        return subscription;
    }

    /// <summary>The first invoice, also for a preview.</summary>
    public static InvoiceOrder FirstInvoice(StripeCall call, SubscriptionOrder order, JsonObject subscription)
    {
        var period = Period(call, order);
        IEnumerable<Line> lines = order.TrialEnd is not null
            ? InvoiceLines.OfTrial(call, subscription, order.Items, period)
            : InvoiceLines.Of(call, subscription, order.Customer.Id(), order.Items, period, null).Select(line => ToAnchor(call, order, line, period));
        return new InvoiceOrder
        {
            Customer = order.Customer,
            Subscription = subscription,
            Reason = "subscription_create",
            Currency = order.Items[0].Price.Text("currency")!,
            Lines = [.. lines, .. order.Once.Select(line => line with { Subscription = subscription.Id() }), .. Waiting(call, order)],
            PeriodStart = call.Now,
            PeriodEnd = call.Now,
            Discounts = order.Discounts,
        };
    }

    /// <summary>The subscription as it begins, in nobody's world yet.</summary>
    public static JsonObject Write(StripeCall call, SubscriptionOrder order)
    {
        var id = Ids.New("sub_1");
        var made = Skeletons.New("subscription").With(
            ("id", id), ("created", call.Now), ("start_date", call.Now), ("customer", order.Customer.Id()), ("currency", order.Items[0].Price.Text("currency")),
            ("billing_cycle_anchor", order.Anchor ?? order.TrialEnd ?? call.Now));
        made.Child("items")!["url"] = "/v1/subscription_items?subscription=" + id;
        if (order.TrialEnd is { } end)
        {
            made.With(("trial_start", call.Now), ("trial_end", end));
        }

        order.Fill(made);
        return made;
    }

    /// <summary>The first period: the trial, the time to a given anchor, or a whole one.</summary>
    public static (long Start, long End) Period(StripeCall call, SubscriptionOrder order)
    {
        var (interval, count) = Prices.Interval(order.Items[0].Price);
        return (call.Now, order.TrialEnd ?? BillingCycle.Next(order.Anchor ?? call.Now, call.Now, interval, count));
    }

    // What lies before a given anchor is a part of a period, and costs that part.
    private static Line ToAnchor(StripeCall call, SubscriptionOrder order, Line line, (long Start, long End) period)
    {
        if (order.Anchor is not { } anchor)
        {
            return line;
        }

        var (interval, count) = Prices.Interval(line.Price!);
        var whole = BillingCycle.Around(anchor, call.Now, interval, count);
        var amount = order.ProrateToAnchor ? Prices.Round(Proration.Part(Prices.Unit(line.Price!) * line.Quantity, period.End - period.Start, whole)) : 0;
        return line with { Amount = amount, Proration = true };
    }

    // Invoice items that wait for no subscription in particular go with the first invoice that comes.
    private static IEnumerable<Line> Waiting(StripeCall call, SubscriptionOrder order) =>
        InvoiceItems.Pending(call, order.Customer.Id(), null, order.Items[0].Price.Text("currency")!).Select(item => InvoiceItems.ToLine(call, item));

    private static void RefuseIncomplete(StripeCall call, SubscriptionOrder order, JsonObject subscription, InvoiceOrder invoice)
    {
        if (InvoiceDrafts.Write(call, invoice, "in_none").Long("amount_due") == 0)
        {
            return;
        }

        var method = SubscriptionStatus.Method(call, subscription)
            ?? throw StripeError.Invalid("This customer has no attached payment source or default payment method. Please consider adding a default payment method.", "customer", "resource_missing");
        if (Payments.Foresee(call, method, order.OffSession) is { } failure)
        {
            throw StripeError.Card(failure, "payment_intent", null);
        }
    }

    private static void AskForCard(StripeCall call, SubscriptionOrder order, JsonObject subscription)
    {
        if (SubscriptionStatus.Method(call, subscription) is not null)
        {
            return;
        }

        var setup = SetupIntents.Make(call, made => made.With(("customer", order.Customer.Id()), ("usage", "off_session")));
        subscription["pending_setup_intent"] = setup.Id();
        call.World.Billing.SubscriptionOfSetup[setup.Id()] = subscription.Id();
    }
}
