using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace Tests.Sandbox;

/// <summary>Sound for the sandbox's ears: a tone as WAV, with a text inside where one is wanted, and the same in other containers.</summary>
internal static class SandboxAudio
{
    public const int Rate = 8000;

    /// <summary>16-bit mono; the text goes into the LIST/INFO/ICMT chunk.</summary>
    public static byte[] Wav(double seconds, string? text = null)
    {
        var samples = (int)(seconds * Rate);
        using var file = new MemoryStream();
        var list = text is null ? [] : Chunk("LIST", [.. "INFO"u8, .. Chunk("ICMT", [.. Encoding.UTF8.GetBytes(text), 0])]);
        var sound = new byte[samples * 2];
        for (var at = 0; at < samples; at++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(sound.AsSpan(at * 2), (short)(12_000 * Math.Sin(2 * Math.PI * 440 * at / Rate)));
        }

        byte[] format = [1, 0, 1, 0, .. Number(Rate), .. Number(Rate * 2), 2, 0, 16, 0];
        return Chunk("RIFF", [.. "WAVE"u8, .. Chunk("fmt ", format), .. list, .. Chunk("data", sound)]);
    }

    /// <summary>The WAV through ffmpeg, piped where the writer must not know its length in advance.</summary>
    public static async Task<byte[]> Encode(byte[] wav, string arguments, string extension, bool piped)
    {
        var folder = Directory.CreateTempSubdirectory("sandbox-audio-");
        try
        {
            var source = Path.Combine(folder.FullName, "source.wav");
            var target = Path.Combine(folder.FullName, "target" + extension);
            await File.WriteAllBytesAsync(source, wav);
            var start = new ProcessStartInfo("ffmpeg", $"-loglevel error -i {source} {arguments} {(piped ? "-" : target)}") { RedirectStandardOutput = true, RedirectStandardError = true };
            using var ffmpeg = Process.Start(start)!;
            using var output = new MemoryStream();
            var errors = ffmpeg.StandardError.ReadToEndAsync();
            await ffmpeg.StandardOutput.BaseStream.CopyToAsync(output);
            await ffmpeg.WaitForExitAsync();
            return ffmpeg.ExitCode == 0
                ? piped ? output.ToArray() : await File.ReadAllBytesAsync(target)
                : throw new InvalidOperationException($"ffmpeg {arguments}: {await errors}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static byte[] Chunk(string name, byte[] body) =>
        [.. Encoding.ASCII.GetBytes(name), .. Number(body.Length), .. body, .. new byte[body.Length & 1]];

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
