using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>Subscriptions as the API makes, shows, cancels and resumes them.</summary>
internal static class Subscriptions
{
    private const string NotPlayed =
        "application_fee_percent billing_schedules billing_thresholds customer_account days_until_due default_source default_tax_rates "
        + "invoice_settings on_behalf_of pending_invoice_item_interval transfer_data trial_from_plan";

    private const long LongestTrial = 730;
    private const long Day = 86400;

    public static void Map(StripeApi api)
    {
        api.Post("/v1/subscriptions", Create, NotPlayed + " backdate_start_date billing_cycle_anchor_config");
        api.Get("/v1/subscriptions", List);
        api.Get("/v1/subscriptions/{subscription_exposed_id}", Addressed);
        api.Post("/v1/subscriptions/{subscription_exposed_id}", SubscriptionChanges.Update, NotPlayed + " add_invoice_items");
        api.Delete("/v1/subscriptions/{subscription_exposed_id}", Cancel);
        api.Post("/v1/subscriptions/{subscription}/resume", Resume);
    }

    public static JsonObject Addressed(StripeCall call) => call.Addressed("subscription", "subscription_exposed_id", "id");

    /// <summary>Refuses what would have to be ignored.</summary>
    public static void CheckPlayed(Params given)
    {
        if (given.Child("automatic_tax").Flag("enabled") == true)
        {
            throw StripeError.NotPlayed("automatic_tax[enabled]=true");
        }

        if (given.Text("collection_method") == "send_invoice")
        {
            throw StripeError.NotPlayed("collection_method=send_invoice");
        }

        if (given.Text("cancel_at") is "min_period_end" or "max_billed_until")
        {
            throw StripeError.NotPlayed($"cancel_at={given.Text("cancel_at")}");
        }
    }

    public static void CheckMethod(StripeCall call, Params given, string customer)
    {
        if (given.Text("default_payment_method") is { } id && call.World.Find("payment_method", id)?.Text("customer") != customer)
        {
            throw StripeError.Invalid(
                $"The customer does not have a payment method with the ID {id}. The payment method must be attached to the customer.",
                given.PathOf("default_payment_method"), "resource_missing");
        }
    }

    /// <summary>Ends it now, because its owner wants it.</summary>
    /// <param name="call">The call that wants it.</param>
    /// <param name="subscription">One that is not over.</param>
    /// <param name="prorates">What is unused is given back.</param>
    /// <param name="invoices">What waits and what was used is invoiced at once.</param>
    public static void End(StripeCall call, JsonObject subscription, bool prorates, bool invoices)
    {
        if (prorates && subscription.Text("status") is "active" or "past_due")
        {
            foreach (var line in Proration.OfEnd(call, subscription, call.Now))
            {
                InvoiceItems.Make(call, subscription, line);
            }
        }

        SubscriptionStatus.End(call, subscription, "cancellation_requested");
        if (invoices)
        {
            Renewals.Last(call, subscription, withPending: true, now: true);
        }
    }

    /// <summary>A price changed its name, or is sold no more: the items that show it follow.</summary>
    public static void PriceChanged(StripeCall call, JsonObject price)
    {
        foreach (var item in call.World.All("subscription_item").Where(one => one.Text("price", "id") == price.Id()))
        {
            item.With(("price", price.Copy()), ("plan", Prices.Plan(price)));
        }
    }

    private static JsonObject Create(StripeCall call)
    {
        var given = call.Params;
        var customer = call.Named("customer", "customer") ?? throw StripeError.Invalid("Missing required param: customer.", "customer", "parameter_missing");
        CheckPlayed(given);
        CheckMethod(call, given, customer.Id());
        if (given.Text("payment_behavior") == "pending_if_incomplete")
        {
            throw StripeError.Invalid("`payment_behavior` cannot be `pending_if_incomplete` when a subscription is created.", "payment_behavior");
        }

        if (given.Long("cancel_at") <= call.Now)
        {
            throw StripeError.Invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", "cancel_at");
        }

        var items = PlannedItem.ForNew(call, given.Children("items"), "items");
        var currency = items[0].Price.Text("currency")!;
        Prices.CheckCurrency(customer.Text("currency"), currency, "items");
        var subscription = SubscriptionStart.Begin(call, new SubscriptionOrder
        {
            Customer = customer,
            Items = items,
            Once = [.. given.Children("add_invoice_items").Select(item => Once(call, item, currency))],
            Discounts = Discounts.Asked(call, given.Children("discounts"), customer.Id(), currency, items.Sum(item => Prices.Amount(item.Price, item.Quantity))),
            TrialEnd = TrialEnd(call, given),
            Anchor = Anchor(call, given, items),
            ProrateToAnchor = given.Text("proration_behavior") != "none",
            Behavior = given.Text("payment_behavior") ?? "allow_incomplete",
            OffSession = given.Flag("off_session") == true,
            Fill = made => Fill(given, made),
        });
        call.Change(subscription, "customer.subscription.updated", () => SubscriptionChanges.SetEnd(call, subscription, given));
        return subscription;
    }

