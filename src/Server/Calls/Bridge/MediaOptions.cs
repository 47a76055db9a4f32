using Ledgerline.Http;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Calls.Bridge;

/// <summary>What the operator decides about media streams.</summary>
/// <param name="Host">Of our public address, with its port and what stands before our paths; null where none is known.</param>
/// <param name="RequiresSignature">A stream whose upgrade nobody signed is not taken.</param>
/// <param name="Late">A caller's frame that waited longer is late, and while too many are, no new calls begin; zero: they always do.</param>
internal sealed record MediaOptions(string? Host, bool RequiresSignature, TimeSpan Late)
{
    private const int UsualLateMs = 500;

    /// <exception cref="FormatException">The setting is not what it should be; the sentence names it.</exception>
    public static MediaOptions Read(ProviderSettings settings) => new(
        null,
        settings["MEDIA_REQUIRE_SIGNATURE"]?.ToLowerInvariant() switch
        {
            null => settings.IsProduction,
            "true" => true,
            "false" => false,
            _ => throw new FormatException("MEDIA_REQUIRE_SIGNATURE must be true or false."),
        },
        TimeSpan.FromMilliseconds(settings["MEDIA_LATE_MS"] is not { } text ? UsualLateMs
            : ushort.TryParse(text, out var late) ? late
            : throw new FormatException("MEDIA_LATE_MS must be a whole number of milliseconds up to 65535; 0 switches it off.")));

    public MediaOptions At(PublicUrl? address) => this with { Host = address?.At("").Split("://")[1].TrimEnd('/') };
}
