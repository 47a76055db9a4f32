using System.Text.Json.Nodes;

namespace Sandbox.Stripe;

/// <summary>Charges: what a payment intent's attempts came to. Made by <see cref="Payments"/> only.</summary>
internal static class Charges
{
    public static void Map(StripeApi api)
    {
        api.Get("/v1/charges", List);
        api.Get("/v1/charges/{charge}", call => call.Addressed("charge", "charge"));
        api.Get("/v1/balance_transactions", BalanceTransactions.List);
        api.Get("/v1/balance_transactions/{id}", call => call.Addressed("balance_transaction", "id"));
    }

    public static JsonObject Make(StripeCall call, JsonObject intent, JsonObject method, string status, bool authenticated)
    {
        var amount = intent.Long("amount");
        var made = call.Create("charge", method.Text("type") == "card" ? "ch_3" : "py_3");
        made.With(
            ("amount", amount), ("currency", intent.Text("currency")), ("customer", intent.Text("customer")), ("description", intent.Text("description")),
            ("metadata", intent["metadata"]), ("payment_intent", intent.Id()), ("payment_method", method.Id()), ("receipt_email", intent.Text("receipt_email")),
            ("shipping", intent["shipping"]), ("statement_descriptor_suffix", intent.Text("statement_descriptor_suffix")),
            ("billing_details", method["billing_details"]), ("payment_method_details", Details(call, method, amount, authenticated)),
            ("outcome", Skeletons.New("charge.outcome")), ("status", status));
        return made;
    }

    /// <summary>The money is taken: all of it, or the part of a manual capture.</summary>
    public static void Capture(StripeCall call, JsonObject charge, long amount)
    {
        charge.With(("captured", true), ("amount_captured", amount));
        var currency = charge.Text("currency")!;
        charge["balance_transaction"] = BalanceTransactions.Record(
            call, "charge", amount, BalanceTransactions.Fee(amount, currency), currency, charge.Id(), charge.Text("description")).Id();
    }

    public static void Fail(JsonObject charge, CardFailure failure)
    {
        charge.With(("status", "failed"), ("paid", false), ("captured", false), ("amount_captured", 0L), ("failure_code", failure.Code), ("failure_message", failure.Message));
        charge.Child("outcome")!.With(
            ("advice_code", failure.AdviceCode), ("network_decline_code", failure.NetworkDeclineCode), ("network_status", "declined_by_network"),
            ("reason", failure.DeclineCode ?? failure.Code), ("seller_message", "The bank did not return any further details with this decline."), ("type", "issuer_declined"));
    }

    private static JsonObject List(StripeCall call)
    {
        var (customer, intent) = (call.Params.Text("customer"), call.Params.Text("payment_intent"));
        return Listing.Of(call, call.World.All("charge")
            .Where(one => customer is null || one.Text("customer") == customer)
            .Where(one => intent is null || one.Text("payment_intent") == intent), "/v1/charges");
    }

    private static JsonObject Details(StripeCall call, JsonObject method, long amount, bool authenticated)
    {
        var type = method.Text("type")!;
        var details = Skeletons.New("charge." + type);
        foreach (var (name, value) in method.Child(type)!)
        {
            if (details.ContainsKey(name))
            {
                details[name] = value?.DeepClone();
            }
        }

        if (type == "card")
        {
            details.With(
                ("amount_authorized", amount), ("authorization_code", Core.Ids.Digits(6)), ("network", method.Child("card")!.Text("brand")),
                ("network_transaction_id", Core.Ids.Digits(15)),
                ("overcapture", new JsonObject { ["maximum_amount_capturable"] = amount, ["status"] = "unavailable" }),
                ("three_d_secure", authenticated ? Skeletons.New("charge.three_d_secure").With(("transaction_id", Guid.CreateVersion7(call.World.Clock.GetUtcNow()).ToString())) : null));
        }

        return new JsonObject { [type] = details, ["type"] = type };
    }
}
