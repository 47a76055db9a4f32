using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>Makes changes of a subscription: its items with their prorations, its end, its card, its discounts, its pause.</summary>
internal static class SubscriptionChanges
{
    private static readonly string[] Behaviors = ["pending_if_incomplete"];

    public static JsonObject Update(StripeCall call) => Update(call, call.Addressed("subscription", "subscription_exposed_id", "id"), call.Params);

    public static JsonObject Update(StripeCall call, JsonObject subscription, Params given)
    {
        Check(call, subscription, given);
        var change = SubscriptionChange.Plan(call, subscription, given);
        CheckEnd(call, subscription, change, given);
        var discounts = AskedDiscounts(call, subscription, given, change.Whole);
        var behavior = given.Text("payment_behavior") ?? "allow_incomplete";
        if (change.InvoicesNow && behavior == "error_if_incomplete")
        {
            RefuseUnpaid(call, subscription, change, discounts, given);
        }

        var before = subscription.Copy();
        Fill(call, subscription, given);
        SetDiscounts(call, subscription, discounts);
        foreach (var line in change.Prorations)
        {
            InvoiceItems.Make(call, subscription, line);
        }

        var order = change.InvoicesNow ? change.Invoice(call, subscription, real: true) : null;
        Apply(call, subscription, change);
        SetTrial(call, subscription, given);
        SetEnd(call, subscription, given);
        var invoice = order is null ? null : InvoiceDrafts.Make(call, order with { ProrationDate = change.At });
        if (Node.Difference(before, subscription) is { Count: > 0 } previous)
        {
            call.Emit("customer.subscription.updated", subscription, previous);
        }

        if (invoice is not null)
        {
            Pay(call, subscription, invoice, behavior, given.Flag("off_session") == true);
        }

        if (SubscriptionStatus.Period(subscription) != SubscriptionStatus.Period(before))
        {
            Renewals.Schedule(call, subscription);
        }

        return subscription;
    }

    private static void Check(StripeCall call, JsonObject subscription, Params given)
    {
        if (SubscriptionStatus.IsOver(subscription))
        {
            throw StripeError.Invalid("A canceled subscription can only update its cancellation_details and metadata.", "id", "resource_missing");
        }

        if (Behaviors.Contains(given.Text("payment_behavior")))
        {
            throw StripeError.NotPlayed("payment_behavior=pending_if_incomplete");
        }

        if (subscription.Text("status") == "incomplete" && (given.Has("items") || given.Has("trial_end") || given.Has("billing_cycle_anchor")))
        {
            throw StripeError.Invalid("You cannot update a subscription in `incomplete` status in a way that results in a new invoice or proration. Please confirm its first payment.", "id");
        }

        if (given.Flag("cancel_at_period_end") == true && given.Long("cancel_at") is not null)
        {
            throw StripeError.Invalid("You may only specify one of these parameters: cancel_at, cancel_at_period_end.", "cancel_at");
        }

        if (given.Long("trial_end") is { } end && (subscription.Text("status") != "trialing" || end <= call.Now))
        {
            throw end <= call.Now
                ? StripeError.Invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", "trial_end")
                : StripeError.NotPlayed("trial_end on a subscription whose trial is over");
        }

        Subscriptions.CheckPlayed(given);
        Subscriptions.CheckMethod(call, given, subscription.Text("customer")!);
        given.MergeMetadata(subscription.Copy());
    }

    // Before anything is changed: a refused call leaves everything as it was.
    private static void CheckEnd(StripeCall call, JsonObject subscription, SubscriptionChange change, Params given)
    {
        var atPeriodEnd = given.Flag("cancel_at_period_end") == true && !change.Resets ? given.Long("trial_end") ?? SubscriptionStatus.Period(subscription).End : (long?)null;
        if ((atPeriodEnd ?? given.Long("cancel_at")) <= call.Now)
        {
            throw StripeError.Invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", "cancel_at");
        }
    }

    private static void Fill(StripeCall call, JsonObject subscription, Params given)
    {
        given.CopyTo(subscription, "default_payment_method", "description", "trial_settings");
        given.MergeMetadata(subscription);
        given.Child("payment_settings").CopyTo(subscription.Child("payment_settings")!, "payment_method_types", "save_default_payment_method");
        given.Child("cancellation_details").CopyTo(subscription.Child("cancellation_details")!, "comment", "feedback", "feedback_option");
        if (!given.Has("pause_collection"))
        {
            return;
        }

        var pause = given.Child("pause_collection");
        subscription["pause_collection"] = given.Values["pause_collection"] is JsonObject
            ? new JsonObject { ["behavior"] = pause.Text("behavior"), ["resumes_at"] = pause.Long("resumes_at") }
            : null;
        if (pause.Long("resumes_at") is { } resumes)
        {
            call.World.At(resumes, due =>
            {
                if (subscription.Child("pause_collection")?.LongOrNull("resumes_at") == resumes && !SubscriptionStatus.IsOver(subscription))
                {
                    due.Change(subscription, "customer.subscription.updated", () => subscription["pause_collection"] = null);
                }
            });
        }
    }

