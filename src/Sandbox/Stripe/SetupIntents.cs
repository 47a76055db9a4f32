using System.Text.Json.Nodes;
using Sandbox.Core;
using Sandbox.Stripe.Billing;

namespace Sandbox.Stripe;

/// <summary>Setup intents: a card saved for later without a payment.</summary>
internal static class SetupIntents
{
    private const string NotPlayed =
        "allowed_payment_method_types attach_to_self confirmation_token customer_account excluded_payment_method_types flow_directions on_behalf_of "
        + "payment_method_configuration single_use";

    private static readonly string[] Open = ["requires_payment_method", "requires_confirmation", "requires_action"];

    public static void Map(StripeApi api)
    {
        api.Post("/v1/setup_intents", Create, NotPlayed);
        api.Get("/v1/setup_intents", List);
        api.Get("/v1/setup_intents/{intent}", Addressed);
        api.Post("/v1/setup_intents/{intent}", Update, NotPlayed);
        api.Post("/v1/setup_intents/{intent}/confirm", Confirm, NotPlayed);
        api.Post("/v1/setup_intents/{intent}/cancel", Cancel);
    }

    /// <summary>Saves the method, asks the customer, or fails as its bank says.</summary>
    public static CardFailure? Try(StripeCall call, JsonObject intent, JsonObject method, string? returnUrl, bool authenticated)
    {
        intent.With(("payment_method", method.Id()), ("last_setup_error", null), ("next_action", null));
        var card = call.World.Cards.GetValueOrDefault(method.Id());
        if (card is { OnSession: true } && !authenticated)
        {
            intent.With(("status", "requires_action"), ("next_action", AuthenticationPage.NextAction(call, intent.Id(), returnUrl)));
            call.Emit("setup_intent.requires_action", intent);
            return null;
        }

        if (card is { Attaches: false, Failure: { } failure })
        {
            return Fail(call, intent, method, failure);
        }

        if (call.World.Find("customer", intent.Text("customer")) is { } customer)
        {
            PaymentMethods.AttachTo(call, method, customer);
        }

        intent["status"] = "succeeded";
        call.World.Billing.SetUp.Add(method.Id());
        call.Emit("setup_intent.succeeded", intent);
        SubscriptionStatus.CardSetUp(call, intent);
        return null;
    }

    /// <summary>One that waits for a card.</summary>
    public static JsonObject Make(StripeCall call, Action<JsonObject> fill)
    {
        var made = call.Create("setup_intent", "seti_1");
        made["client_secret"] = Ids.New(made.Id() + "_secret_", 25);
        fill(made);
        call.Emit("setup_intent.created", made);
        return made;
    }

    public static CardFailure? Answer(StripeCall call, JsonObject intent, bool confirmed)
    {
        if (intent.Text("status") != "requires_action")
        {
            throw Unexpected(intent, $"This SetupIntent does not wait for the customer; its status is {intent.Text("status")}.");
        }

        var method = call.World.Find("payment_method", intent.Text("payment_method"))!;
        return confirmed
            ? Try(call, intent, method, null, authenticated: true)
            : Fail(call, intent, method, CardFailure.AuthenticationFailed("setup_intent_authentication_failure"));
    }

    /// <summary>Refuses an intent that is over.</summary>
    public static void CheckOpen(JsonObject intent, string verb)
    {
        if (!Open.Contains(intent.Text("status")))
        {
            throw Unexpected(intent, $"You cannot {verb} this SetupIntent because it has a status of {intent.Text("status")}.");
        }
    }

    private static CardFailure Fail(StripeCall call, JsonObject intent, JsonObject method, CardFailure failure)
    {
        failure = failure with { PaymentMethod = method };
        intent.With(("status", "requires_payment_method"), ("payment_method", null), ("next_action", null), ("last_setup_error", failure.ToJson()));
        call.Emit("setup_intent.setup_failed", intent);
        return failure;
    }

    private static JsonObject Addressed(StripeCall call) => call.Addressed("setup_intent", "intent");

