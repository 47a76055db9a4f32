using Ledgerline.Providers.Wire;

namespace Ledgerline.Providers.Stripe;

/// <summary>How Stripe is reached and how its webhooks are trusted. Without a key payments are off.</summary>
public sealed record StripeOptions
{
    /// <summary>The version whose objects the wire records were written for.</summary>
    public const string PinnedVersion = "2026-08-26.dahlia";

    /// <summary>From here on periods lie on items, and invoices name their subscription and their payments elsewhere.</summary>
    public const string FirstOfNewShapes = "2025-03-31";

    private const string SandboxKey = "sk_test_sandbox";
    private const string SandboxSecret = "whsec_sandbox";

    public string? SecretKey { get; private init; }

    /// <summary>Without <c>/v1</c>.</summary>
    public required string BaseAddress { get; init; }

    public required string ApiVersion { get; init; }

    /// <summary>Real money: events of the other mode are refused.</summary>
    public bool IsLive => SecretKey is { } key && (key.StartsWith("sk_live_", StringComparison.Ordinal) || key.StartsWith("rk_live_", StringComparison.Ordinal));

    public required StripeWebhookTrust Credits { get; init; }
    public required StripeWebhookTrust Payments { get; init; }
    public required StripeWebhookTrust Chat { get; init; }

    /// <summary>Why the product must not start like this: half of Stripe is configured, or the sandbox's own secrets are outside Development.</summary>
    public string? Fault { get; private init; }

    public static StripeOptions Read(ProviderSettings settings)
    {
        var options = new StripeOptions
        {
            SecretKey = settings.Key("STRIPE_SECRET_KEY", SandboxKey),
            BaseAddress = settings.Address("STRIPE_BASE_URL", "STRIPE_SECRET_KEY", "https://api.stripe.com", "/stripe"),
            ApiVersion = settings["STRIPE_API_VERSION"] ?? PinnedVersion,
            Credits = Trust(settings, "STRIPE_WEBHOOK_SECRET_CREDITS"),
            Payments = Trust(settings, "STRIPE_WEBHOOK_SECRET_PAYMENTS"),
            Chat = Trust(settings, "STRIPE_WEBHOOK_SECRET_CHAT"),
        };
        return settings.IsDevelopment ? options : options with { Fault = options.FaultOutsideDevelopment() };
    }

    // A secret of its own, else the shared one, else the sandbox's while it is the sandbox that is asked.
    private static StripeWebhookTrust Trust(ProviderSettings settings, string name)
    {
        var set = Secrets(settings[name]) is { Count: > 0 } own ? own : Secrets(settings["STRIPE_WEBHOOK_SECRET"]);
        var sandboxed = settings.IsDevelopment && settings["STRIPE_SECRET_KEY"] is null;
        return new StripeWebhookTrust(
            set.Count > 0 ? set : sandboxed ? [SandboxSecret] : [], TakesUnsignedTests: settings.IsDevelopment && set.Count == 0);
    }

    private static List<string> Secrets(string? setting) =>
        [.. (setting ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private string? FaultOutsideDevelopment()
    {
        string[] secrets = [.. Credits.Secrets, .. Payments.Secrets, .. Chat.Secrets];
        return this switch
        {
            { SecretKey: SandboxKey } => "STRIPE_SECRET_KEY is the sandbox's: set the key of a Stripe account, or none to switch payments off.",
            _ when secrets.Contains(SandboxSecret) => "STRIPE_WEBHOOK_SECRET is the sandbox's: set the secret that Stripe shows for the webhook endpoint.",
            { SecretKey: not null } when secrets.Length == 0 =>
                "STRIPE_SECRET_KEY is set without STRIPE_WEBHOOK_SECRET: set both, or neither to switch payments off.",
            { SecretKey: null } when secrets.Length > 0 =>
                "STRIPE_WEBHOOK_SECRET is set without STRIPE_SECRET_KEY: set both, or neither to switch payments off.",
            _ => null,
        };
    }
}

/// <summary>Whom one webhook address believes.</summary>
/// <param name="Secrets">Any of them may have signed; none means that the address is off.</param>
/// <param name="TakesUnsignedTests">In Development, while the operator has set no secret: <c>test.event</c> may come unsigned.</param>
public sealed record StripeWebhookTrust(IReadOnlyList<string> Secrets, bool TakesUnsignedTests)
{
    public bool IsOff => Secrets.Count == 0 && !TakesUnsignedTests;
}
