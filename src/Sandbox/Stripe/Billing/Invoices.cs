using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>Invoices as the API shows, makes, pays and voids them.</summary>
internal static class Invoices
{
    private const string NotPlayed =
        "account_tax_ids application_fee_amount automatically_finalizes_at custom_fields customer_account days_until_due default_source "
        + "default_tax_rates due_date effective_at from_invoice issuer number on_behalf_of payment_settings rendering shipping_cost shipping_details transfer_data";

    public static void Map(StripeApi api)
    {
        api.Post("/v1/invoices", Create, NotPlayed);
        api.Get("/v1/invoices", List);
        api.Get("/v1/invoices/{invoice}", Addressed);
        api.Post("/v1/invoices/{invoice}", Update, NotPlayed);
        api.Delete("/v1/invoices/{invoice}", Delete);
        api.Get("/v1/invoices/{invoice}/lines", call =>
        {
            var invoice = Addressed(call);
            return Listing.Of(call, invoice.List("lines"), $"/v1/invoices/{invoice.Id()}/lines");
        });
        api.Post("/v1/invoices/{invoice}/finalize", Finalize);
        api.Post("/v1/invoices/{invoice}/pay", Pay, "forgive mandate source");
        api.Post("/v1/invoices/{invoice}/void", Void);
    }

    /// <summary>A draft goes its way by itself: it becomes final and is paid with the card on file.</summary>
    public static void Advance(StripeCall call, JsonObject invoice)
    {
        InvoiceDrafts.Finalize(call, invoice);
        if (invoice.Text("status") != "open")
        {
            return;
        }

        switch (InvoicePayments.Subscription(call.World, invoice)?.Child("pause_collection")?.Text("behavior"))
        {
            case "void":
                InvoiceDrafts.Void(call, invoice);
                break;
            case "mark_uncollectible":
                InvoiceDrafts.WriteOff(call, invoice);
                break;
            default:
                InvoicePayments.Try(call, invoice, offSession: true, itself: true);
                break;
        }
    }

    /// <summary>One more line on a draft.</summary>
    public static void Add(StripeCall call, JsonObject invoice, JsonObject item)
    {
        item["invoice"] = invoice.Id();
        invoice["lines"]!["data"]!.AsArray().Add(InvoiceLines.Write(call, InvoiceItems.ToLine(call, item), invoice.Id(), invoice.Text("currency")!));
        InvoiceDrafts.AddUp(call, invoice, call.World.Find("customer", invoice.Text("customer"))!, DiscountsOf(call, invoice));
    }

    private static JsonObject Addressed(StripeCall call) => call.Addressed("invoice", "invoice");

    private static IReadOnlyList<JsonObject> DiscountsOf(StripeCall call, JsonObject invoice) => [.. invoice.Texts("discounts").Select(id => call.World.Find("discount", id)!)];

    private static JsonObject Create(StripeCall call)
    {
        var given = call.Params;
        var customer = call.Named("customer", "customer") ?? throw StripeError.Invalid("Missing required param: customer.", "customer", "parameter_missing");
        Subscriptions.CheckPlayed(given);
        Subscriptions.CheckMethod(call, given, customer.Id());
        var subscription = call.Named("subscription", "subscription");
        var currency = given.Has("currency") ? Currencies.Check(given) : subscription?.Text("currency") ?? customer.Text("currency") ?? "usd";
        var pending = subscription is not null || given.Text("pending_invoice_items_behavior") == "include"
            ? InvoiceItems.Pending(call, customer.Id(), subscription?.Id(), currency, own: subscription is not null)
            : [];
        if (subscription is not null && pending.Count == 0)
        {
            throw StripeError.Invalid("Nothing to invoice for subscription", "subscription", "invoice_no_subscription_line_items");
        }

        List<Line> lines = [.. pending.Select(item => InvoiceItems.ToLine(call, item))];
        var discounts = Discounts.Asked(call, given.Children("discounts"), customer.Id(), currency, lines.Sum(line => line.Amount));
        Discounts.Keep(call, discounts, null, customer.Id());
        var invoice = InvoiceDrafts.Make(call, new InvoiceOrder
        {
            Customer = customer,
            Subscription = subscription,
            Reason = "manual",
            Currency = currency,
            Lines = lines,
            PeriodStart = call.Now,
            PeriodEnd = call.Now,
            Discounts = discounts,
        });
        invoice["auto_advance"] = given.Flag("auto_advance") == true;
        given.CopyTo(invoice, "default_payment_method", "description", "footer", "statement_descriptor");
        given.MergeMetadata(invoice);
        if (invoice.Flag("auto_advance"))
        {
            AdvanceLater(call, invoice);
        }

        return invoice;
    }

    private static JsonObject List(StripeCall call)
    {
        var given = call.Params;
        if (given.Has("due_date"))
        {
            throw StripeError.NotPlayed("due_date");
        }

        return Listing.Of(call, call.World.All("invoice")
            .Where(one => given.Text("customer") is not { } customer || one.Text("customer") == customer)
            .Where(one => given.Text("status") is not { } status || one.Text("status") == status)
            .Where(one => given.Text("collection_method") is not { } method || one.Text("collection_method") == method)
            .Where(one => given.Text("subscription") is not { } subscription || one.Child("parent")?.Text("subscription_details", "subscription") == subscription), "/v1/invoices");
    }

