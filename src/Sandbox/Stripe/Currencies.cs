using System.Globalization;

namespace Sandbox.Stripe;

/// <summary>Which currencies there are, how small a charge may be, and how an amount reads to a person.</summary>
internal static class Currencies
{
    public const long Largest = 99_999_999;

    private static readonly HashSet<string> Whole =
        ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"];

    private static readonly HashSet<string> Thousandths = ["bhd", "jod", "kwd", "omr", "tnd"];

    private static readonly Dictionary<string, long> Smallest = new()
    {
        ["usd"] = 50,
        ["aed"] = 200,
        ["aud"] = 50,
        ["brl"] = 50,
        ["cad"] = 50,
        ["chf"] = 50,
        ["czk"] = 1500,
        ["dkk"] = 250,
        ["eur"] = 50,
        ["gbp"] = 30,
        ["hkd"] = 400,
        ["huf"] = 17500,
        ["inr"] = 50,
        ["jpy"] = 50,
        ["mxn"] = 1000,
        ["myr"] = 200,
        ["nok"] = 300,
        ["nzd"] = 50,
        ["pln"] = 200,
        ["ron"] = 200,
        ["sek"] = 300,
        ["sgd"] = 50,
        ["thb"] = 1000,
    };

    private static readonly HashSet<string> Others =
    [
        "all", "amd", "ars", "bam", "bdt", "bgn", "bob", "cny", "cop", "crc", "dop", "egp", "etb", "gel", "ghs", "gtq", "hnl", "idr", "ils", "isk", "jmd", "kes",
        "khr", "kzt", "lkr", "mad", "mdl", "mkd", "mnt", "mur", "ngn", "npr", "pab", "pen", "php", "pkr", "qar", "rsd", "sar", "try", "twd", "tzs", "uah", "uyu",
        "uzs", "xcd", "zar",
    ];

    /// <summary>The call's currency in small letters.</summary>
    public static string Check(Params data)
    {
        var currency = data.Required("currency").ToLowerInvariant();
        return Smallest.ContainsKey(currency) || Whole.Contains(currency) || Thousandths.Contains(currency) || Others.Contains(currency)
            ? currency
            : throw StripeError.Invalid($"Invalid currency: {currency}.", data.PathOf("currency"));
    }

    /// <summary>The smallest charge that a bank would carry.</summary>
    public static long Least(string currency) => Smallest.GetValueOrDefault(currency, 1);

    /// <summary>Refuses what no bank would carry.</summary>
    public static long CheckCharge(long amount, string currency, string param)
    {
        var least = Least(currency);
        return amount < least
            ? throw StripeError.Invalid(
                $"The amount must be greater than or equal to the minimum charge amount allowed for your account and the currency set: {Text(least, currency)}.",
                param, "amount_too_small")
            : amount > Largest ? throw StripeError.Invalid($"Amount must be no more than {Text(Largest, currency)}.", param, "amount_too_large")
            : amount;
    }

    /// <summary>As a person reads it: <c>14.99 USD</c>, <c>1,500 JPY</c>.</summary>
    public static string Text(long amount, string currency)
    {
        var decimals = Whole.Contains(currency) ? 0 : Thousandths.Contains(currency) ? 3 : 2;
        var value = new decimal(amount) / (decimals switch { 0 => 1, 3 => 1000, _ => 100 });
        return value.ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) + " " + currency.ToUpperInvariant();
    }
}
