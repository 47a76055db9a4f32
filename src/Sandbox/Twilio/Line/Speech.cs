namespace Sandbox.Twilio.Line;

/// <summary>Something being said, frame by frame.</summary>
internal sealed class Speech
{
    public const double Longest = 600;
    private readonly byte[] _audio;
    private readonly int _frames;
    private int _next;

    private Speech(byte[] audio, int frames) => (_audio, _frames) = (audio, frames);

    public bool IsOver => _next >= _frames;

    public static Speech Tone(double hz, double seconds)
    {
        var frames = Math.Max(1, (int)Math.Ceiling(Math.Round(seconds * MuLaw.FramesASecond, 6)));
        // Four frames of a tone on the scale can be repeated without a jump.
        return new Speech(MuLaw.Tone(hz, hz / Tones.Step % 1 == 0 ? 4 : frames), frames);
    }

    public static Speech Wav(string base64)
    {
        var audio = WaveFile.ReadPhone(Convert.FromBase64String(base64), out _)!;
        var frames = (audio.Length + MuLaw.FrameBytes - 1) / MuLaw.FrameBytes;
        Array.Resize(ref audio, frames * MuLaw.FrameBytes);
        return new Speech(audio, frames);
    }

    /// <summary>Why this cannot be said, or null.</summary>
    public static string? Fault(string? wav, double? toneHz, double seconds)
    {
        if (wav is null)
        {
            return toneHz is < 50 or > 3900 || seconds is <= 0 or > Longest ? $"tone_hz is between 50 and 3900, seconds between 0.02 and {Longest}." : null;
        }

        var bytes = new byte[wav.Length];
        return Convert.TryFromBase64String(wav, bytes, out var length)
            ? WaveFile.ReadPhone(bytes.AsSpan(0, length), out var fault) is null ? fault : null
            : "wav is a WAV file in base64.";
    }

    public ReadOnlySpan<byte> Next() => _audio.AsSpan((int)((long)_next++ * MuLaw.FrameBytes % _audio.Length), MuLaw.FrameBytes);
}
