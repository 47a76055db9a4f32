using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe;

/// <summary>Payment intents: one for each attempt chain, on session, off session, or made by a Checkout session.</summary>
internal static class PaymentIntents
{
    private const string NotPlayed =
        "allowed_payment_method_types application_fee_amount confirmation_token customer_account excluded_payment_method_types hooks mandate on_behalf_of "
        + "payment_method_configuration transfer_data";

    private static readonly string[] Open = ["requires_payment_method", "requires_confirmation", "requires_action"];

    public static void Map(StripeApi api)
    {
        api.Post("/v1/payment_intents", Create, NotPlayed);
        api.Get("/v1/payment_intents", List);
        api.Get("/v1/payment_intents/{intent}", Addressed);
        api.Post("/v1/payment_intents/{intent}", Update, NotPlayed);
        api.Post("/v1/payment_intents/{intent}/confirm", Confirm, NotPlayed);
        api.Post("/v1/payment_intents/{intent}/capture", Capture, "application_fee_amount final_capture hooks transfer_data");
        api.Post("/v1/payment_intents/{intent}/cancel", Cancel);
    }

    public static JsonObject Make(StripeCall call, long amount, string currency, Action<JsonObject> fill)
    {
        var made = call.Create("payment_intent", "pi_3", 23);
        made.With(("amount", amount), ("currency", currency), ("client_secret", Ids.New(made.Id() + "_secret_", 25)));
        fill(made);
        call.Emit("payment_intent.created", made);
        return made;
    }

    private static JsonObject Addressed(StripeCall call)
    {
        var intent = call.Addressed("payment_intent", "intent");
        return call.Params.Text("client_secret") is { } secret && secret != intent.Text("client_secret")
            ? throw StripeError.Invalid("The client_secret provided does not match any associated PaymentIntent on this account.", "client_secret", "payment_intent_invalid_parameter")
            : intent;
    }

    private static JsonObject Create(StripeCall call)
    {
        var given = call.Params;
        var currency = Currencies.Check(given);
        var amount = given.Long("amount")!.Value;
        if (amount < 1)
        {
            throw StripeError.Invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer");
        }

        Currencies.CheckCharge(amount, currency, "amount");
        if (given.Text("confirmation_method") == "manual")
        {
            throw StripeError.NotPlayed("confirmation_method=manual");
        }

        var confirm = given.Flag("confirm") == true;
        foreach (var name in (ReadOnlySpan<string>)["off_session", "error_on_requires_action", "mandate_data", "return_url"])
        {
            if (!confirm && given.Has(name))
            {
                throw StripeError.Invalid($"The parameter `{name}` cannot be passed when creating a PaymentIntent unless `confirm` is set to true.", name);
            }
        }

        var customer = call.Named("customer", "customer");
        var method = Method(call, customer?.Id());
        var (types, automatic) = Types(given, currency);
        CheckType(method, types);
        if (confirm)
        {
            CheckConfirm(given, method, automatic);
        }

        var intent = Make(call, amount, currency, made =>
        {
            made.With(
                ("customer", customer?.Id()), ("payment_method", method?.Id()), ("payment_method_types", types), ("automatic_payment_methods", automatic),
                ("status", method is null ? "requires_payment_method" : "requires_confirmation"));
            given.CopyTo(made, "capture_method", "description", "receipt_email", "setup_future_usage", "shipping", "statement_descriptor",
                "statement_descriptor_suffix", "transfer_group");
            given.MergeMetadata(made);
        });
        return confirm ? Attempt(call, intent, method!) : intent;
    }

    private static JsonObject List(StripeCall call)
    {
        var customer = call.Named("customer", "customer")?.Id();
        return Listing.Of(call, call.World.All("payment_intent").Where(one => customer is null || one.Text("customer") == customer), "/v1/payment_intents");
    }

