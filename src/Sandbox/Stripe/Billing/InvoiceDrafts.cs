using System.Globalization;
using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe.Billing;

/// <summary>What an invoice is made of.</summary>
internal sealed record InvoiceOrder
{
    public required JsonObject Customer { get; init; }
    public JsonObject? Subscription { get; init; }
    public required string Reason { get; init; }
    public required string Currency { get; init; }
    public required IReadOnlyList<Line> Lines { get; init; }
    public required long PeriodStart { get; init; }
    public required long PeriodEnd { get; init; }
    public IReadOnlyList<JsonObject> Discounts { get; init; } = [];
    public long? ProrationDate { get; init; }
}

/// <summary>An invoice from its lines to its number: made, added up, finalised, voided. <see cref="InvoicePayments"/> pays it.</summary>
internal static class InvoiceDrafts
{
    /// <summary>How long a renewal's draft waits to be finalised.</summary>
    public const long DraftTime = 3600;

    /// <summary>Writes an invoice that is nobody's yet: a preview stays so.</summary>
    public static JsonObject Write(StripeCall call, InvoiceOrder order, string id)
    {
        var customer = order.Customer;
        var subscription = order.Subscription;
        var invoice = Skeletons.New("invoice").With(
            ("id", id), ("created", call.Now), ("customer", customer.Id()), ("currency", order.Currency), ("billing_reason", order.Reason),
            ("customer_email", customer.Text("email")), ("customer_name", customer.Text("name")), ("customer_phone", customer.Text("phone")),
            ("customer_address", customer["address"]), ("customer_shipping", customer["shipping"]), ("customer_tax_exempt", customer["tax_exempt"]),
            ("period_start", order.PeriodStart), ("period_end", order.PeriodEnd));
        if (subscription is not null)
        {
            var details = new JsonObject { ["metadata"] = subscription["metadata"]?.DeepClone(), ["subscription"] = subscription.Id() };
            if (order.ProrationDate is { } date)
            {
                details["subscription_proration_date"] = date;
            }

            invoice["parent"] = new JsonObject { ["quote_details"] = null, ["subscription_details"] = details, ["type"] = "subscription_details" };
        }

        var lines = invoice.Child("lines")!;
        lines["url"] = $"/v1/invoices/{id}/lines";
        lines["data"] = new JsonArray([.. order.Lines.Select(line => InvoiceLines.Write(call, line, id, order.Currency))]);
        AddUp(call, invoice, customer, order.Discounts);
        return invoice;
    }

    /// <summary>A real draft.</summary>
    public static JsonObject Make(StripeCall call, InvoiceOrder order)
    {
        var invoice = Write(call, order, Ids.New("in_1"));
        call.World.Add(invoice);
        order.Customer["currency"] ??= order.Currency;
        foreach (var line in invoice.List("lines"))
        {
            var details = line.Child("parent")?.Child("subscription_item_details");
            if (details?.Text("subscription_item") is { } item && line.Long("amount") >= 0)
            {
                call.World.Billing.LastLine[item] = (invoice.Id(), line.Id());
            }

            var from = details?.Text("invoice_item") ?? line.Child("parent")?.Text("invoice_item_details", "invoice_item");
            if (call.World.Find("invoiceitem", from) is { } used)
            {
                used["invoice"] = invoice.Id();
            }
        }

        if (order.Subscription is { } subscription)
        {
            subscription["latest_invoice"] = invoice.Id();
            Discounts.UseUp(call, subscription, invoice);
        }

        call.Emit("invoice.created", invoice);
        return invoice;
    }

    public static void AddUp(StripeCall call, JsonObject invoice, JsonObject customer, IReadOnlyList<JsonObject> discounts)
    {
        foreach (var line in invoice.List("lines"))
        {
            line["discount_amounts"] = new JsonArray();
        }

        var subtotal = invoice.List("lines").Sum(line => line.Long("amount"));
        var total = Discounts.Apply(call, invoice, discounts);
        var balance = customer.Long("balance");
        var (due, _) = Due(total, balance, invoice.Text("currency")!);
        invoice.With(
            ("subtotal", subtotal), ("subtotal_excluding_tax", subtotal), ("total", total), ("total_excluding_tax", total), ("starting_balance", balance),
            ("amount_due", due), ("amount_remaining", due));
    }

