using System.Text.Json.Nodes;

namespace Sandbox.Stripe;

/// <summary>How the balance moved: what came in, what the fee was, what went back.</summary>
internal static class BalanceTransactions
{
    public static JsonObject Record(StripeCall call, string type, long amount, long fee, string currency, string source, string? description)
    {
        var made = call.Create("balance_transaction", "txn_3");
        return made.With(
            ("type", type), ("reporting_category", Category(type)), ("amount", amount), ("fee", fee), ("net", amount - fee), ("currency", currency),
            ("source", source), ("description", description), ("available_on", call.Now + 2 * 86400),
            ("fee_details", fee == 0 ? new JsonArray() : new JsonArray(new JsonObject
            {
                ["amount"] = fee,
                ["application"] = null,
                ["currency"] = currency,
                ["description"] = type == "charge" ? "Stripe processing fees" : "Dispute fee",
                ["type"] = "stripe_fee",
            })));
    }

    /// <summary>2.9 % and thirty cents, rounded to the smallest unit; no cents where there are none.</summary>
    public static long Fee(long amount, string currency) => (amount * 29 + 500) / 1000 + (currency == "jpy" ? 0 : 30);

    public static JsonObject List(StripeCall call)
    {
        var (source, type, currency) = (call.Params.Text("source"), call.Params.Text("type"), call.Params.Text("currency"));
        return Listing.Of(call, call.World.All("balance_transaction")
            .Where(one => source is null || one.Text("source") == source)
            .Where(one => type is null || one.Text("type") == type)
            .Where(one => currency is null || one.Text("currency") == currency), "/v1/balance_transactions");
    }

    private static string Category(string type) => type switch
    {
        "adjustment" => "dispute",
        "refund_failure" or "payment_failure_refund" => "refund_failure",
        _ => type,
    };
}
