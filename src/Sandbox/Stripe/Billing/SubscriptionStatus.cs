using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>A subscription's way through its statuses: what its invoices, its trial and its end make of it.</summary>
internal static class SubscriptionStatus
{
    /// <summary>Nothing more will happen to it.</summary>
    public static bool IsOver(JsonObject subscription) => subscription.Text("status") is "canceled" or "incomplete_expired" || subscription.Flag("deleted");

    /// <summary>Time that it is in; all items have the same.</summary>
    public static (long Start, long End) Period(JsonObject subscription)
    {
        var item = subscription.List("items")[0];
        return (item.Long("current_period_start"), item.Long("current_period_end"));
    }

    public static void SetPeriod(JsonObject subscription, (long Start, long End) period)
    {
        foreach (var item in subscription.List("items"))
        {
            item.With(("current_period_start", period.Start), ("current_period_end", period.End));
        }
    }

    /// <summary>Its card: its own, or its customer's.</summary>
    public static JsonObject? Method(StripeCall call, JsonObject subscription) => PaymentMethods.Of(call, subscription.Text("customer"),
        subscription.Text("default_payment_method"),
        call.World.Find("customer", subscription.Text("customer"))?.Text("invoice_settings", "default_payment_method"));

    public static void InvoicePaid(StripeCall call, JsonObject invoice, JsonObject? intent)
    {
        if (InvoicePayments.Subscription(call.World, invoice) is not { } subscription || IsOver(subscription))
        {
            return;
        }

        var resumes = call.World.Billing.Resumption.GetValueOrDefault(subscription.Id()) == invoice.Id();
        Change(call, subscription, () =>
        {
            var latest = subscription.Text("latest_invoice") == invoice.Id();
            if (latest && subscription.Text("status") is "incomplete" or "past_due" or "unpaid" || resumes)
            {
                subscription["status"] = subscription.LongOrNull("trial_end") > call.Now ? "trialing" : "active";
            }

            if (intent?.Text("payment_method") is { } method && subscription.Text("payment_settings", "save_default_payment_method") == "on_subscription"
                && call.World.Find("payment_method", method)?.Text("customer") == subscription.Text("customer"))
            {
                subscription["default_payment_method"] = method;
            }
        });
        if (resumes)
        {
            call.World.Billing.Resumption.Remove(subscription.Id());
            call.Emit("customer.subscription.resumed", subscription);
        }
    }

    /// <summary>Tells a subscription that was just made, once.</summary>
    public static void Begun(StripeCall call, JsonObject subscription)
    {
        if (call.World.Billing.Beginning == subscription.Id())
        {
            call.World.Billing.Beginning = null;
            call.Emit("customer.subscription.created", subscription);
        }
    }

    public static void Change(StripeCall call, JsonObject subscription, Action change)
    {
        if (call.World.Billing.Beginning == subscription.Id())
        {
            change();
            Begun(call, subscription);
            return;
        }

        call.Change(subscription, "customer.subscription.updated", change);
    }

    public static void InvoiceFailed(StripeCall call, JsonObject invoice)
    {
        if (InvoicePayments.Subscription(call.World, invoice) is { } subscription && subscription.Text("latest_invoice") == invoice.Id()
            && subscription.Text("status") is "active" or "trialing")
        {
            call.Change(subscription, "customer.subscription.updated", () => subscription["status"] = "past_due");
        }
    }

    /// <summary>Without its first invoice there is no subscription; a later one that is no longer owed makes it good again.</summary>
    public static void InvoiceVoided(StripeCall call, JsonObject invoice)
    {
        if (InvoicePayments.Subscription(call.World, invoice) is not { } subscription || subscription.Text("latest_invoice") != invoice.Id())
        {
            return;
        }

        Expire(call, subscription);
        if (subscription.Text("status") is "past_due" or "unpaid")
        {
            call.Change(subscription, "customer.subscription.updated", () => subscription["status"] = "active");
        }
    }

    /// <summary>A first payment that nobody made within 23 hours.</summary>
    public static void Expire(StripeCall call, JsonObject subscription)
    {
        if (subscription.Text("status") != "incomplete")
        {
            return;
        }

        call.Change(subscription, "customer.subscription.updated", () => subscription.With(("status", "incomplete_expired"), ("ended_at", call.Now)));
        CloseInvoices(call, subscription);
    }

    /// <summary>It is canceled now, for good.</summary>
    public static void End(StripeCall call, JsonObject subscription, string? reason)
    {
        var incomplete = subscription.Text("status") == "incomplete";
        subscription.With(("status", "canceled"), ("ended_at", call.Now), ("canceled_at", subscription.LongOrNull("canceled_at") ?? call.Now));
        var details = subscription.Child("cancellation_details")!;
        details["reason"] = details.Text("reason") ?? reason;
        call.Emit("customer.subscription.deleted", subscription);
        if (incomplete)
        {
            CloseInvoices(call, subscription);
        }

        // Drafts and open invoices stay, but nobody pursues them any more.
        foreach (var invoice in Invoices(call, subscription).Where(one => one.Text("status") is "draft" or "open"))
        {
            invoice.With(("auto_advance", false), ("next_payment_attempt", null), ("automatically_finalizes_at", null));
        }
    }

    /// <summary>A subscription that begins without a payment asks for a card beforehand; here it has come.</summary>
    public static void CardSetUp(StripeCall call, JsonObject setup)
    {
        if (setup.Text("status") == "succeeded" && call.World.Billing.SubscriptionOfSetup.TryGetValue(setup.Id(), out var id)
            && call.World.Find("subscription", id) is { } subscription && !IsOver(subscription))
        {
            call.Change(subscription, "customer.subscription.updated", () =>
            {
                subscription["pending_setup_intent"] = null;
                if (subscription.Text("payment_settings", "save_default_payment_method") == "on_subscription")
                {
                    subscription["default_payment_method"] = setup.Text("payment_method");
                }
            });
        }
    }

    public static IEnumerable<JsonObject> Invoices(StripeCall call, JsonObject subscription) =>
        call.World.All("invoice").Where(one => one.Child("parent")?.Text("subscription_details", "subscription") == subscription.Id());

    private static void CloseInvoices(StripeCall call, JsonObject subscription)
    {
        foreach (var invoice in Invoices(call, subscription).Where(one => one.Text("status") == "open").ToList())
        {
            InvoiceDrafts.Void(call, invoice);
        }
    }
}
