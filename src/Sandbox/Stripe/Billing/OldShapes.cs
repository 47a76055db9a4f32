using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>
/// Events as an endpoint of an earlier generation gets them, before 2025-03-31: the subscription has its period, the invoice its
/// subscription, payment intent and charge, the lines their price, and the new places are not there.
/// </summary>
internal static class OldShapes
{
    private const string FirstNew = "2025-03-31";

    public static bool Apply(string? version) => version is not null && string.CompareOrdinal(version, FirstNew) < 0;

    public static void Write(StripeWorld world, JsonObject data)
    {
        if (data.Child("object") is not { } subject)
        {
            return;
        }

        switch (subject.Text("object"))
        {
            case "subscription":
                Subscription(world, subject, data.Child("previous_attributes"));
                break;
            case "invoice":
                Invoice(world, subject);
                break;
            case "payment_intent":
                subject["invoice"] = world.Billing.InvoiceOfIntent.GetValueOrDefault(subject.Id());
                break;
            case "charge":
                subject["invoice"] = world.Billing.InvoiceOfIntent.GetValueOrDefault(subject.Text("payment_intent") ?? "");
                break;
            case "promotion_code":
                subject["coupon"] = world.Find("coupon", subject.Text("promotion", "coupon"))?.Copy();
                subject.Remove("promotion");
                break;
            case "discount":
                Discount(world, subject);
                break;
            case "invoiceitem":
                Price(world, subject);
                subject["subscription"] = subject.Child("parent")?.Text("subscription_details", "subscription");
                subject.Remove("parent");
                break;
        }
    }

    private static void Subscription(StripeWorld world, JsonObject subscription, JsonObject? previous)
    {
        if (subscription.List("items") is [var first, ..])
        {
            subscription.With(("current_period_start", first["current_period_start"]), ("current_period_end", first["current_period_end"]), ("plan", first["plan"]), ("quantity", first["quantity"]));
        }

        WithoutPeriods(subscription);
        subscription["discount"] = FirstDiscount(world, subscription);
        foreach (var name in (ReadOnlySpan<string>)["billing_mode", "billing_schedules", "managed_payments"])
        {
            subscription.Remove(name);
        }

        if (previous?.List("items") is [var before, ..])
        {
            previous.With(("current_period_start", before["current_period_start"]), ("current_period_end", before["current_period_end"]));
            WithoutPeriods(previous);
        }
    }

    private static void WithoutPeriods(JsonObject owner)
    {
        foreach (var item in owner.List("items"))
        {
            item.Remove("current_period_start");
            item.Remove("current_period_end");
        }
    }

    private static void Invoice(StripeWorld world, JsonObject invoice)
    {
        var intent = InvoicePayments.Intent(world, invoice);
        var status = invoice.Text("status");
        invoice.With(
            ("subscription", invoice.Child("parent")?.Text("subscription_details", "subscription")), ("payment_intent", intent?.Id()),
            ("charge", intent?.Text("latest_charge")), ("paid", status == "paid"), ("tax", null), ("discount", FirstDiscount(world, invoice)),
            ("subscription_details", new JsonObject { ["metadata"] = invoice.Child("parent")?.Child("subscription_details")?["metadata"]?.DeepClone() }));
        foreach (var name in (ReadOnlySpan<string>)["parent", "confirmation_secret", "payments", "total_taxes", "amount_overpaid"])
        {
            invoice.Remove(name);
        }

        // A preview had no id then.
        if (invoice.Id().StartsWith("upcoming_", StringComparison.Ordinal))
        {
            invoice.Remove("id");
        }

        foreach (var line in invoice.List("lines"))
        {
            Price(world, line);
            var details = line.Child("parent")?.Child("subscription_item_details") ?? line.Child("parent")?.Child("invoice_item_details");
            line.With(
                ("proration", details?.Flag("proration") == true), ("subscription_item", details?.Text("subscription_item")), ("invoice_item", details?.Text("invoice_item")),
                ("type", details?.Text("invoice_item") is null && details is not null ? "subscription" : "invoiceitem"));
            line.Remove("parent");
        }
    }

    private static void Price(StripeWorld world, JsonObject line)
    {
        line["price"] = world.Find("price", line.Child("pricing")?.Text("price_details", "price"))?.Copy();
        line.Remove("pricing");
    }

    private static JsonObject? FirstDiscount(StripeWorld world, JsonObject owner)
    {
        if (owner.Texts("discounts") is not [var id, ..] || world.Find("discount", id)?.Copy() is not { } discount)
        {
            return null;
        }

        Discount(world, discount);
        return discount;
    }

    private static void Discount(StripeWorld world, JsonObject discount)
    {
        discount["coupon"] = world.Billing.CouponOf[discount.Id()].Copy();
        discount.Remove("source");
    }
}
