using System.Globalization;
using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>What a price asks for: amounts in whole units of the currency, rounded once, half away from zero.</summary>
internal static class Prices
{
    public static bool IsMetered(JsonObject price) => price.Text("recurring", "usage_type") == "metered";

    public static decimal Unit(JsonObject price) => decimal.Parse(price.Text("unit_amount_decimal")!, CultureInfo.InvariantCulture);

    public static long Amount(JsonObject price, long quantity) => Round(Unit(price) * quantity);

    public static long Round(decimal amount) => (long)Math.Round(amount, MidpointRounding.AwayFromZero);

    public static (string Interval, long Count) Interval(JsonObject price) =>
        (price.Text("recurring", "interval")!, price.Child("recurring")!.Long("interval_count"));

    /// <summary>The price in the shape that came before prices, which subscription items still carry.</summary>
    public static JsonObject Plan(JsonObject price)
    {
        var recurring = price.Child("recurring")!;
        return Skeletons.New("plan").With(
            ("id", price.Id()), ("active", price["active"]), ("amount", price["unit_amount"]), ("amount_decimal", price["unit_amount_decimal"]),
            ("created", price["created"]), ("currency", price["currency"]), ("interval", recurring["interval"]), ("interval_count", recurring["interval_count"]),
            ("metadata", price["metadata"]), ("meter", recurring["meter"]), ("nickname", price["nickname"]), ("product", price["product"]),
            ("trial_period_days", recurring["trial_period_days"]), ("usage_type", recurring["usage_type"]));
    }

    /// <summary>As invoices describe it: <c>20.00 USD / month</c>.</summary>
    public static string Words(JsonObject price)
    {
        var amount = price.LongOrNull("unit_amount") is { } whole ? Currencies.Text(whole, price.Text("currency")!) : $"{price.Text("unit_amount_decimal")} {price.Text("currency")}";
        if (price.Child("recurring") is not { } recurring)
        {
            return amount;
        }

        var count = recurring.Long("interval_count");
        return count == 1 ? $"{amount} / {recurring.Text("interval")}" : string.Create(CultureInfo.InvariantCulture, $"{amount} / every {count} {recurring.Text("interval")}s");
    }

    /// <summary>A customer who has one currency, or a subscription, is not billed in another.</summary>
    public static void CheckCurrency(string? only, string currency, string param)
    {
        if (only is not null && currency != only)
        {
            throw StripeError.Invalid($"You cannot combine currencies on a single customer. This customer has an active subscription, balance or invoice in {only}.", param);
        }
    }

    /// <summary>A price from <c>price_data</c> that names its product; it is made, but not for sale elsewhere.</summary>
    public static JsonObject Given(StripeCall call, Params among, bool recurring)
    {
        if (among.Has("price") == among.Has("price_data"))
        {
            throw StripeError.Invalid(
                among.Has("price") ? "You may only specify one of these parameters: price, price_data." : "You must specify either `price` or `price_data`.",
                among.PathOf("price"), among.Has("price") ? null : "parameter_missing");
        }

        var price = call.Named("price", among, "price") ?? Catalogue.PriceOf(call, among.Child("price_data"));
        if (among.Has("price") && !price.Flag("active"))
        {
            throw StripeError.Invalid("The price specified is inactive. This field only accepts active prices.", among.PathOf("price"));
        }

        if (recurring != (price.Text("type") == "recurring"))
        {
            throw StripeError.Invalid(recurring
                ? "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`."
                : "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.", among.PathOf("price"));
        }

        return price;
    }
}
