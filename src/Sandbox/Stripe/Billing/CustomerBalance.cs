using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>What a customer has to their credit (negative) or still owes (positive), and how it came so.</summary>
internal static class CustomerBalance
{
    public static void Map(StripeApi api)
    {
        api.Get("/v1/customers/{customer}/balance_transactions", call =>
        {
            var customer = Customers.Addressed(call);
            return Listing.Of(call, call.World.All("customer_balance_transaction")
                .Where(one => one.Text("customer") == customer.Id())
                .Where(one => call.Params.Text("invoice") is not { } invoice || one.Text("invoice") == invoice), $"/v1/customers/{customer.Id()}/balance_transactions");
        });
        api.Post("/v1/customers/{customer}/balance_transactions", call =>
        {
            var customer = Customers.Addressed(call);
            var amount = call.Params.Long("amount")!.Value;
            var currency = Currencies.Check(call.Params);
            if (customer.Text("currency") is { } only && only != currency)
            {
                throw StripeError.Invalid($"This customer's balance is in {only}.", "currency");
            }

            customer["currency"] ??= currency;
            var made = Move(call, customer, amount, null, "adjustment")
                ?? throw StripeError.Invalid("The amount must not be 0.", "amount", "parameter_invalid_integer");
            call.Params.CopyTo(made, "description");
            call.Params.MergeMetadata(made);
            return made;
        });
    }

    public static JsonObject? Move(StripeCall call, JsonObject customer, long amount, JsonObject? invoice, string type = "applied_to_invoice")
    {
        if (amount == 0)
        {
            return null;
        }

        var balance = customer.Long("balance") + amount;
        var made = call.Create("customer_balance_transaction", "cbtxn_1");
        made.With(
            ("amount", amount), ("ending_balance", balance), ("customer", customer.Id()), ("invoice", invoice?.Id()), ("type", type),
            ("currency", invoice?.Text("currency") ?? customer.Text("currency") ?? "usd"));
        call.Change(customer, "customer.updated", () => customer["balance"] = balance);
        return made;
    }
}
