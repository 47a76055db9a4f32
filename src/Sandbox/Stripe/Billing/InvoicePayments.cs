using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>
/// How invoices are paid: each has one payment intent that every attempt uses, whoever makes it — Stripe by itself, the API, the
/// customer's browser — and <see cref="Follow"/> is where the intent's outcome becomes the invoice's.
/// </summary>
internal static class InvoicePayments
{
    public static void Map(StripeApi api) => api.Get("/v1/invoice_payments", List);

    public static JsonObject? Of(StripeWorld world, string invoice) => world.All("invoice_payment").FirstOrDefault(one => one.Text("invoice") == invoice);

    /// <summary>An invoice's payments, as a list within it.</summary>
    public static JsonObject ListOf(StripeWorld world, string invoice) =>
        Listing.Page(world.All("invoice_payment").Where(one => one.Text("invoice") == invoice), false, $"/v1/invoice_payments?invoice={invoice}");

    public static JsonObject? Intent(StripeWorld world, JsonObject invoice) => world.Find("payment_intent", Of(world, invoice.Id())?.Text("payment", "payment_intent"));

    /// <summary>What a browser confirms the payment with.</summary>
    public static JsonObject? Secret(StripeWorld world, JsonObject invoice) => Intent(world, invoice) is { } intent
        ? new JsonObject { ["client_secret"] = intent.Text("client_secret"), ["type"] = "payment_intent" }
        : null;

    /// <summary>The subscription that an invoice belongs to.</summary>
    public static JsonObject? Subscription(StripeWorld world, JsonObject invoice) =>
        world.Find("subscription", invoice.Child("parent")?.Text("subscription_details", "subscription"));

    public static void MakeIntent(StripeCall call, JsonObject invoice)
    {
        var subscription = Subscription(call.World, invoice);
        var intent = PaymentIntents.Make(call, invoice.Long("amount_due"), invoice.Text("currency")!, made =>
        {
            made.With(
                ("customer", invoice.Text("customer")), ("description", Words(invoice, subscription)), ("receipt_email", null),
                ("setup_future_usage", subscription is null ? null : "off_session"));
            call.World.Billing.InvoiceOfIntent[made.Id()] = invoice.Id();
        });
        call.Create("invoice_payment", "inpay_1").With(
            ("amount_requested", invoice.Long("amount_due")), ("currency", invoice.Text("currency")), ("invoice", invoice.Id()),
            ("payment", new JsonObject { ["payment_intent"] = intent.Id(), ["type"] = "payment_intent" }));
    }

    public static void CancelIntent(StripeCall call, JsonObject invoice)
    {
        if (Intent(call.World, invoice) is { } intent && intent.Text("status") is not ("succeeded" or "canceled"))
        {
            Payments.Cancel(call, intent, "void_invoice");
        }

        if (Of(call.World, invoice.Id()) is { } payment && payment.Text("status") == "open")
        {
            payment["status"] = "canceled";
            payment.Child("status_transitions")!["canceled_at"] = call.Now;
        }
    }

    /// <summary>The card for an invoice: its own, its subscription's, its customer's.</summary>
    public static JsonObject? Method(StripeCall call, JsonObject invoice) => PaymentMethods.Of(call, invoice.Text("customer"),
        invoice.Text("default_payment_method"), Subscription(call.World, invoice)?.Text("default_payment_method"),
        call.World.Find("customer", invoice.Text("customer"))?.Text("invoice_settings", "default_payment_method"));

