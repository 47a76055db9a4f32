using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Tests.Transcription;

/// <summary>Recordings to upload: exact ones made here, spoken and compressed ones made by the machine's own tools, once a run.</summary>
internal static class Recordings
{
    public const string Sentence = "The quick brown fox jumps over the lazy dog.";

    private const int Rate = 8000;
    private static readonly ConcurrentDictionary<string, Lazy<byte[]>> Made = new();

    /// <summary>A WAV of exactly so many seconds (to 1/8000 s) whose comment is what the sandbox will hear in it.</summary>
    public static byte[] Wav(decimal seconds, string? text = null)
    {
        var samples = (int)(seconds * Rate);
        var comment = text is null ? [] : Chunk("LIST", [.. "INFO"u8, .. Chunk("ICMT", [.. Encoding.UTF8.GetBytes(text), 0])]);
        var format = new byte[16];
        BinaryPrimitives.WriteUInt16LittleEndian(format, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(2), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(format.AsSpan(4), Rate);
        BinaryPrimitives.WriteUInt32LittleEndian(format.AsSpan(8), Rate);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(12), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(14), 8);
        var sound = new byte[samples];
        sound.AsSpan().Fill(128);
        return Chunk("RIFF", [.. "WAVE"u8, .. Chunk("fmt ", format), .. comment, .. Chunk("data", sound)]);
    }

    /// <summary>The sentence, really spoken; the text lies in the WAV's comment.</summary>
    public static byte[] Spoken() => Make(
        "spoken.wav",
        $"espeak-ng -w raw.wav '{Sentence}' && ffmpeg -loglevel error -i raw.wav -ar 16000 -metadata comment='{Sentence}' spoken.wav");

    /// <summary>The spoken sentence in another format, named by its extension.</summary>
    public static byte[] Spoken(string extension) => Make(
        $"spoken.{extension}",
        $"espeak-ng -w raw.wav '{Sentence}' && ffmpeg -loglevel error -i raw.wav {Encoder(extension)} spoken.{extension}");

    /// <summary>Ten minutes in little more than a megabyte.</summary>
    public static byte[] LongMp3() => Make(
        "long.mp3", "ffmpeg -loglevel error -f lavfi -i anoisesrc=duration=600:sample_rate=16000:amplitude=0.1 -c:a libmp3lame -b:a 16k long.mp3");

    private static string Encoder(string extension) => extension switch
    {
        "mp3" => "-c:a libmp3lame -b:a 64k",
        "webm" or "ogg" => "-c:a libopus -b:a 32k",
        "m4a" => "-c:a aac",
        "flac" => "-c:a flac",
        _ => throw new ArgumentOutOfRangeException(nameof(extension)),
    };

    private static byte[] Chunk(string name, byte[] body)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)body.Length);
        return [.. Encoding.ASCII.GetBytes(name), .. length, .. body, .. new byte[body.Length & 1]];
    }

    private static byte[] Make(string file, string script) => Made.GetOrAdd(file, _ => new Lazy<byte[]>(() =>
    {
        var folder = Directory.CreateTempSubdirectory("ledgerline-recording-");
        try
        {
            using var shell = Process.Start(new ProcessStartInfo("sh", ["-ec", script])
            {
                WorkingDirectory = folder.FullName,
                RedirectStandardInput = true,
                RedirectStandardError = true,
            })!;
            shell.StandardInput.Close();
            var said = shell.StandardError.ReadToEnd();
            shell.WaitForExit();
            return shell.ExitCode == 0
                ? File.ReadAllBytes(Path.Combine(folder.FullName, file))
                : throw new InvalidOperationException($"{file} could not be made (espeak-ng and ffmpeg are needed): {said}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    })).Value;
}