    /// <summary>The draft becomes final: it has a number, the customer's balance is used, and what is due has a payment intent.</summary>
    public static void Finalize(StripeCall call, JsonObject invoice)
    {
        var customer = call.World.Find("customer", invoice.Text("customer"));
        if (invoice.Text("status") != "draft" || customer is null)
        {
            return;
        }

        RefreshUsage(call, invoice);
        AddUp(call, invoice, customer, [.. invoice.Texts("discounts").Select(id => call.World.Find("discount", id)!)]);
        var total = invoice.Long("total");
        var (due, balance) = Due(total, customer.Long("balance"), invoice.Text("currency")!);
        var number = customer.Long("next_invoice_sequence");
        customer["next_invoice_sequence"] = number + 1;
        CustomerBalance.Move(call, customer, balance - customer.Long("balance"), invoice);
        var hosted = $"{call.Origin}/stripe/i/{invoice.Id()}";
        invoice.With(
            ("status", "open"), ("number", $"{customer.Text("invoice_prefix")}-{number.ToString("0000", CultureInfo.InvariantCulture)}"),
            ("ending_balance", balance), ("amount_due", due), ("amount_remaining", due), ("effective_at", call.Now), ("automatically_finalizes_at", null),
            ("hosted_invoice_url", hosted), ("invoice_pdf", hosted + "/pdf"), ("customer_email", customer.Text("email")), ("customer_name", customer.Text("name")));
        invoice.Child("status_transitions")!["finalized_at"] = call.Now;
        if (due > 0)
        {
            InvoicePayments.MakeIntent(call, invoice);
        }

        call.Emit("invoice.finalized", invoice);
        if (due == 0)
        {
            InvoicePayments.Settle(call, invoice, null);
        }
    }

    /// <summary>Nobody owes it any more.</summary>
    public static void Void(StripeCall call, JsonObject invoice)
    {
        if (invoice.Text("status") is not ("open" or "uncollectible"))
        {
            return;
        }

        InvoicePayments.CancelIntent(call, invoice);
        // The balance that the invoice had used is the customer's again.
        if (call.World.Find("customer", invoice.Text("customer")) is { } customer && invoice.LongOrNull("ending_balance") is { } ending)
        {
            CustomerBalance.Move(call, customer, invoice.Long("starting_balance") - ending, invoice, "unapplied_from_invoice");
        }

        invoice.With(("status", "void"), ("next_payment_attempt", null), ("auto_advance", false));
        invoice.Child("status_transitions")!["voided_at"] = call.Now;
        call.Emit("invoice.voided", invoice);
    }

    /// <summary>Stripe gives up on it, as a paused collection may ask.</summary>
    public static void WriteOff(StripeCall call, JsonObject invoice)
    {
        InvoicePayments.CancelIntent(call, invoice);
        invoice.With(("status", "uncollectible"), ("next_payment_attempt", null), ("auto_advance", false));
        invoice.Child("status_transitions")!["marked_uncollectible_at"] = call.Now;
        call.Emit("invoice.marked_uncollectible", invoice);
    }

    /// <summary>The balance that the customer would have when this invoice became final as it is.</summary>
    public static long BalanceAfter(JsonObject invoice) => Due(invoice.Long("total"), invoice.Long("starting_balance"), invoice.Text("currency")!).Balance;

    /// <summary>
    /// What is to be paid and which balance stays: a credit pays first, what is owed comes on top, a negative invoice is a credit, and
    /// what is too little for any bank is owed until the next invoice.
    /// </summary>
    private static (long Due, long Balance) Due(long total, long balance, string currency)
    {
        var sum = total + balance;
        return total < 0 || sum <= 0 ? (0, sum) : sum < Currencies.Least(currency) ? (0, sum) : (sum, 0);
    }

    // Usage that arrived while the invoice was a draft still counts.
    private static void RefreshUsage(StripeCall call, JsonObject invoice)
    {
        foreach (var line in invoice.List("lines"))
        {
            if (call.World.Find("price", line.Child("pricing")?.Text("price_details", "price")) is { } price && price.Child("recurring") is not null && Prices.IsMetered(price))
            {
                var period = line.Child("period")!;
                var quantity = MeterUsage.Sum(call, price.Text("recurring", "meter")!, invoice.Text("customer")!, period.Long("start"), period.Long("end"));
                var amount = Prices.Amount(price, quantity);
                line.With(
                    ("quantity", quantity), ("quantity_decimal", quantity.ToString(CultureInfo.InvariantCulture)), ("amount", amount), ("subtotal", amount),
                    ("description", InvoiceLines.Words(call, price, quantity)));
            }
        }
    }
}
