using Ledgerline.Audio;
using Xunit;

namespace Tests.Audio;

/// <summary>Asks the probe, and holds its answer against what ffmpeg plays.</summary>
internal static class Probed
{
    public static AudioReading Read(byte[] bytes) => AudioProbe.Read(new MemoryStream(bytes, writable: false));

    public static TimeSpan Length(byte[] bytes) => Length(Read(bytes));

    public static TimeSpan Length(AudioReading reading) => reading is AudioReading.Recording recording
        ? recording.Length
        : throw new Xunit.Sdk.XunitException($"A recording was expected, but the probe answered {reading}.");

    public static string Unreadable(byte[] bytes) => Assert.IsType<AudioReading.Unreadable>(Read(bytes)).Why;

    public static string Unsupported(byte[] bytes) => Assert.IsType<AudioReading.Unsupported>(Read(bytes)).Why;

    /// <summary>The one promise: the file is refused, or its length is at least what ffmpeg plays of it. Answers what ffmpeg played.</summary>
    public static async Task<TimeSpan?> NeverBelowPlayed(byte[] bytes, string extension, string what = "the file")
    {
        var reading = Read(bytes);
        var played = await Recordings.Played(bytes, extension);
        if (reading is AudioReading.Recording recording && played > recording.Length)
        {
            Assert.Fail($"{what}: ffmpeg plays {played}, but the probe says {recording.Length}.");
        }

        return played;
    }
}
