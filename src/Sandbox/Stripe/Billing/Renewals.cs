using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>What time does to a subscription: renews it, ends its trial, ends it, and warns beforehand.</summary>
internal static class Renewals
{
    private const long Day = 86400;
    private const long TrialWarning = 3 * Day;

    /// <summary>Puts the end of the subscription's period on the agenda. A later change of the period makes this entry void.</summary>
    public static void Schedule(StripeCall call, JsonObject subscription)
    {
        var (start, end) = SubscriptionStatus.Period(subscription);
        call.World.At(end, due =>
        {
            if (Stands(subscription, end))
            {
                Renew(due, subscription);
            }
        });
        var warning = end - call.World.Billing.Rules.UpcomingDays * Day;
        if (warning > start)
        {
            call.World.At(warning, due =>
            {
                if (Stands(subscription, end) && subscription.LongOrNull("cancel_at") is null && subscription.Text("status") is "active" or "trialing" or "past_due")
                {
                    due.Emit("invoice.upcoming", InvoicePreview.Next(due, subscription));
                }
            });
        }
    }

    /// <summary>Puts an end that lies within or beyond the period on the agenda.</summary>
    public static void ScheduleEnd(StripeCall call, JsonObject subscription, long at) => call.World.At(at, due =>
    {
        if (!SubscriptionStatus.IsOver(subscription) && subscription.LongOrNull("cancel_at") == at)
        {
            End(due, subscription);
        }
    });

    /// <summary>Three days before a trial ends, or at once when it is shorter.</summary>
    public static void WarnOfTrialEnd(StripeCall call, JsonObject subscription)
    {
        var end = subscription.Long("trial_end");
        call.World.At(Math.Max(call.Now, end - TrialWarning), due =>
        {
            if (subscription.Text("status") == "trialing" && subscription.LongOrNull("trial_end") == end)
            {
                due.Emit("customer.subscription.trial_will_end", subscription);
            }
        });
    }

    /// <summary>The invoice that the next period begins with, as far as it can be told.</summary>
    public static InvoiceOrder Order(StripeCall call, JsonObject subscription, IReadOnlyList<PlannedItem> items, (long Start, long End) next, (long Start, long End) over)
    {
        var customer = call.World.Find("customer", subscription.Text("customer"))!;
        var currency = subscription.Text("currency")!;
        return new InvoiceOrder
        {
            Customer = customer,
            Subscription = subscription,
            Reason = "subscription_cycle",
            Currency = currency,
            Lines =
            [
                .. InvoiceItems.Pending(call, customer.Id(), subscription.Id(), currency).Select(item => InvoiceItems.ToLine(call, item)),
                .. InvoiceLines.Of(call, subscription, customer.Id(), items, next, over),
            ],
            PeriodStart = over.Start,
            PeriodEnd = over.End,
            Discounts = Discounts.Of(call, subscription, tidy: false),
        };
    }

    /// <summary>The period after this one, by the items' interval.</summary>
    public static (long Start, long End) Next(JsonObject subscription, IReadOnlyList<PlannedItem> items, long from)
    {
        var (interval, count) = Prices.Interval(items[0].Price);
        return (from, BillingCycle.Next(subscription.Long("billing_cycle_anchor"), from, interval, count));
    }

    /// <summary>The last invoice of a subscription that ends: usage that is not billed yet, and what still waits.</summary>
    public static void Last(StripeCall call, JsonObject subscription, bool withPending, bool now = false)
    {
        var customer = call.World.Find("customer", subscription.Text("customer"));
        var currency = subscription.Text("currency")!;
        var (start, end) = SubscriptionStatus.Period(subscription);
        var over = (Start: start, End: Math.Min(end, call.Now));
        List<Line> lines = [.. InvoiceLines.OfUsage(call, subscription, PlannedItem.Of(call, subscription), over).Where(line => line.Quantity != 0)];
        if (withPending && customer is not null)
        {
            lines.InsertRange(0, InvoiceItems.Pending(call, customer.Id(), subscription.Id(), currency, own: true).Select(item => InvoiceItems.ToLine(call, item)));
        }

        if (customer is null || lines.Count == 0)
        {
            return;
        }

        var invoice = InvoiceDrafts.Make(call, new InvoiceOrder
        {
            Customer = customer,
            Subscription = subscription,
            Reason = "subscription_cycle",
            Currency = currency,
            Lines = lines,
            PeriodStart = over.Start,
            PeriodEnd = over.End,
            Discounts = Discounts.Of(call, subscription, tidy: false),
        });
        if (now)
        {
            Invoices.Advance(call, invoice);
        }
        else
        {
            FinalizeLater(call, invoice, subscription);
        }
    }

    private static bool Stands(JsonObject subscription, long end) =>
        !SubscriptionStatus.IsOver(subscription) && SubscriptionStatus.Period(subscription).End == end && subscription.Text("status") is not ("incomplete" or "paused");

    private static void Renew(StripeCall call, JsonObject subscription)
    {
        if (subscription.LongOrNull("cancel_at") <= call.Now)
        {
            End(call, subscription);
            return;
        }

        if (call.World.Find("customer", subscription.Text("customer")) is null)
        {
            SubscriptionStatus.End(call, subscription, null);
            return;
        }

        if (subscription.Text("status") == "trialing" && EndTrialWithoutCard(call, subscription))
        {
            return;
        }

        Discounts.Of(call, subscription);
        var items = PlannedItem.Of(call, subscription);
        var over = SubscriptionStatus.Period(subscription);
        var next = Next(subscription, items, over.End);
        var before = subscription.Copy();
        SubscriptionStatus.SetPeriod(subscription, next);
        if (subscription.Text("status") == "trialing")
        {
            subscription["status"] = "active";
        }

        var invoice = InvoiceDrafts.Make(call, Order(call, subscription, items, next, over));
        call.Emit("customer.subscription.updated", subscription, Node.Difference(before, subscription));
        FinalizeLater(call, invoice, subscription);
        Schedule(call, subscription);
    }

    private static bool EndTrialWithoutCard(StripeCall call, JsonObject subscription)
    {
        var behavior = subscription.Child("trial_settings")?.Text("end_behavior", "missing_payment_method");
        if (behavior is null or "create_invoice" || SubscriptionStatus.Method(call, subscription) is not null)
        {
            return false;
        }

        if (behavior == "cancel")
        {
            SubscriptionStatus.End(call, subscription, null);
            return true;
        }

        call.Change(subscription, "customer.subscription.updated", () => subscription["status"] = "paused");
        call.Emit("customer.subscription.paused", subscription);
        return true;
    }

    // A draft can be changed for an hour; then it is final and is paid. A paused collection or an unpaid subscription stops it on the way.
    private static void FinalizeLater(StripeCall call, JsonObject invoice, JsonObject subscription)
    {
        if (subscription.Text("status") == "unpaid" || subscription.Child("pause_collection")?.Text("behavior") == "keep_as_draft")
        {
            invoice["auto_advance"] = false;
            return;
        }

        var at = call.Now + InvoiceDrafts.DraftTime;
        invoice["automatically_finalizes_at"] = at;
        call.World.At(at, due =>
        {
            if (invoice.Text("status") == "draft" && invoice.Flag("auto_advance"))
            {
                Invoices.Advance(due, invoice);
            }
        });
    }

    private static void End(StripeCall call, JsonObject subscription)
    {
        SubscriptionStatus.End(call, subscription, "cancellation_requested");
        Last(call, subscription, withPending: true);
    }
}
