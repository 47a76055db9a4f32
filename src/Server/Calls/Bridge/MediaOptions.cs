using Ledgerline.Http;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Calls.Bridge;

/// <summary>What the operator decides about media streams.</summary>
/// <param name="Host">Of our public address, with its port and what stands before our paths; null where none is known.</param>
/// <param name="RequiresSignature">A stream whose upgrade nobody signed is not taken.</param>
internal sealed record MediaOptions(string? Host, bool RequiresSignature)
{
    /// <exception cref="FormatException">The setting is not what it should be; the sentence names it.</exception>
    public static MediaOptions Read(ProviderSettings settings) => new(null, settings["MEDIA_REQUIRE_SIGNATURE"]?.ToLowerInvariant() switch
    {
        null => settings.IsProduction,
        "true" => true,
        "false" => false,
        _ => throw new FormatException("MEDIA_REQUIRE_SIGNATURE must be true or false."),
    });

    public MediaOptions At(PublicUrl? address) => this with { Host = address?.At("").Split("://")[1].TrimEnd('/') };
}