    private static JsonObject Update(StripeCall call)
    {
        var invoice = Addressed(call);
        var given = call.Params;
        if (invoice.Text("status") != "draft" && (given.Has("discounts") || given.Has("description") || given.Has("footer") || given.Has("statement_descriptor")))
        {
            throw StripeError.Invalid("Finalized invoices can't be updated in this way.", "invoice", "invoice_not_editable");
        }

        Subscriptions.CheckPlayed(given);
        Subscriptions.CheckMethod(call, given, invoice.Text("customer")!);
        var discounts = given.Has("discounts")
            ? Discounts.Asked(call, given.Children("discounts"), invoice.Text("customer"), invoice.Text("currency")!, invoice.Long("subtotal"))
            : null;
        call.Change(invoice, "invoice.updated", () =>
        {
            given.CopyTo(invoice, "auto_advance", "default_payment_method", "description", "footer", "statement_descriptor");
            given.MergeMetadata(invoice);
            if (discounts is not null)
            {
                Discounts.Keep(call, discounts, null, invoice.Text("customer"));
                InvoiceDrafts.AddUp(call, invoice, call.World.Find("customer", invoice.Text("customer"))!, discounts);
            }
        });
        if (given.Flag("auto_advance") == true && invoice.Text("status") == "draft" && invoice.LongOrNull("automatically_finalizes_at") is null)
        {
            AdvanceLater(call, invoice);
        }

        return invoice;
    }

    private static JsonObject Delete(StripeCall call)
    {
        var invoice = Addressed(call);
        if (invoice.Text("status") != "draft" || InvoicePayments.Subscription(call.World, invoice) is not null)
        {
            throw StripeError.Invalid("You can only delete draft invoices that are not part of a subscription.", "invoice");
        }

        foreach (var item in call.World.All("invoiceitem").Where(one => one.Text("invoice") == invoice.Id()).ToList())
        {
            StripeWorld.Delete(item);
        }

        call.Emit("invoice.deleted", invoice);
        return StripeWorld.Delete(invoice);
    }

    private static JsonObject Finalize(StripeCall call)
    {
        var invoice = Addressed(call);
        if (invoice.Text("status") != "draft")
        {
            throw StripeError.Invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.", "invoice");
        }

        call.Params.CopyTo(invoice, "auto_advance");
        if (invoice.Flag("auto_advance"))
        {
            Advance(call, invoice);
        }
        else
        {
            InvoiceDrafts.Finalize(call, invoice);
        }

        return invoice;
    }

    private static JsonObject Pay(StripeCall call)
    {
        var invoice = Addressed(call);
        var method = PaymentMethods.Named(call, call.Params, "payment_method");
        if (method?.Text("customer") is { } owner && owner != invoice.Text("customer"))
        {
            throw StripeError.Invalid("The payment method belongs to another customer.", "payment_method");
        }

        // What is refused is refused before anything happens.
        if (method is not null)
        {
            PaymentMethods.RefuseUsedUp(call, method);
        }
        else if (call.Params.Flag("paid_out_of_band") != true && invoice.Text("status") is "draft" or "open" or "uncollectible"
            && invoice.Long("amount_due") > 0 && InvoicePayments.Method(call, invoice) is null)
        {
            throw NoMethod();
        }

        InvoiceDrafts.Finalize(call, invoice);
        if (invoice.Text("status") is not ("open" or "uncollectible"))
        {
            // What was a draft of nothing is paid by now, and that is what was asked for.
            return invoice.Text("status") == "paid" && invoice.LongOrNull("effective_at") == call.Now && invoice.Long("amount_due") == 0
                ? invoice
                : throw StripeError.Invalid(invoice.Text("status") == "paid" ? "Invoice is already paid" : $"This invoice is {invoice.Text("status")} and cannot be paid.", "invoice");
        }

        if (call.Params.Flag("paid_out_of_band") == true)
        {
            InvoicePayments.CancelIntent(call, invoice);
            InvoicePayments.Settle(call, invoice, null);
            return invoice;
        }

        var failure = InvoicePayments.Try(call, invoice, call.Params.Flag("off_session") ?? true, itself: false, method);
        if (failure is not null)
        {
            throw failure.Code == "invoice_no_payment_method"
                ? NoMethod()
                : StripeError.Card(failure, "payment_intent", InvoicePayments.Intent(call.World, invoice));
        }

        return invoice.Text("status") == "open" && InvoicePayments.Intent(call.World, invoice)?.Text("status") == "requires_action"
            ? throw new StripeError(402, "card_error",
                "This payment requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with the invoice.")
            { Code = "invoice_payment_intent_requires_action" }
            : invoice;
    }

    private static StripeError NoMethod() =>
        StripeError.Invalid("There is no `default_payment_method` set on this Customer or Invoice. Please set one before paying.", "invoice", "resource_missing");

    private static JsonObject Void(StripeCall call)
    {
        var invoice = Addressed(call);
        if (invoice.Text("status") is not ("open" or "uncollectible"))
        {
            throw StripeError.Invalid($"You can only pass in open or uncollectible invoices. This invoice is {invoice.Text("status")}.", "invoice");
        }

        InvoiceDrafts.Void(call, invoice);
        SubscriptionStatus.InvoiceVoided(call, invoice);
        return invoice;
    }

    private static void AdvanceLater(StripeCall call, JsonObject invoice)
    {
        var at = call.Now + InvoiceDrafts.DraftTime;
        invoice["automatically_finalizes_at"] = at;
        call.World.At(at, due =>
        {
            if (invoice.Text("status") == "draft" && invoice.Flag("auto_advance") && !invoice.Flag("deleted"))
            {
                Advance(due, invoice);
            }
        });
    }
}
