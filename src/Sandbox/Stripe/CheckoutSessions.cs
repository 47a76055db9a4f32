using System.Text.Json.Nodes;
using Sandbox.Stripe.Billing;

namespace Sandbox.Stripe;

/// <summary>Checkout sessions of the modes <c>payment</c> and <c>subscription</c>, as the API makes and shows them; <see cref="CheckoutPayment"/> pays them.</summary>
internal static class CheckoutSessions
{
    private const string NotPlayed =
        "consent_collection custom_fields customer_account excluded_payment_method_types managed_payments optional_items payment_method_configuration return_url setup_intent_data "
        + "shipping_address_collection shipping_options";

    // Room for the moment between the caller's reading of the clock and ours.
    private const long Slack = 60;

    public static void Map(StripeApi api)
    {
        api.Post("/v1/checkout/sessions", Create, NotPlayed);
        api.Get("/v1/checkout/sessions", List);
        api.Get("/v1/checkout/sessions/{session}", Addressed);
        api.Post("/v1/checkout/sessions/{session}", Update, "collected_information line_items shipping_options");
        api.Post("/v1/checkout/sessions/{session}/expire", Expire);
        api.Get("/v1/checkout/sessions/{session}/line_items", call =>
        {
            var id = Addressed(call).Id();
            return Listing.Of(call, call.World.LineItems[id].Select(item => item!.AsObject()), $"/v1/checkout/sessions/{id}/line_items");
        });
    }

    public static JsonObject LineItems(StripeWorld world, string session) =>
        Listing.Page(world.LineItems[session]!, false, $"/v1/checkout/sessions/{session}/line_items");

    private static JsonObject Addressed(StripeCall call)
    {
        var session = call.Addressed("checkout.session", "session");
        CheckoutPayment.ExpireIfDue(call, session);
        return session;
    }

    private static JsonObject Create(StripeCall call)
    {
        var given = call.Params;
        CheckPlayed(given);
        var customer = call.Named("customer", "customer");
        CheckCustomer(given, customer);
        if (given.Text("client_reference_id") is { Length: > 200 })
        {
            throw StripeError.Invalid("client_reference_id can have up to 200 characters.", "client_reference_id");
        }

        CheckUrl(given, "success_url", required: true);
        CheckUrl(given, "cancel_url", required: false);
        var expiresAt = ExpiresAt(call);
        given.Child("payment_intent_data").MergeMetadata([]);
        var subscribes = given.Text("mode") == "subscription";
        var trial = subscribes ? CheckoutSubscription.Check(call, given.Child("subscription_data")) : false;
        var items = CheckoutItems.Of(call, subscribes, trial, out var currency, out var total);
        if (subscribes)
        {
            Prices.CheckCurrency(customer?.Text("currency"), currency, "line_items");
        }

        var discounts = Discounts.Asked(call, given.Children("discounts"), customer?.Id(), currency, total);

        var session = call.Create("checkout.session", "cs_test_a1", 56);
        var id = session.Id();
        call.World.LineItems[id] = items;
        call.World.IntentData[id] = given.Child("payment_intent_data").Values.Copy();
        call.World.Billing.Checkout[id] = new CheckoutOrder { Data = given.Child("subscription_data").Values.Copy() };
        session.With(
            ("mode", given.Text("mode")), ("currency", currency), ("expires_at", expiresAt), ("customer", customer?.Id()),
            ("customer_creation", subscribes ? null : customer is null ? given.Text("customer_creation") ?? "if_required" : null),
            ("payment_method_collection", given.Text("payment_method_collection") ?? (subscribes ? "always" : "if_required")),
            ("payment_status", "unpaid"), ("url", $"{call.Origin}/stripe/c/pay/{id}"), ("payment_method_types", Types(given, currency, subscribes)));
        CheckoutItems.Reduce(call, session, discounts);
        given.CopyTo(session, "adaptive_pricing", "allow_promotion_codes", "billing_address_collection", "cancel_url", "client_reference_id",
            "customer_email", "integration_identifier", "locale", "origin_context", "phone_number_collection", "submit_type", "success_url");
        given.MergeMetadata(session);
        if ((customer?.Text("email") ?? given.Text("customer_email")) is { } email)
        {
            session["customer_details"] = Skeletons.New("checkout.session.customer_details").With(("email", email), ("name", customer?.Text("name")));
        }

        call.World.At(expiresAt, due => CheckoutPayment.ExpireIfDue(due, session));
        return session;
    }

