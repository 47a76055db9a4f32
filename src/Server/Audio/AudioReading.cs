namespace Ledgerline.Audio;

/// <summary>What <see cref="AudioProbe"/> found in an uploaded file: exactly one of the three cases below.</summary>
public abstract record AudioReading
{
    private AudioReading()
    {
    }

    /// <summary>A recording, and how long it plays: never shorter than a decoder plays it, rounded up to the next 100 ns.</summary>
    public sealed record Recording(AudioFormat Format, TimeSpan Length) : AudioReading;

    /// <summary>The bytes are none of our formats, or one of them around a codec we do not measure. The sentence holds nothing of the file and may be logged.</summary>
    public sealed record Unsupported(string Why) : AudioReading;

    /// <summary>One of our formats, but cut off, empty or contradicting itself. The sentence holds nothing of the file and may be logged.</summary>
    public sealed record Unreadable(string Why) : AudioReading;
}
