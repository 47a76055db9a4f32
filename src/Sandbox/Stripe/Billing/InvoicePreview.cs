using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe.Billing;

/// <summary>Invoices that are only looked at: the next one of a subscription, after a change of it, or the first of one that is not there yet.</summary>
internal static class InvoicePreview
{
    private const string NotPlayed = "automatic_tax customer_account customer_details issuer on_behalf_of schedule schedule_details";

    public static void Map(StripeApi api) => api.Post("/v1/invoices/create_preview", Create, NotPlayed);

    /// <summary>The subscription's next invoice as things stand.</summary>
    public static JsonObject Next(StripeCall call, JsonObject subscription)
    {
        var items = PlannedItem.Of(call, subscription);
        var over = SubscriptionStatus.Period(subscription);
        return Write(call, Renewals.Order(call, subscription, items, Renewals.Next(subscription, items, over.End), over), over.End);
    }

    private static JsonObject Create(StripeCall call)
    {
        var given = call.Params;
        var subscription = call.Named("subscription", "subscription");
        var customer = call.Named("customer", "customer");
        if (subscription is not null && customer is not null && subscription.Text("customer") != customer.Id())
        {
            throw StripeError.Invalid("The subscription does not belong to this customer.", "subscription");
        }

        var details = given.Child("subscription_details");
        if (subscription is null)
        {
            return OfNew(call, details, customer ?? throw StripeError.Invalid("Missing required param: customer.", "customer", "parameter_missing"));
        }

        if (details.Long("trial_end") is not null)
        {
            throw StripeError.NotPlayed("a preview of another trial_end");
        }

        return SubscriptionStatus.IsOver(subscription) ? throw None(subscription) : OfChange(call, subscription, details, given.Text("preview_mode") == "recurring");
    }

    private static StripeError None(JsonObject subscription) =>
        StripeError.Invalid($"No upcoming invoices for subscription: {subscription.Id()}", "subscription", "invoice_upcoming_none", 404);

    private static JsonObject OfChange(StripeCall call, JsonObject subscription, Params details, bool recurring)
    {
        var change = SubscriptionChange.Plan(call, subscription, details);
        var customer = call.World.Find("customer", subscription.Text("customer"))!;
        var discounts = call.Params.Has("discounts")
            ? Discounts.Asked(call, call.Params.Children("discounts"), customer.Id(), subscription.Text("currency")!, change.Whole)
            : Discounts.Of(call, subscription, tidy: false);
        var items = change.Items.Where(item => !item.Deleted).ToList();
        var over = SubscriptionStatus.Period(subscription);
        if (change.InvoicesNow && !recurring)
        {
            return Write(call, change.Invoice(call, subscription, real: false) with { Discounts = discounts, ProrationDate = change.At }, call.Now);
        }

        var next = Renewals.Next(subscription, items, over.End);
        var order = Renewals.Order(call, subscription, items, next, over) with { Discounts = discounts, ProrationDate = details.Long("proration_date") };
        if (recurring)
        {
            return Write(call, order with { Lines = [.. InvoiceLines.Of(call, subscription, customer.Id(), items, next, null)] }, over.End);
        }

        // One that ends has no next period: what is left is what waits and what was used.
        List<Line> lines = [.. change.Prorations, .. order.Lines, .. Extra(call)];
        if (Ends(subscription, details))
        {
            lines.RemoveAll(line => line.Start >= over.End || (line.Quantity == 0 && line.Amount == 0));
            if (lines.Count == 0)
            {
                throw None(subscription);
            }
        }

        return Write(call, order with { Lines = lines }, over.End);
    }

    private static bool Ends(JsonObject subscription, Params details) => details.Flag("cancel_at_period_end")
        ?? (details.Has("cancel_at") ? details.Long("cancel_at") is not null || details.Text("cancel_at") is not null : subscription.LongOrNull("cancel_at") is not null);

    private static JsonObject OfNew(StripeCall call, Params details, JsonObject customer)
    {
        if (!details.Has("items"))
        {
            throw StripeError.Invalid("You must pass a subscription or subscription_details[items].", "subscription_details[items]", "parameter_missing");
        }

        var items = PlannedItem.ForNew(call, details.Children("items"), details.PathOf("items"));
        Prices.CheckCurrency(customer.Text("currency"), items[0].Price.Text("currency")!, details.PathOf("items"));
        var whole = items.Sum(item => Prices.Amount(item.Price, item.Quantity));
        var order = new SubscriptionOrder
        {
            Customer = customer,
            Items = items,
            TrialEnd = details.Long("trial_end"),
            Anchor = details.Long("billing_cycle_anchor"),
            ProrateToAnchor = details.Text("proration_behavior") != "none",
            Discounts = Discounts.Asked(call, call.Params.Children("discounts"), customer.Id(), items[0].Price.Text("currency")!, whole),
            Fill = _ => { },
        };
        var subscription = SubscriptionStart.Write(call, order);
        var first = SubscriptionStart.FirstInvoice(call, order, subscription);
        var invoice = Write(call, first with { Lines = [.. first.Lines, .. Extra(call)] }, call.Now);
        // There is no such subscription: the invoice does not name it.
        invoice["parent"] = null;
        foreach (var line in invoice.List("lines"))
        {
            line["subscription"] = null;
            line["parent"] = null;
        }

        return invoice;
    }

    private static IEnumerable<Line> Extra(StripeCall call) => call.Params.Children("invoice_items").Select(item =>
        item.Has("price") || item.Has("price_data") ? InvoiceLines.Once(call, Prices.Given(call, item, recurring: false), item.Long("quantity") ?? 1)
        : new Line
        {
            Amount = item.Long("amount") ?? throw StripeError.NotPlayed("invoice_items without an amount or a price in a preview"),
            Description = item.Text("description") ?? "",
            Start = call.Now,
            End = call.Now,
            InvoiceItem = item.Text("invoiceitem") ?? Ids.New("ii_1"),
            Quantity = item.Long("quantity") ?? 1,
        });

    private static JsonObject Write(StripeCall call, InvoiceOrder order, long at)
    {
        var invoice = InvoiceDrafts.Write(call, order, Ids.New("upcoming_in_1"));
        invoice.With(
            ("created", at), ("billing_reason", order.Reason == "subscription_cycle" ? "upcoming" : order.Reason), ("auto_advance", true),
            ("next_payment_attempt", order.Reason == "subscription_cycle" ? at + InvoiceDrafts.DraftTime : at),
            ("ending_balance", InvoiceDrafts.BalanceAfter(invoice)));
        return invoice;
    }
}
