using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe;

/// <summary>Checkout sessions of mode <c>payment</c>, as the API makes and shows them; <see cref="CheckoutPayment"/> pays them.</summary>
internal static class CheckoutSessions
{
    private const string NotPlayed =
        "consent_collection custom_fields customer_account discounts excluded_payment_method_types managed_payments optional_items payment_method_configuration return_url setup_intent_data "
        + "shipping_address_collection shipping_options subscription_data";

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
        var items = Items(call, out var currency, out var total);

        var session = call.Create("checkout.session", "cs_test_a1", 56);
        var id = session.Id();
        call.World.LineItems[id] = items;
        call.World.IntentData[id] = given.Child("payment_intent_data").Values.Copy();
        session.With(
            ("amount_subtotal", total), ("amount_total", total), ("currency", currency), ("expires_at", expiresAt), ("customer", customer?.Id()),
            ("customer_creation", customer is null ? given.Text("customer_creation") ?? "if_required" : null),
            ("payment_status", "unpaid"), ("url", $"{call.Origin}/stripe/c/pay/{id}"), ("payment_method_types", Types(given, currency)));
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
            .Where(one => given.Text("payment_link") is null && given.Text("subscription") is null)
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
        if (mode != "payment")
        {
            throw StripeError.NotPlayed($"mode={mode}");
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

    private static JsonArray Types(Params given, string currency) =>
        given.Has("payment_method_types") ? given.Values["payment_method_types"]!.AsArray()
        : currency == "usd" ? ["card", PaymentMethods.BankDebit]
        : ["card"];

    private static JsonArray Items(StripeCall call, out string currency, out long total)
    {
        var lines = call.Params.Children("line_items");
        if (lines.Count is 0 or > 100)
        {
            throw StripeError.Invalid(
                lines.Count == 0 ? "Missing required param: line_items." : "line_items can have up to 100 entries.", "line_items", lines.Count == 0 ? "parameter_missing" : null);
        }

        // Nothing is made before all of it is known to be right.
        foreach (var line in lines)
        {
            CheckLine(call, line);
        }

        var items = new JsonArray();
        (currency, total) = ("", 0);
        foreach (var line in lines)
        {
            var item = Item(call, line);
            if (currency.Length > 0 && item.Text("currency") != currency)
            {
                throw StripeError.Invalid("All prices of a Checkout Session must have the same currency.", line.PathOf("price"));
            }

            currency = item.Text("currency")!;
            total += item.Long("amount_total");
            items.Add(item);
        }

        if (total > 0)
        {
            Currencies.CheckCharge(total, currency, "line_items");
        }

        return items;
    }

    private static void CheckLine(StripeCall call, Params line)
    {
        if (line.Has("price") == line.Has("price_data"))
        {
            throw StripeError.Invalid(
                line.Has("price") ? "You may only specify one of these parameters: price, price_data." : "You must specify either `price` or `price_data` for each line item.",
                line.PathOf("price"), line.Has("price") ? null : "parameter_missing");
        }

        if (line.Long("quantity") is not { } quantity)
        {
            throw StripeError.Invalid($"Quantity is required. Add `quantity` to `{line.PathOf("")[..^2]}`", line.PathOf("quantity"), "parameter_missing");
        }

        if (quantity is < 1 or > 999_999)
        {
            throw StripeError.Invalid("This value must be between 1 and 999999.", line.PathOf("quantity"), "parameter_invalid_integer");
        }

        if (line.Child("adjustable_quantity").Flag("enabled") == true)
        {
            throw StripeError.NotPlayed("adjustable quantities");
        }

        if (call.Named("price", line, "price") is { } price)
        {
            if (!price.Flag("active"))
            {
                throw StripeError.Invalid("The price specified is inactive. This field only accepts active prices.", line.PathOf("price"));
            }

            if (price.Text("type") == "recurring")
            {
                throw StripeError.Invalid(
                    "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.", line.PathOf("price"));
            }
        }

        if (line.Child("price_data").Has("recurring"))
        {
            throw StripeError.Invalid(
                "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.", line.PathOf("price_data"));
        }
    }

    private static JsonObject Item(StripeCall call, Params line)
    {
        var price = call.Named("price", line, "price") ?? Catalogue.PriceOf(call, line.Child("price_data"));
        var product = call.World.Find(price.Text("product"))!;
        var quantity = line.Long("quantity")!.Value;
        var amount = price.Long("unit_amount") * quantity;
        var item = Skeletons.New("item").With(
            ("id", Ids.New("li_1")), ("amount_subtotal", amount), ("amount_total", amount), ("currency", price.Text("currency")),
            ("description", product.Text("name")), ("price", price), ("quantity", quantity));
        line.MergeMetadata(item);
        return item;
    }
}
