using System.Globalization;
using System.Text.Json;
using Ledgerline.Http;
using Ledgerline.Kernel;

namespace Ledgerline.Plans.Admin;

/// <summary>What an operator says of a plan's price. Amounts are decimal, as a number or as text, never rounded.</summary>
/// <param name="WeeklyCalls">Null when it is not spoken of.</param>
internal sealed record PricingOrder(Money? Price, string? Product, int? TrialDays, JsonElement? WeeklyCalls)
{
    /// <summary>What is billed by the unit.</summary>
    public static readonly IReadOnlyList<string> UnitPrices = ["voice_per_minute", "sms_per_message", "transcription_per_minute", "custom_scenario_setup", Plan.ChatPerMessage];

    // Those that have cents: an amount of a currency without them would be a hundred times too large.
    private static readonly string[] Currencies =
        ["usd", "eur", "gbp", "cad", "aud", "nzd", "chf", "sek", "nok", "dkk", "pln", "czk", "mxn", "brl", "sgd", "hkd", "inr", "zar"];

    private const int MostUnitDecimals = 10;
    private const int LongestTrial = 730;
    private const decimal MostUnitPrice = 10_000;

    private static readonly PricingOrder Nothing = new(null, null, null, null);

    /// <param name="type">The plan's: what is billed by use has unit prices, everything else a price.</param>
    /// <exception cref="Invalid">Something makes no sense.</exception>
    public static PricingOrder Read(JsonElement? pricing, string type)
    {
        if (pricing is not { } given)
        {
            return Nothing;
        }

        if (given.ValueKind != JsonValueKind.Object)
        {
            throw new Invalid("body", "pricing", "pricing must be an object");
        }

        var names = given.EnumerateObject().Select(one => one.Name).ToList();
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw Wrong(twice.Key, $"{twice.Key} is given twice");
        }

        foreach (var one in given.EnumerateObject())
        {
            Check(one, type);
        }

        return new PricingOrder(
            Find(given, "price") is { } price ? new Money((long)(Amount(price)!.Value * 100), Find(given, "currency")?.GetString() ?? "usd") : null,
            Find(given, "product")?.GetString(),
            Find(given, "trial_days")?.GetInt32(),
            Find(given, PlanFeatures.WeeklyCalls));
    }

    private static void Check(JsonProperty one, string type)
    {
        var (name, value) = (one.Name, one.Value);
        var fault = name switch
        {
            "price" when type == PlanType.Usage => "left out: what is billed by use has unit prices",
            "price" => Amount(value) is { } price && price > 0 && price <= DollarText.Most && price * 100 == decimal.Truncate(price * 100)
                ? null
                : $"an amount such as 49.99: more than 0, at most {DollarText.Most}, with at most two decimals",
            "currency" => IsOneOf(value, Currencies),
            "interval" => IsOneOf(value, [Interval(type)]),
            "product" => IsOneOf(value, PlanProduct.All),
            "trial_days" => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var days) && days is >= 0 and <= LongestTrial
                ? null
                : $"a whole number from 0 to {LongestTrial}",
            PlanFeatures.WeeklyCalls => FeatureOrder.Fault(name, value),
            _ when !UnitPrices.Contains(name) =>
                $"left out: pricing has price, currency, interval, product, trial_days, weekly_calls, and the unit prices {string.Join(", ", UnitPrices)}",
            _ when type != PlanType.Usage => "left out: only what is billed by use has unit prices",
            _ => Amount(value) is { } unit && unit >= 0 && unit <= MostUnitPrice && unit.Scale <= MostUnitDecimals
                ? null
                : $"an amount such as 0.05: at least 0, at most {MostUnitPrice}, with at most {MostUnitDecimals} decimals",
        };
        if (fault is not null)
        {
            throw Wrong(name, $"{name} must be {fault}");
        }
    }

    /// <summary>As Stripe names it.</summary>
    private static string Interval(string type) => type switch { PlanType.Yearly => "year", PlanType.Weekly => "week", _ => "month" };

    // Without exponents: 1e-7 is a number that nobody means as a price.
    private static decimal? Amount(JsonElement value) =>
        (value.ValueKind switch { JsonValueKind.Number => value.GetRawText(), JsonValueKind.String => value.GetString(), _ => null }) is { Length: <= 30 } text
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            ? amount
            : null;

    private static string? IsOneOf(JsonElement value, IReadOnlyList<string> words) =>
        value.ValueKind == JsonValueKind.String && words.Contains(value.GetString()!) ? null : $"{(words.Count == 1 ? "" : "one of ")}{string.Join(", ", words)}";

    private static JsonElement? Find(JsonElement pricing, string name) => pricing.TryGetProperty(name, out var value) ? value : null;

    private static Invalid Wrong(string name, string sentence) => new("body", $"pricing.{name}", sentence);
}
