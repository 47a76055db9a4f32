using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>Checkout sessions of mode <c>subscription</c>: a paid one makes the subscription; a declined card makes nothing.</summary>
internal static class CheckoutSubscription
{
    private static readonly string[] NotPlayed =
    [
        "application_fee_percent", "billing_cycle_anchor", "billing_cycle_anchor_config", "default_tax_rates", "invoice_settings", "on_behalf_of",
        "pending_invoice_item_interval", "transfer_data",
    ];

    /// <summary>Refuses what would have to be ignored; tells whether the subscription begins with a trial.</summary>
    public static bool Check(StripeCall call, Params data)
    {
        if (Array.Find(NotPlayed, data.Has) is { } name)
        {
            throw StripeError.NotPlayed(data.PathOf(name));
        }

        data.MergeMetadata([]);
        return Subscriptions.TrialEnd(call, data) is not null;
    }

    public static CardFailure? Pay(StripeCall call, JsonObject session, BuyerInput input)
    {
        var order = call.World.Billing.Checkout[session.Id()];
        if (call.World.Find("payment_method", order.Waiting) is { } waiting && input is { Card: null, Method: null, Confirm: { } answer })
        {
            order.Waiting = null;
            return answer ? Begin(call, session, input, waiting, authenticated: true) : CardFailure.AuthenticationFailed("payment_intent_authentication_failure");
        }

        var due = session.Long("amount_total");
        if (due == 0 && session.Text("payment_method_collection") == "if_required")
        {
            return Begin(call, session, input, null, authenticated: false);
        }

        order.Waiting = null;
        var method = CheckoutPayment.Method(call, session, input);
        method.Child("billing_details")!.With(("email", CheckoutPayment.Email(session, input)), ("name", input.Name));
        if (!call.World.Cards.TryGetValue(method.Id(), out var card))
        {
            throw StripeError.NotPlayed("subscriptions by bank debit");
        }

        if (card.Failure is { } failure && (due > 0 || !card.Attaches))
        {
            return failure with { PaymentMethod = method };
        }

        if (!card.OnSession)
        {
            return Begin(call, session, input, method, authenticated: false);
        }

        order.Waiting = method.Id();
        return input.Confirm is { } at ? Pay(call, session, new BuyerInput { Confirm = at, Email = input.Email, Name = input.Name }) : null;
    }

    private static CardFailure? Begin(StripeCall call, JsonObject session, BuyerInput input, JsonObject? method, bool authenticated)
    {
        var checkout = call.World.Billing.Checkout[session.Id()];
        var customer = call.World.Find("customer", session.Text("customer"))
            ?? Customers.Make(call, made => made.With(("email", CheckoutPayment.Email(session, input)), ("name", input.Name)));
        session["customer"] = customer.Id();
        if (method is not null)
        {
            PaymentMethods.AttachTo(call, method, customer);
            if (authenticated)
            {
                call.World.Billing.SetUp.Add(method.Id());
            }
        }

        var data = new Params(checkout.Data, "subscription_data");
        var items = call.World.LineItems[session.Id()].Select(item => item!.AsObject()).ToList();
        var subscription = SubscriptionStart.Begin(call, new SubscriptionOrder
        {
            Customer = customer,
            Items = [.. items.Where(item => item.Child("price")!.Text("type") == "recurring").Select(item => new PlannedItem(Price(call, item), item.LongOrNull("quantity") ?? 0))],
            Once = [.. items.Where(item => item.Child("price")!.Text("type") != "recurring").Select(item => InvoiceLines.Once(call, Price(call, item), item.Long("quantity")))],
            Discounts = checkout.Discounts,
            TrialEnd = Subscriptions.TrialEnd(call, data),
            Behavior = "default_incomplete",
            Fill = made =>
            {
                Subscriptions.Fill(data, made);
                made["default_payment_method"] = method?.Id();
            },
        });
        foreach (var discount in checkout.Discounts)
        {
            discount["checkout_session"] = session.Id();
        }

        session.With(("subscription", subscription.Id()), ("invoice", subscription.Text("latest_invoice")));
        var invoice = call.World.Find("invoice", subscription.Text("latest_invoice"))!;
        if (invoice.Text("status") != "open" || method is null)
        {
            return null;
        }

        var intent = InvoicePayments.Intent(call.World, invoice)!;
        var failure = Payments.Try(call, intent, method, new Attempt { Authenticated = true });
        Payments.Aftermath(call, intent);
        return failure;
    }

    private static JsonObject Price(StripeCall call, JsonObject item) => call.World.Find("price", item.Text("price", "id"))!;
}