    private static void Apply(StripeCall call, JsonObject subscription, SubscriptionChange change)
    {
        var period = change.Resets ? SubscriptionChange.NewPeriod(call, [.. change.Items.Where(item => !item.Deleted)]) : SubscriptionStatus.Period(subscription);
        foreach (var item in change.Items.Where(item => change.Resets || item.Standing is null || item.Changed || item.Deleted || item.Metadata is not null))
        {
            item.Apply(call, subscription, period);
        }

        if (change.Resets)
        {
            subscription["billing_cycle_anchor"] = call.Now;
        }

        if (change.EndsTrial)
        {
            subscription.With(("status", "active"), ("trial_end", call.Now));
        }
    }

    private static void SetTrial(StripeCall call, JsonObject subscription, Params given)
    {
        if (given.Long("trial_end") is { } end)
        {
            subscription.With(("trial_end", end), ("billing_cycle_anchor", end));
            SubscriptionStatus.SetPeriod(subscription, (SubscriptionStatus.Period(subscription).Start, end));
            Renewals.WarnOfTrialEnd(call, subscription);
        }
    }

    /// <summary>When it shall end, or that it shall not; also on a new one.</summary>
    public static void SetEnd(StripeCall call, JsonObject subscription, Params given)
    {
        var periodEnd = SubscriptionStatus.Period(subscription).End;
        long? end = given.Flag("cancel_at_period_end") == true || given.Text("cancel_at") is not null ? periodEnd : given.Long("cancel_at");
        if (end is { } at)
        {
            if (at <= call.Now)
            {
                throw StripeError.Invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", "cancel_at");
            }

            subscription.With(("cancel_at", at), ("cancel_at_period_end", at == periodEnd), ("canceled_at", call.Now));
            subscription.Child("cancellation_details")!["reason"] = "cancellation_requested";
            if (at != periodEnd)
            {
                Renewals.ScheduleEnd(call, subscription, at);
            }
        }
        else if (given.Flag("cancel_at_period_end") == false || given.Has("cancel_at"))
        {
            subscription.With(("cancel_at", null), ("cancel_at_period_end", false), ("canceled_at", null));
            subscription.Child("cancellation_details")!["reason"] = null;
        }
        else if (subscription.Flag("cancel_at_period_end"))
        {
            subscription["cancel_at"] = periodEnd;
        }
    }

    private static IReadOnlyList<JsonObject>? AskedDiscounts(StripeCall call, JsonObject subscription, Params given, long whole) =>
        given.Has("discounts") ? Discounts.Asked(call, given.Children("discounts"), subscription.Text("customer"), subscription.Text("currency")!, whole) : null;

    private static void SetDiscounts(StripeCall call, JsonObject subscription, IReadOnlyList<JsonObject>? discounts)
    {
        if (discounts is null)
        {
            return;
        }

        var kept = discounts.Select(one => one.Id()).ToHashSet();
        foreach (var gone in Discounts.Of(call, subscription).Where(one => !kept.Contains(one.Id())).ToList())
        {
            Discounts.Remove(call, subscription, gone);
        }

        Discounts.Keep(call, discounts, subscription, subscription.Text("customer"));
        subscription["discounts"] = new JsonArray([.. discounts.Select(one => (JsonNode)one.Id())]);
    }

    private static void Pay(StripeCall call, JsonObject subscription, JsonObject invoice, string behavior, bool offSession)
    {
        InvoiceDrafts.Finalize(call, invoice);
        if (invoice.Text("status") != "open")
        {
            return;
        }

        if (behavior == "default_incomplete")
        {
            SubscriptionStatus.InvoiceFailed(call, invoice);
            return;
        }

        InvoicePayments.Try(call, invoice, offSession, itself: true);
    }

    private static void RefuseUnpaid(StripeCall call, JsonObject subscription, SubscriptionChange change, IReadOnlyList<JsonObject>? discounts, Params given)
    {
        var order = change.Invoice(call, subscription, real: false);
        if (InvoiceDrafts.Write(call, order with { Discounts = discounts ?? order.Discounts }, "in_none").Long("amount_due") == 0)
        {
            return;
        }

        // The card that the same call gives it is the one that would be charged.
        var after = subscription.Copy();
        given.CopyTo(after, "default_payment_method");
        var method = SubscriptionStatus.Method(call, after)
            ?? throw StripeError.Invalid("This customer has no attached payment source or default payment method.", "customer", "resource_missing");
        if (Payments.Foresee(call, method, given.Flag("off_session") == true) is { } failure)
        {
            throw StripeError.Card(failure, "payment_intent", null);
        }
    }
}