    private static JsonObject List(StripeCall call)
    {
        var given = call.Params;
        var email = given.Child("customer_details").Text("email");
        return Listing.Of(call, call.World.All("checkout.session")
            .Where(one => given.Text("customer") is not { } customer || one.Text("customer") == customer)
            .Where(one => given.Text("payment_intent") is not { } intent || one.Text("payment_intent") == intent)
            .Where(one => given.Text("status") is not { } status || one.Text("status") == status)
            .Where(one => given.Text("payment_link") is null)
            .Where(one => given.Text("subscription") is not { } subscription || one.Text("subscription") == subscription)
            .Where(one => email is null || string.Equals(one.Text("customer_details", "email"), email, StringComparison.OrdinalIgnoreCase)), "/v1/checkout/sessions");
    }

    private static JsonObject Update(StripeCall call)
    {
        var session = Addressed(call);
        call.Params.MergeMetadata(session);
        return session;
    }

    private static JsonObject Expire(StripeCall call)
    {
        var session = Addressed(call);
        if (session.Text("status") != "open")
        {
            throw StripeError.Invalid($"Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of {session.Text("status")}.", "session");
        }

        CheckoutPayment.Expire(call, session);
        return session;
    }

    private static void CheckPlayed(Params given)
    {
        var mode = given.Required("mode");
        if (mode == "setup")
        {
            throw StripeError.NotPlayed($"mode={mode}");
        }

        var others = mode == "payment" ? "subscription_data" : "payment_intent_data";
        if (given.Has(others) || (mode == "subscription" && given.Has("customer_creation")))
        {
            var wrong = given.Has(others) ? others : "customer_creation";
            throw StripeError.Invalid($"You can not pass `{wrong}` in `{mode}` mode.", wrong);
        }

        if (given.Has("discounts") && given.Has("allow_promotion_codes"))
        {
            throw StripeError.Invalid("You may only specify one of these parameters: allow_promotion_codes, discounts.", "allow_promotion_codes");
        }

        if (given.Children("discounts").Count > 1)
        {
            throw StripeError.Invalid("discounts can have up to 1 entries.", "discounts");
        }

        if (given.Text("ui_mode") is { } ui and not "hosted_page")
        {
            throw StripeError.NotPlayed($"ui_mode={ui}");
        }

        foreach (var name in (ReadOnlySpan<string>)["automatic_tax", "invoice_creation", "tax_id_collection"])
        {
            if (given.Child(name).Flag("enabled") == true)
            {
                throw StripeError.NotPlayed($"{name}[enabled]=true");
            }
        }

        var intent = given.Child("payment_intent_data");
        if (intent.Text("capture_method") == "manual" || intent.Has("transfer_data") || intent.Has("application_fee_amount") || intent.Has("on_behalf_of"))
        {
            throw StripeError.NotPlayed("manual captures and transfers in payment_intent_data");
        }
    }

    private static void CheckCustomer(Params given, JsonObject? customer)
    {
        if (customer is not null && given.Has("customer_email"))
        {
            throw StripeError.Invalid("You may only specify one of these parameters: customer, customer_email.", "customer");
        }

        if (customer is not null && given.Has("customer_creation"))
        {
            throw StripeError.Invalid("You may only specify one of these parameters: customer, customer_creation.", "customer_creation");
        }

        if (given.Text("customer_email") is { } email && (!email.Contains('@', StringComparison.Ordinal) || email.Any(char.IsWhiteSpace)))
        {
            throw StripeError.Invalid($"Invalid email address: {email}", "customer_email", "email_invalid");
        }
    }

    private static void CheckUrl(Params given, string name, bool required)
    {
        var url = required ? given.Required(name) : given.Text(name);
        if (url is not null && (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is "javascript" or "data" or "vbscript" or "file"))
        {
            throw StripeError.Invalid("Not a valid URL", name, "url_invalid");
        }
    }

    private static long ExpiresAt(StripeCall call)
    {
        var at = call.Params.Long("expires_at") ?? call.Now + 86400;
        return at - call.Now is >= 1800 - Slack and <= 86400 + Slack
            ? at
            : throw StripeError.Invalid("The `expires_at` timestamp must be at least 30 minutes and at most 24 hours after the Checkout Session is created.", "expires_at");
    }

    private static JsonArray Types(Params given, string currency, bool subscribes) =>
        given.Has("payment_method_types") ? given.Values["payment_method_types"]!.AsArray()
        : currency == "usd" && !subscribes ? ["card", PaymentMethods.BankDebit]
        : ["card"];
}
