using System.Globalization;
using Ledgerline.Kernel;

namespace Ledgerline.Plans;

/// <summary>Money as customers read it.</summary>
internal static class DollarText
{
    /// <summary>No plan costs more, in whole units of its currency.</summary>
    public const long Most = 1_000_000;

    /// <summary><c>$49.99</c>; another currency than the dollar is written out: <c>49.99 EUR</c>.</summary>
    public static string Of(Money price) => price.Currency == "usd"
        ? string.Create(CultureInfo.InvariantCulture, $"${Amount(price):0.00}")
        : string.Create(CultureInfo.InvariantCulture, $"{Amount(price):0.00} {price.Currency.ToUpperInvariant()}");

    /// <summary>In the currency's major unit, exact.</summary>
    public static decimal Amount(Money price) => price.Minor / 100m;
}
