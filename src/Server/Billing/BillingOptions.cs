using System.Globalization;
using Ledgerline.Kernel;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Billing;

/// <summary>What the operator decides about money coming in.</summary>
/// <param name="WelcomeCredits">For a person's first sign-in; zero switches the gift off.</param>
internal sealed record BillingOptions(Credits WelcomeCredits)
{
    private const long DefaultWelcome = 100;
    private const long LargestWelcome = 1_000_000;

    /// <exception cref="FormatException">A setting is not what it should be; the sentence names it.</exception>
    public static BillingOptions Read(ProviderSettings settings) => new(Credits.Whole(Welcome(settings["FREE_CREDITS"])));

    private static long Welcome(string? setting) =>
        setting is null ? DefaultWelcome
        : long.TryParse(setting, NumberStyles.None, CultureInfo.InvariantCulture, out var credits) && credits <= LargestWelcome ? credits
        : throw new FormatException($"FREE_CREDITS must be a whole number of credits from 0 to {LargestWelcome}.");
}
