using System.ComponentModel;
using System.Diagnostics;

namespace Tests.Audio;

/// <summary>The examiners: espeak-ng speaks, ffmpeg encodes, and what ffmpeg really plays is the truth that the probe is held against.</summary>
internal static class MediaTools
{
    // As many processes at once as there are cores; more only wait for one another.
    private static readonly SemaphoreSlim Cores = new(Environment.ProcessorCount);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task<byte[]> Run(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        await Cores.WaitAsync();
        try
        {
            using var process = Started(start);
            using var late = new CancellationTokenSource(Patience);
            await using var kill = late.Token.Register(() => process.Kill());
            process.StandardInput.Close();
            using var output = new MemoryStream();
            var errors = process.StandardError.ReadToEndAsync();
            await process.StandardOutput.BaseStream.CopyToAsync(output);
            await process.WaitForExitAsync();
            return process.ExitCode == 0
                ? output.ToArray()
                : throw new InvalidOperationException($"{tool} ended with {process.ExitCode}: {await errors}");
        }
        finally
        {
            Cores.Release();
        }
    }

    /// <summary>16-bit mono at the recording's own rate, with nothing behind the data.</summary>
    public static string[] PlainWave =>
        ["-ac", "1", "-c:a", "pcm_s16le", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-f", "wav"];

    /// <summary>How long ffmpeg plays the file: the samples it puts out, at their own rate; null where it plays nothing.</summary>
    public static async Task<TimeSpan?> Played(string file)
    {
        try
        {
            return Length(await Run("ffmpeg", ["-v", "quiet", "-i", file, "-map", "0:a:0?", .. PlainWave, "-"]));
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The length of a file written as <see cref="PlainWave"/>; its header is longer for high sample rates.</summary>
    public static TimeSpan? Length(byte[] wave)
    {
        var header = wave.AsSpan().IndexOf("data"u8) + 8;
        return wave.Length <= header || header < 8 ? null : Exactly((wave.Length - header) / 2, BitConverter.ToInt32(wave, 24));
    }

    /// <summary>So many samples, rounded up to the next 100 ns.</summary>
    public static TimeSpan Exactly(long samples, long rate) => new((samples * TimeSpan.TicksPerSecond + rate - 1) / rate);

    private static Process Started(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException($"These tests need {start.FileName}: apt-get install espeak-ng sox ffmpeg, or run bin/test, which does.", missing);
        }
    }
}
