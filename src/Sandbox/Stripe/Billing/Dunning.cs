using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>What follows a renewal that was not paid: retries on the account's days, then the end that the account chose.</summary>
internal static class Dunning
{
    private const long Day = 86400;

    /// <summary>Sets the invoice's next attempt. True when there is none left and this was the last.</summary>
    public static bool Plan(StripeCall call, JsonObject invoice, bool itself)
    {
        // The first invoice of a subscription waits for its customer, and so does one that does not advance by itself.
        if (invoice.Text("billing_reason") == "subscription_create" || !invoice.Flag("auto_advance"))
        {
            return false;
        }

        var (retries, rules) = (call.World.Billing.Retries, call.World.Billing.Rules);
        if (!retries.TryGetValue(invoice.Id(), out var standing))
        {
            standing = (call.Now, 0);
        }
        else if (itself)
        {
            standing.Done++;
        }
        else
        {
            return false;
        }

        retries[invoice.Id()] = standing;
        if (standing.Done >= rules.RetryDays.Count)
        {
            invoice["next_payment_attempt"] = null;
            return true;
        }

        var next = standing.FirstFailure + rules.RetryDays[standing.Done] * Day;
        invoice["next_payment_attempt"] = next;
        call.World.At(next, due =>
        {
            if (invoice.Text("status") == "open" && invoice.LongOrNull("next_payment_attempt") == next)
            {
                InvoicePayments.Try(due, invoice, offSession: true, itself: true);
            }
        });
        return false;
    }

    public static void GiveUp(StripeCall call, JsonObject invoice)
    {
        invoice["auto_advance"] = false;
        if (InvoicePayments.Subscription(call.World, invoice) is not { } subscription || SubscriptionStatus.IsOver(subscription))
        {
            return;
        }

        switch (call.World.Billing.Rules.Then)
        {
            case "cancel":
                SubscriptionStatus.End(call, subscription, "payment_failed");
                break;
            case "unpaid":
                call.Change(subscription, "customer.subscription.updated", () => subscription["status"] = "unpaid");
                break;
        }
    }
}
