using System.Collections.Concurrent;
using System.Globalization;

namespace Tests.Audio;

/// <summary>Real recordings of spoken words, encoded once a run into a temporary folder: every <see cref="Variant"/> at the lengths that are asked for.</summary>
internal static class Recordings
{
    private const string Words = "Every recording is measured by what it plays, and not by what it says about itself. "
        + "One two three four five, a pause; then six, seven, eight, nine and ten!";

    private const string Decoded = "decoded";

    private static readonly Lazy<string> Folder = new(CreateFolder);
    private static readonly Lazy<Task<string>> Speech = new(Speak);
    private static readonly ConcurrentDictionary<double, Lazy<Task<string>>> Sets = new();

    /// <summary>The path of one variant of so many seconds.</summary>
    public static async Task<string> Path(string variant, double seconds) => System.IO.Path.Combine(await Set(seconds), FileName(variant));

    /// <summary>How long ffmpeg plays that file.</summary>
    public static async Task<TimeSpan> Played(string variant, double seconds) =>
        MediaTools.Length(await File.ReadAllBytesAsync(System.IO.Path.Combine(await Set(seconds), Decoded, FileName(variant))))!.Value;

    public static async Task<byte[]> Bytes(string variant, double seconds = 2.3) => await File.ReadAllBytesAsync(await Path(variant, seconds));

    /// <summary>How long ffmpeg plays bytes that no file holds yet.</summary>
    public static async Task<TimeSpan?> Played(byte[] bytes, string extension)
    {
        var file = New(extension);
        await File.WriteAllBytesAsync(file, bytes);
        var played = await MediaTools.Played(file);
        File.Delete(file);
        return played;
    }

    /// <summary>Encodes the spoken words in a way of the test's own.</summary>
    public static async Task<byte[]> Encode(double seconds, string extension, params string[] arguments)
    {
        var file = New(extension);
        await MediaTools.Run("ffmpeg", ["-v", "error", "-y", "-i", await Speech.Value, .. arguments, "-t", Number(seconds), file]);
        return await File.ReadAllBytesAsync(file);
    }

    public static string New(string extension) => System.IO.Path.Combine(Folder.Value, $"{Guid.NewGuid():N}.{extension}");

    private static Task<string> Set(double seconds) => Sets.GetOrAdd(seconds, length => new Lazy<Task<string>>(() => Encode(length))).Value;

    /// <summary>All variants in one go, and all decoded again in another: most of the time goes into starting processes.</summary>
    private static async Task<string> Encode(double seconds)
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(Folder.Value, Number(seconds))).FullName;
        Directory.CreateDirectory(System.IO.Path.Combine(folder, Decoded));
        var names = Variant.Of(seconds).Select(variant => variant.Name).ToList();
        var outputs = Variant.Of(seconds).SelectMany(variant => (string[])
            ["-t", Number(seconds), .. variant.Arguments.Split(' '), System.IO.Path.Combine(folder, FileName(variant.Name))]);
        await MediaTools.Run("ffmpeg", ["-v", "error", "-y", "-i", await Speech.Value, .. outputs]);

        var inputs = names.SelectMany(name => (string[])["-i", System.IO.Path.Combine(folder, FileName(name))]);
        var decoded = names.SelectMany((name, number) => (string[])
            ["-map", $"{number}:a:0", .. MediaTools.PlainWave, System.IO.Path.Combine(folder, Decoded, FileName(name))]);
        await MediaTools.Run("ffmpeg", ["-v", "error", "-y", .. inputs, .. decoded]);
        return folder;
    }

    private static string FileName(string variant) => variant + "." + Variant.All.Single(known => known.Name == variant).Extension;

    private static async Task<string> Speak()
    {
        var sentence = System.IO.Path.Combine(Folder.Value, "sentence.wav");
        var speech = System.IO.Path.Combine(Folder.Value, "speech.wav");
        await MediaTools.Run("espeak-ng", "-w", sentence, Words);
        await MediaTools.Run("ffmpeg", "-v", "error", "-stream_loop", "-1", "-i", sentence, "-t", "75", speech);
        return speech;
    }

    private static string CreateFolder()
    {
        var folder = Directory.CreateTempSubdirectory("recordings-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }

    private static string Number(double seconds) => seconds.ToString(CultureInfo.InvariantCulture);
}
