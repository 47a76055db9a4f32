using Ledgerline.Providers.Wire;

namespace Ledgerline.Billing.Payments;

/// <summary>What the operator decides about one-time payments.</summary>
/// <param name="Currencies">Lower-case ISO codes that are taken; <c>usd</c> unless said otherwise.</param>
/// <param name="PortalReturn">Where Stripe's portal leads back to when nobody says where.</param>
internal sealed record PaymentOptions(IReadOnlyList<string> Currencies, string PortalReturn)
{
    public const string DefaultCurrency = "usd";

    private const string Setting = "PAYMENT_CURRENCIES";
    private const int CodeLength = 3;

    /// <exception cref="FormatException">A setting is not what it should be; the sentence names it.</exception>
    public static PaymentOptions Read(ProviderSettings settings)
    {
        string[] currencies =
        [
            .. (settings[Setting] ?? DefaultCurrency).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(code => code.ToLowerInvariant()).Distinct(),
        ];
        return currencies.Length > 0 && currencies.All(code => code.Length == CodeLength && code.All(char.IsAsciiLetter))
            ? new PaymentOptions(currencies, settings["FRONTEND_URL"] ?? "http://localhost:5173")
            : throw new FormatException($"{Setting} must hold ISO codes such as usd,eur.");
    }
}
