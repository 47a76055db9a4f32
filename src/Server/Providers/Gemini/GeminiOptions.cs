using Ledgerline.Ai;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Providers.Gemini;

/// <summary>How Google's Generative Language API is reached.</summary>
/// <param name="ApiKey">Null: Gemini is not configured.</param>
/// <param name="Address">With the version.</param>
/// <param name="Model">The model that this product's own chat uses.</param>
public sealed record GeminiOptions(string? ApiKey, string Address, string Model)
{
    public const string SandboxKey = "AIza-sandbox";

    /// <exception cref="ModelFailure">Gemini is not configured.</exception>
    internal string KeyOrFailure => ApiKey ?? throw new ModelFailure(ModelFailure.NotConfigured, "Gemini is not configured: set GEMINI_API_KEY.");

    public static GeminiOptions From(ProviderSettings settings) => new(
        settings.Key("GEMINI_API_KEY", SandboxKey),
        settings.Address("GEMINI_API_URL", "GEMINI_API_KEY", "https://generativelanguage.googleapis.com/v1beta", "/gemini/v1beta").TrimEnd('/'),
        settings["GEMINI_MODEL"] ?? "gemini-2.5-flash");
}