    private static JsonObject Create(StripeCall call)
    {
        var given = call.Params;
        var customer = call.Named("customer", "customer");
        var method = Method(call, customer?.Id());
        var confirm = given.Flag("confirm") == true;
        if (confirm && method is null)
        {
            throw StripeError.Invalid("You cannot confirm this SetupIntent because it's missing a payment method.", "payment_method", "setup_intent_unexpected_state");
        }

        var types = given.Has("payment_method_types");
        var automatic = given.Child("automatic_payment_methods");
        var intent = Make(call, made =>
        {
            made.With(
                ("customer", customer?.Id()), ("payment_method", method?.Id()),
                ("payment_method_types", types ? given.Values["payment_method_types"] : new JsonArray("card")),
                ("automatic_payment_methods", types || automatic.Flag("enabled") == false ? null
                    : new JsonObject { ["allow_redirects"] = automatic.Text("allow_redirects") ?? "always", ["enabled"] = true }),
                ("status", method is null ? "requires_payment_method" : "requires_confirmation"));
            given.CopyTo(made, "description", "usage");
            given.MergeMetadata(made);
        });
        return confirm ? Carry(call, intent, method!) : intent;
    }

    private static JsonObject List(StripeCall call)
    {
        var (customer, method) = (call.Params.Text("customer"), call.Params.Text("payment_method"));
        return Listing.Of(call, call.World.All("setup_intent")
            .Where(one => customer is null || one.Text("customer") == customer)
            .Where(one => method is null || one.Text("payment_method") == method), "/v1/setup_intents");
    }

    private static JsonObject Update(StripeCall call)
    {
        var intent = Addressed(call);
        if (call.Params.Has("payment_method") || call.Params.Has("customer"))
        {
            CheckOpen(intent, "update");
        }

        var customer = call.Named("customer", "customer")?.Id() ?? intent.Text("customer");
        var method = Method(call, customer);
        call.Params.MergeMetadata(intent);
        call.Params.CopyTo(intent, "description", "payment_method_types");
        intent["customer"] = customer;
        if (method is not null)
        {
            intent.With(("payment_method", method.Id()), ("status", "requires_confirmation"), ("next_action", null));
        }

        return intent;
    }

    private static JsonObject Confirm(StripeCall call)
    {
        var intent = Addressed(call);
        CheckOpen(intent, "confirm");
        var method = Method(call, intent.Text("customer")) ?? call.World.Find("payment_method", intent.Text("payment_method"))
            ?? throw StripeError.Invalid("You cannot confirm this SetupIntent because it's missing a payment method.", "payment_method", "setup_intent_unexpected_state");
        return Carry(call, intent, method);
    }

    private static JsonObject Carry(StripeCall call, JsonObject intent, JsonObject method) =>
        Try(call, intent, method, call.Params.Text("return_url"), authenticated: false) is { } failure
            ? throw StripeError.Card(failure, "setup_intent", intent)
            : intent;

    private static JsonObject Cancel(StripeCall call)
    {
        var intent = Addressed(call);
        CheckOpen(intent, "cancel");
        intent.With(("status", "canceled"), ("cancellation_reason", call.Params.Text("cancellation_reason")), ("next_action", null));
        call.Emit("setup_intent.canceled", intent);
        return intent;
    }

    private static JsonObject? Method(StripeCall call, string? customer)
    {
        var method = call.Params.Has("payment_method_data")
            ? PaymentMethods.Make(call, call.Params.Child("payment_method_data"))
            : PaymentMethods.Named(call, call.Params, "payment_method");
        if (method is null)
        {
            return null;
        }

        if (method.Text("customer") is { } owner && owner != customer)
        {
            throw StripeError.Invalid(
                $"The PaymentMethod {method.Id()} belongs to the Customer {owner}. Please include the Customer in the `customer` parameter on the SetupIntent.", "payment_method");
        }

        PaymentMethods.RefuseUsedUp(call, method);
        return method;
    }

    private static StripeError Unexpected(JsonObject intent, string message) =>
        new(400, "invalid_request_error", message) { Code = "setup_intent_unexpected_state", Fields = new JsonObject { ["setup_intent"] = intent.Copy() } };
}
