using Ledgerline.Audio;

namespace Ledgerline.Gateway.Uploads;

/// <summary>What a recording is called: kept as the client named it, but nothing that a name must not do.</summary>
internal static class AudioFileName
{
    private const int Longest = 200;

    /// <summary>Without folders and control characters, at most 200 characters, never empty.</summary>
    public static string Clean(string given)
    {
        var name = string.Concat(given[(given.LastIndexOfAny(['/', '\\']) + 1)..].Where(c => !char.IsControl(c))).Trim();
        if (name.Length > Longest)
        {
            // The end says what it is; half a character pair is cut off with the rest.
            name = name[^Longest..];
            name = char.IsLowSurrogate(name[0]) ? name[1..] : name;
        }

        return name.Length > 0 ? name : "audio";
    }

    /// <summary>The name with an extension that says what the bytes say; a fitting one is left alone.</summary>
    public static string For(string name, AudioFormat format)
    {
        var extension = Path.GetExtension(name).TrimStart('.').ToLowerInvariant();
        return Fitting(format).Contains(extension) ? name : $"{name}.{format.Extension()}";
    }

    private static string[] Fitting(AudioFormat format) => format switch
    {
        AudioFormat.Mp3 => ["mp3", "mpga", "mpeg"],
        AudioFormat.Mp4 => ["mp4", "m4a"],
        AudioFormat.Ogg => ["ogg", "oga"],
        _ => [format.Extension()],
    };
}