    private static JsonObject Update(StripeCall call)
    {
        var intent = Own(call, "update");
        var given = call.Params;
        var money = Array.Find(["amount", "currency", "customer", "payment_method", "payment_method_data", "payment_method_types", "setup_future_usage", "capture_method"], given.Has);
        if (money is not null && !Open.Contains(intent.Text("status")))
        {
            throw Unexpected(intent, $"This PaymentIntent's {money} could not be updated because it has a status of {intent.Text("status")}. "
                + $"You may only update the {money} of a PaymentIntent with one of the following statuses: {string.Join(", ", Open)}.");
        }

        var currency = given.Has("currency") ? Currencies.Check(given) : intent.Text("currency")!;
        var amount = Currencies.CheckCharge(given.Long("amount") ?? intent.Long("amount"), currency, "amount");
        var customer = call.Named("customer", "customer")?.Id() ?? intent.Text("customer");
        var method = Method(call, customer);
        CheckType(method, given.Has("payment_method_types") ? given.Values["payment_method_types"]!.AsArray() : intent["payment_method_types"]!.AsArray());
        given.MergeMetadata(intent);
        given.CopyTo(intent, "capture_method", "description", "payment_method_types", "receipt_email", "setup_future_usage", "shipping", "statement_descriptor",
            "statement_descriptor_suffix", "transfer_group");
        intent.With(("amount", amount), ("currency", currency), ("customer", customer));
        if (method is not null)
        {
            intent.With(("payment_method", method.Id()), ("status", "requires_confirmation"), ("next_action", null));
        }

        return intent;
    }

    private static JsonObject Confirm(StripeCall call)
    {
        var intent = Own(call, "confirm");
        if (!Open.Contains(intent.Text("status")))
        {
            throw Unexpected(intent, intent.Text("status") == "succeeded"
                ? "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
                : $"You cannot confirm this PaymentIntent because it has a status of {intent.Text("status")}. "
                    + $"Only a PaymentIntent with one of the following statuses may be confirmed: {string.Join(", ", Open)}.");
        }

        var method = Method(call, intent.Text("customer")) ?? call.World.Find("payment_method", intent.Text("payment_method"));
        CheckType(method, intent["payment_method_types"]!.AsArray());
        CheckConfirm(call.Params, method, intent.Child("automatic_payment_methods"));
        PaymentMethods.RefuseUsedUp(call, method!);
        call.Params.CopyTo(intent, "capture_method", "receipt_email", "setup_future_usage", "shipping");
        return Attempt(call, intent, method!);
    }

    private static JsonObject Capture(StripeCall call)
    {
        var intent = call.Addressed("payment_intent", "intent");
        if (intent.Text("status") != "requires_capture")
        {
            throw Unexpected(intent, $"This PaymentIntent could not be captured because it has a status of {intent.Text("status")}. "
                + "Only a PaymentIntent with one of the following statuses may be captured: requires_capture.");
        }

        var amount = call.Params.Long("amount_to_capture") ?? intent.Long("amount_capturable");
        if (amount < 1 || amount > intent.Long("amount_capturable"))
        {
            throw StripeError.Invalid("The amount to capture must be at least 1 and no more than the amount that is capturable.", "amount_to_capture", "amount_too_large");
        }

        call.Params.CopyTo(intent, "statement_descriptor", "statement_descriptor_suffix");
        call.Params.MergeMetadata(intent);
        Payments.Capture(call, intent, amount);
        return intent;
    }

    private static JsonObject Cancel(StripeCall call)
    {
        var intent = Own(call, "cancel");
        if (!Open.Contains(intent.Text("status")) && intent.Text("status") != "requires_capture")
        {
            throw Unexpected(intent, $"You cannot cancel this PaymentIntent because it has a status of {intent.Text("status")}. "
                + $"Only a PaymentIntent with one of the following statuses may be canceled: {string.Join(", ", Open)}, requires_capture.");
        }

        Payments.Cancel(call, intent, call.Params.Text("cancellation_reason"));
        return intent;
    }

    private static JsonObject Attempt(StripeCall call, JsonObject intent, JsonObject method)
    {
        var offSession = call.Params.Flag("off_session") == true || call.Params.Text("off_session") is not null;
        var failure = Payments.Try(call, intent, method, new Attempt
        {
            OffSession = offSession,
            ErrorOnAction = call.Params.Flag("error_on_requires_action") == true,
            ReturnUrl = call.Params.Text("return_url"),
        });
        if (failure is not null)
        {
            throw StripeError.Card(failure, "payment_intent", intent);
        }

        Payments.Aftermath(call, intent);
        return intent;
    }

