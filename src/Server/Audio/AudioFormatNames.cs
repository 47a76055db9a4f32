namespace Ledgerline.Audio;

/// <summary>How a format is named to others: a provider takes the format from file name and content type, so both should say what the bytes say.</summary>
public static class AudioFormatNames
{
    /// <summary>The file extension without its dot.</summary>
    public static string Extension(this AudioFormat format) => format switch
    {
        AudioFormat.Wav => "wav",
        AudioFormat.Mp3 => "mp3",
        AudioFormat.Mp4 => "mp4",
        AudioFormat.WebM => "webm",
        AudioFormat.Ogg => "ogg",
        AudioFormat.Flac => "flac",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "This is not one of our formats."),
    };

    /// <summary>The media type.</summary>
    public static string MediaType(this AudioFormat format) => format switch
    {
        AudioFormat.Wav => "audio/wav",
        AudioFormat.Mp3 => "audio/mpeg",
        AudioFormat.Mp4 => "audio/mp4",
        AudioFormat.WebM => "audio/webm",
        AudioFormat.Ogg => "audio/ogg",
        AudioFormat.Flac => "audio/flac",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "This is not one of our formats."),
    };
}
