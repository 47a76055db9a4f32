using System.Text.Json.Nodes;
using Sandbox.Core;
using Sandbox.Stripe.Billing;

namespace Sandbox.Stripe;

/// <summary>Customers. A deleted one is still answered by its id, as <c>deleted: true</c>.</summary>
internal static class Customers
{
    private static readonly string[] Fields =
        ["address", "balance", "business_name", "description", "email", "individual_name", "name", "next_invoice_sequence", "phone", "preferred_locales", "shipping", "tax_exempt"];

    public static void Map(StripeApi api)
    {
        api.Post("/v1/customers", Create, "cash_balance source tax_id_data test_clock");
        api.Get("/v1/customers", call => Listing.Of(call, call.World.All("customer")
            .Where(one => call.Params.Text("email") is not { } email || one.Text("email") == email), "/v1/customers"));
        api.Get("/v1/customers/{customer}", Get);
        api.Post("/v1/customers/{customer}", Update, "cash_balance default_source source");
        api.Delete("/v1/customers/{customer}", Delete);
    }

    public static JsonObject Addressed(StripeCall call) => call.Addressed("customer", "customer", "id");

    public static JsonObject Make(StripeCall call, Action<JsonObject>? fill = null)
    {
        var made = call.Create("customer", "cus_", 14);
        made["invoice_prefix"] = Ids.Hex("", 8).ToUpperInvariant();
        fill?.Invoke(made);
        call.Emit("customer.created", made);
        return made;
    }

    private static JsonObject Create(StripeCall call)
    {
        CheckEmail(call);
        var method = PaymentMethods.Named(call, call.Params, "payment_method");
        CheckDefault(call, id => id == method?.Id());
        if (method is not null && call.World.Cards.GetValueOrDefault(method.Id()) is { Attaches: false, Failure: { } failure })
        {
            throw StripeError.Card(failure, "payment_intent", null);
        }

        var made = Make(call, customer => Fill(call, customer));
        if (method is not null)
        {
            PaymentMethods.AttachTo(call, method, made);
        }

        SetDefault(call, made);
        return made;
    }

    private static JsonObject Get(StripeCall call) =>
        call.World.Find((string)call.Route["customer"]!) is { } found && found.Text("object") == "customer" ? found : Addressed(call);

    private static JsonObject Update(StripeCall call)
    {
        var customer = Addressed(call);
        CheckEmail(call);
        CheckDefault(call, id => call.World.Find("payment_method", id)?.Text("customer") == customer.Id());
        call.Change(customer, "customer.updated", () =>
        {
            Fill(call, customer);
            SetDefault(call, customer);
        });
        return customer;
    }

    private static JsonObject Delete(StripeCall call)
    {
        var customer = Addressed(call);
        foreach (var subscription in call.World.All("subscription").Where(one => one.Text("customer") == customer.Id() && !SubscriptionStatus.IsOver(one)).ToList())
        {
            SubscriptionStatus.End(call, subscription, "cancellation_requested");
        }

        foreach (var method in call.World.All("payment_method").Where(one => one.Text("customer") == customer.Id()).ToList())
        {
            PaymentMethods.DetachFromCustomer(call, method);
        }

        call.Emit("customer.deleted", customer);
        return StripeWorld.Delete(customer);
    }

    private static void Fill(StripeCall call, JsonObject customer)
    {
        call.Params.MergeMetadata(customer);
        call.Params.CopyTo(customer, Fields);
        customer["tax_exempt"] ??= "none";
    }

    private static void SetDefault(StripeCall call, JsonObject customer) =>
        call.Params.Child("invoice_settings").CopyTo(
            customer.Child("invoice_settings")!, "custom_fields", "default_payment_method", "footer", "rendering_options");

    private static void CheckDefault(StripeCall call, Func<string, bool> isTheirs)
    {
        var settings = call.Params.Child("invoice_settings");
        if (settings.Text("default_payment_method") is { } id && !isTheirs(id))
        {
            throw StripeError.Invalid(
                $"The customer does not have a payment method with the ID {id}. The payment method must be attached to the customer.",
                settings.PathOf("default_payment_method"), "resource_missing");
        }
    }

    private static void CheckEmail(StripeCall call)
    {
        if (call.Params.Text("email") is { } email && (email.Length > 512 || !email.Contains('@', StringComparison.Ordinal) || email.Any(char.IsWhiteSpace)))
        {
            throw StripeError.Invalid($"Invalid email address: {email}", "email", "email_invalid");
        }
    }
}