    private static Line Once(StripeCall call, Params item, string currency)
    {
        var price = Prices.Given(call, item, recurring: false);
        Prices.CheckCurrency(currency, price.Text("currency")!, item.PathOf("price"));
        return InvoiceLines.Once(call, price, item.Long("quantity") ?? 1);
    }

    /// <summary>The fields that a new subscription takes over, from the API or from a Checkout session.</summary>
    public static void Fill(Params given, JsonObject made)
    {
        given.CopyTo(made, "default_payment_method", "description", "trial_settings");
        given.Child("payment_settings").CopyTo(made.Child("payment_settings")!, "payment_method_types", "save_default_payment_method");
        given.MergeMetadata(made);
        var mode = given.Child("billing_mode");
        if (mode.Text("type") is { } type)
        {
            made["billing_mode"] = new JsonObject
            {
                ["flexible"] = type == "flexible" ? new JsonObject { ["proration_discounts"] = mode.Child("flexible").Text("proration_discounts") ?? "included" } : null,
                ["type"] = type,
            };
        }
    }

    public static long? TrialEnd(StripeCall call, Params given)
    {
        if (given.Has("trial_period_days") && given.Has("trial_end"))
        {
            throw StripeError.Invalid("You may only specify one of these parameters: trial_end, trial_period_days.", given.PathOf("trial_end"));
        }

        if (given.Long("trial_period_days") is { } days)
        {
            return days is >= 1 and <= LongestTrial
                ? call.Now + days * Day
                : throw StripeError.Invalid($"The value must be between 1 and {LongestTrial}.", given.PathOf("trial_period_days"), "parameter_invalid_integer");
        }

        return given.Long("trial_end") is not { } end ? null
            : end > call.Now && end <= call.Now + LongestTrial * Day ? end
            : throw StripeError.Invalid("Invalid timestamp: must be an integer Unix timestamp in the future, and at most two years ahead.", given.PathOf("trial_end"));
    }

    public static long? Anchor(StripeCall call, Params given, IReadOnlyList<PlannedItem> items)
    {
        if (given.Long("billing_cycle_anchor") is not { } anchor)
        {
            return null;
        }

        var (interval, count) = Prices.Interval(items[0].Price);
        return anchor > call.Now && anchor <= BillingCycle.Next(call.Now, call.Now, interval, count)
            ? anchor
            : throw StripeError.Invalid("billing_cycle_anchor must be in the future and no later than the next natural billing date.", given.PathOf("billing_cycle_anchor"));
    }

    private static JsonObject List(StripeCall call)
    {
        var given = call.Params;
        if (given.Has("current_period_end") || given.Has("current_period_start") || given.Has("automatic_tax"))
        {
            throw StripeError.NotPlayed("lists by current_period_start, current_period_end or automatic_tax");
        }

        var status = given.Text("status");
        return Listing.Of(call, call.World.All("subscription")
            .Where(one => given.Text("customer") is not { } customer || one.Text("customer") == customer)
            .Where(one => given.Text("price") is not { } price || one.List("items").Any(item => item.Text("price", "id") == price))
            .Where(one => given.Text("collection_method") is not { } method || one.Text("collection_method") == method)
            .Where(one => status switch
            {
                null => !SubscriptionStatus.IsOver(one),
                "all" => true,
                "ended" => SubscriptionStatus.IsOver(one),
                _ => one.Text("status") == status,
            }), "/v1/subscriptions");
    }

    private static JsonObject Cancel(StripeCall call)
    {
        var subscription = Addressed(call);
        if (SubscriptionStatus.IsOver(subscription))
        {
            throw StripeError.Missing("subscription", subscription.Id(), "id");
        }

        call.Params.Child("cancellation_details").CopyTo(subscription.Child("cancellation_details")!, "comment", "feedback", "feedback_option");
        End(call, subscription, call.Params.Flag("prorate") == true, call.Params.Flag("invoice_now") == true);
        return subscription;
    }

    private static JsonObject Resume(StripeCall call)
    {
        var subscription = call.Addressed("subscription", "subscription");
        if (subscription.Text("status") != "paused")
        {
            throw StripeError.Invalid($"Only a subscription that is paused can be resumed; this one is {subscription.Text("status")}.", "subscription");
        }

        if (call.Params.Text("billing_cycle_anchor") == "unchanged")
        {
            throw StripeError.NotPlayed("billing_cycle_anchor=unchanged");
        }

        var items = PlannedItem.Of(call, subscription);
        var next = SubscriptionChange.NewPeriod(call, items);
        call.Change(subscription, "customer.subscription.updated", () =>
        {
            subscription["billing_cycle_anchor"] = call.Now;
            SubscriptionStatus.SetPeriod(subscription, next);
        });
        var invoice = InvoiceDrafts.Make(call, Renewals.Order(call, subscription, items, next, (call.Now, call.Now)) with { Reason = "subscription_update" });
        call.World.Billing.Resumption[subscription.Id()] = invoice.Id();
        InvoiceDrafts.Finalize(call, invoice);
        if (invoice.Text("status") == "open")
        {
            InvoicePayments.Try(call, invoice, offSession: true, itself: false);
            call.World.At(call.Now + 23 * 3600, due => InvoiceDrafts.Void(due, invoice));
        }

        Renewals.Schedule(call, subscription);
        return subscription;
    }
}