    /// <summary>One attempt with this card or the one on file. The failure when it failed.</summary>
    /// <param name="call">The call, or time itself.</param>
    /// <param name="invoice">An open one.</param>
    /// <param name="offSession">The customer is away.</param>
    /// <param name="itself">By Stripe itself: what fails is tried again by the account's rules.</param>
    /// <param name="method">Another card than the one on file.</param>
    public static CardFailure? Try(StripeCall call, JsonObject invoice, bool offSession, bool itself, JsonObject? method = null)
    {
        var intent = Intent(call.World, invoice)!;
        call.World.Billing.Trying = itself ? invoice.Id() : null;
        try
        {
            if ((method ?? Method(call, invoice)) is { } card)
            {
                var failure = Payments.Try(call, intent, card, new Attempt { OffSession = offSession, Waits = true });
                Payments.Aftermath(call, intent);
                return failure;
            }

            Failed(call, invoice);
            return new CardFailure("invoice_no_payment_method", "This invoice has no payment method: the customer has no default card.");
        }
        finally
        {
            call.World.Billing.Trying = null;
        }
    }

    /// <summary>An intent came to an outcome; if it pays an invoice, the invoice follows.</summary>
    public static void Follow(StripeCall call, JsonObject intent)
    {
        if (!call.World.Billing.InvoiceOfIntent.TryGetValue(intent.Id(), out var id) || call.World.Find("invoice", id) is not { } invoice
            || invoice.Text("status") is not ("open" or "uncollectible"))
        {
            return;
        }

        switch (intent.Text("status"))
        {
            case "succeeded":
                Settle(call, invoice, intent);
                break;
            case "requires_action":
                call.Emit("invoice.payment_action_required", invoice);
                if (call.World.Billing.Trying == id)
                {
                    Failed(call, invoice);
                }

                break;
            case "requires_payment_method":
                Failed(call, invoice);
                break;
        }
    }

    /// <summary>The invoice is paid: by this intent, outside of Stripe, or because nothing was due.</summary>
    public static void Settle(StripeCall call, JsonObject invoice, JsonObject? intent)
    {
        var due = invoice.Long("amount_due");
        invoice.With(
            ("status", "paid"), ("attempted", true), ("amount_paid", due), ("amount_remaining", 0L), ("next_payment_attempt", null), ("auto_advance", false),
            ("attempt_count", call.World.Billing.Trying == invoice.Id() ? invoice.Long("attempt_count") + 1 : Math.Max(invoice.Long("attempt_count"), due > 0 ? 1 : 0)));
        invoice.Child("status_transitions")!["paid_at"] = call.Now;
        if (Of(call.World, invoice.Id()) is { } payment && payment.Text("status") == "open")
        {
            payment.With(("status", "paid"), ("amount_paid", due));
            payment.Child("status_transitions")!["paid_at"] = call.Now;
            call.Emit("invoice_payment.paid", payment);
        }

        SubscriptionStatus.InvoicePaid(call, invoice, intent);
        call.Emit("invoice.paid", invoice);
        call.Emit("invoice.payment_succeeded", invoice);
    }

    private static void Failed(StripeCall call, JsonObject invoice)
    {
        var itself = call.World.Billing.Trying == invoice.Id();
        invoice["attempted"] = true;
        if (itself || invoice.Long("attempt_count") == 0)
        {
            invoice["attempt_count"] = invoice.Long("attempt_count") + 1;
        }

        var over = Dunning.Plan(call, invoice, itself);
        call.Emit("invoice.payment_failed", invoice);
        SubscriptionStatus.InvoiceFailed(call, invoice);
        if (over)
        {
            Dunning.GiveUp(call, invoice);
        }
    }

    private static string Words(JsonObject invoice, JsonObject? subscription) => invoice.Text("description") ?? (subscription is null ? $"Payment for Invoice"
        : invoice.Text("billing_reason") == "subscription_create" ? "Subscription creation" : "Subscription update");

    private static JsonObject List(StripeCall call)
    {
        var given = call.Params;
        var (invoice, status, intent) = (given.Text("invoice"), given.Text("status"), given.Child("payment").Text("payment_intent"));
        return Listing.Of(call, call.World.All("invoice_payment")
            .Where(one => invoice is null || one.Text("invoice") == invoice)
            .Where(one => status is null || one.Text("status") == status)
            .Where(one => intent is null || one.Text("payment", "payment_intent") == intent), "/v1/invoice_payments");
    }
}
