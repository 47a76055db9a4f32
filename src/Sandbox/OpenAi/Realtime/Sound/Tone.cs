using System.Collections.Concurrent;
using System.Text;

namespace Sandbox.OpenAi.Realtime.Sound;

/// <summary>
/// What the sandbox's model speaks: pure tones at about 0.3 of full scale. Its tones lie 12.5 Hz apart, so each repeats exactly every
/// 80 ms, and a piece once encoded serves every session.
/// </summary>
internal static class Tone
{
    public const double Step = 12.5;
    public const double Greeting = 2_500;
    private const double AnswerAbove = 1_600;
    private const double Amplitude = 0.3 * 32_767;
    private const int KeptPieces = 4_000;

    private static readonly ConcurrentDictionary<(SoundFormat Format, double Hz, int Start, int Bytes), byte[]> Pieces = new();

    /// <summary>The tone that answers a person who spoke this one.</summary>
    public static double AnswerTo(double? heardHz) => heardHz is { } hz and <= 2_100 ? hz + AnswerAbove : Greeting;

    /// <summary>A piece of the tone in Base64, from this byte of the stretch on.</summary>
    public static byte[] Piece(SoundFormat format, double hz, long startByte, int bytes)
    {
        var repeatsBytes = (long)(format.Rate / Step) * format.BytesPerSample;
        var key = (format, hz, (int)(hz % Step == 0 ? startByte % repeatsBytes : startByte), bytes);
        if (Pieces.TryGetValue(key, out var known))
        {
            return known;
        }

        var piece = Encoding.ASCII.GetBytes(Convert.ToBase64String(Sound(format, hz, key.Item3, bytes)));
        if (Pieces.Count >= KeptPieces)
        {
            Pieces.Clear();
        }

        return Pieces[key] = piece;
    }

    /// <summary>The tone itself.</summary>
    public static byte[] Sound(SoundFormat format, double hz, long startByte, int bytes)
    {
        // A piece may begin or end in the middle of a sample.
        var size = format.BytesPerSample;
        var first = startByte / size;
        var count = (int)((startByte + bytes + size - 1) / size - first);
        var sound = new byte[count * size];
        for (var at = 0; at < count; at++)
        {
            format.Encode((short)(Amplitude * Math.Sin(2 * Math.PI * hz * (first + at) / format.Rate)), sound.AsSpan(at * size, size));
        }

        return sound[(int)(startByte - first * size)..][..bytes];
    }
}