    private static JsonObject Own(StripeCall call, string verb)
    {
        var intent = call.Addressed("payment_intent", "intent");
        if (verb == "cancel" && call.World.Billing.InvoiceOfIntent.TryGetValue(intent.Id(), out var invoice))
        {
            throw Unexpected(intent, $"You cannot cancel this PaymentIntent because it belongs to the invoice {invoice}. Void the invoice instead.");
        }

        return call.World.SessionOfIntent.TryGetValue(intent.Id(), out var session) && verb != "update"
            ? throw Unexpected(intent, $"You cannot {verb} this PaymentIntent because it belongs to the Checkout Session {session}. Expire the session instead.")
            : intent;
    }

    private static JsonObject? Method(StripeCall call, string? customer)
    {
        if (call.Params.Has("payment_method") && call.Params.Has("payment_method_data"))
        {
            throw StripeError.Invalid("You may only specify one of these parameters: payment_method, payment_method_data.", "payment_method");
        }

        var method = call.Params.Has("payment_method_data")
            ? PaymentMethods.Make(call, call.Params.Child("payment_method_data"))
            : PaymentMethods.Named(call, call.Params, "payment_method");
        if (method is null)
        {
            return null;
        }

        if (method.Text("customer") is { } owner && owner != customer)
        {
            throw StripeError.Invalid(customer is null
                ? $"The PaymentMethod {method.Id()} belongs to the Customer {owner}. Please include the Customer in the `customer` parameter on the PaymentIntent."
                : $"The customer does not have a payment method with the ID {method.Id()}. The payment method must be attached to the customer.", "payment_method");
        }

        PaymentMethods.RefuseUsedUp(call, method);
        return method;
    }

    private static (JsonArray Types, JsonObject? Automatic) Types(Params given, string currency)
    {
        var automatic = given.Child("automatic_payment_methods");
        if (given.Has("payment_method_types"))
        {
            return automatic.Flag("enabled") == true
                ? throw StripeError.Invalid("You may only specify one of these parameters: automatic_payment_methods, payment_method_types.", "payment_method_types")
                : (given.Values["payment_method_types"]!.DeepClone().AsArray(), null);
        }

        if (automatic.Flag("enabled") == false)
        {
            return (["card"], new JsonObject { ["enabled"] = false });
        }

        return (currency == "usd" ? ["card", PaymentMethods.BankDebit] : ["card"],
            new JsonObject { ["allow_redirects"] = automatic.Text("allow_redirects") ?? "always", ["enabled"] = true });
    }

    private static void CheckType(JsonObject? method, JsonArray types)
    {
        var allowed = types.Select(type => (string)type!).ToList();
        if (method is not null && !allowed.Contains(method.Text("type")!))
        {
            throw StripeError.Invalid(
                $"The PaymentMethod provided ({method.Text("type")}) is not allowed for this PaymentIntent. "
                + $"Please attach a PaymentMethod of one of the following types: {string.Join(", ", allowed)}.",
                "payment_method");
        }
    }

    private static void CheckConfirm(Params given, JsonObject? method, JsonObject? automatic)
    {
        if (method is null)
        {
            throw StripeError.Invalid(
                "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, "
                + "or confirm it again directly with a payment method.",
                "payment_method", "payment_intent_unexpected_state");
        }

        if (automatic is not null && automatic.Flag("enabled") && automatic.Text("allow_redirects") == "always" && given.Text("return_url") is null)
        {
            throw StripeError.Invalid(
                "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer "
                + "off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` "
                + "and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
                "return_url");
        }
    }

    private static StripeError Unexpected(JsonObject intent, string message) =>
        new(400, "invalid_request_error", message) { Code = "payment_intent_unexpected_state", Fields = new JsonObject { ["payment_intent"] = intent.Copy() } };
}
