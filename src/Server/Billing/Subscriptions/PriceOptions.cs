using Ledgerline.Providers.Wire;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>What the operator decides about plans at Stripe.</summary>
internal sealed class PriceOptions(ProviderSettings settings)
{
    private const int DefaultGraceDays = 3;
    private const int LongestGraceDays = 3650;

    /// <summary>The price that the operator made for this plan: <c>STRIPE_PRICE_PRO_MONTHLY</c>. It wins over what we would make.</summary>
    public string? Of(string planId) => settings[$"STRIPE_PRICE_{planId.ToUpperInvariant()}"];

    /// <summary>Whether products, prices and meters are made where they are missing.</summary>
    public bool MakesWhatIsMissing { get; } = !string.Equals(settings["STRIPE_SYNC_CATALOGUE"], "false", StringComparison.OrdinalIgnoreCase);

    /// <summary>How long a plan goes on whose payment is missing.</summary>
    public TimeSpan Grace { get; } = settings["GRACE_DAYS"] is not { } days ? TimeSpan.FromDays(DefaultGraceDays)
        : int.TryParse(days, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var whole) && whole <= LongestGraceDays
            ? TimeSpan.FromDays(whole)
            : throw new FormatException($"GRACE_DAYS must be a whole number of days from 0 to {LongestGraceDays}.");
}
