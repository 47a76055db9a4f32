using System.Globalization;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Gateway.Uploads;

/// <summary>What an operator may set about uploaded recordings and the money held for them.</summary>
/// <param name="LargestAudioBytes">An upload's file may be as large as this; <c>MAX_AUDIO_BYTES</c>.</param>
/// <param name="SpoolFolder">Where uploads lie while they are worked on; <c>SPOOL_FOLDER</c>.</param>
/// <param name="HoldLifetime">After it a hold that a crash left behind goes back; <c>HOLD_LIFETIME_SECONDS</c>.</param>
public sealed record UploadOptions(long LargestAudioBytes, string SpoolFolder, TimeSpan HoldLifetime)
{
    // Boundaries, headers and a few small fields around the file.
    private const long EnvelopeBytes = 64 * 1024;

    public long LargestRequestBytes => LargestAudioBytes + EnvelopeBytes;

    internal static UploadOptions From(ProviderSettings settings) => new(
        Number(settings, "MAX_AUDIO_BYTES", 25 * 1024 * 1024, least: 1, most: 4L * 1024 * 1024 * 1024),
        settings["SPOOL_FOLDER"] ?? Path.GetTempPath(),
        // Not shorter than a transcription may take, or the sweeper would take back what is still in use.
        TimeSpan.FromSeconds(Number(settings, "HOLD_LIFETIME_SECONDS", 600, least: 120, most: 86_400)));

    private static long Number(ProviderSettings settings, string name, long otherwise, long least, long most) =>
        settings[name] is not { } text ? otherwise
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new FormatException($"{name} must be a whole number from {least} to {most}.");
}
