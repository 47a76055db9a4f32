using Ledgerline.Audio;
using Xunit;

namespace Tests.Audio;

/// <summary>Memory, short reads, cancellation: the probe runs beside many others on files of the largest size.</summary>
public class ProbeCostTests
{
    private const int Largest = 25 * 1024 * 1024;

    /// <summary>What one reading may leave behind in memory: its buffers go back to the pool, but each of the joined files describes its tracks again.</summary>
    private const long SmallChange = 200 * 1024;

    [Theory, InlineData("wav-piped"), InlineData("mp3-bare"), InlineData("webm-live"), InlineData("ogg-opus"), InlineData("flac"), InlineData("mkv-aac")]
    public async Task The_largest_file_takes_no_memory_of_its_size(string name)
    {
        var real = await Recordings.Bytes(name, 15.0);
        using var file = new MemoryStream(Largest);
        while (file.Length + real.Length <= Largest)
        {
            file.Write(real);
        }

        Probed.Length(AudioProbe.Read(file));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var length = Probed.Length(AudioProbe.Read(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, SmallChange);

        // All of it was read: WAV goes to the end because it was streamed, the others are joined.
        Assert.True(length >= TimeSpan.FromSeconds(14.8) * (Largest / real.Length), $"{length}");
    }

    [Fact]
    public async Task A_stream_that_gives_a_few_bytes_at_a_time_reads_the_same()
    {
        foreach (var variant in Variant.All)
        {
            var real = await Recordings.Bytes(variant.Name, 0.1);
            Assert.Equal(Probed.Read(real), AudioProbe.Read(new Trickle(real)));
        }
    }

    [Fact]
    public async Task Cancellation_ends_the_reading()
    {
        using var stop = new CancellationTokenSource();
        var real = await Recordings.Bytes("flac");
        await stop.CancelAsync();
        Assert.Throws<OperationCanceledException>(() => AudioProbe.Read(new MemoryStream(real), stop.Token));
    }

    [Fact]
    public void Names_of_formats_are_what_providers_expect()
    {
        Assert.Equal(["wav", "mp3", "mp4", "webm", "ogg", "flac"], Enum.GetValues<AudioFormat>().Select(format => format.Extension()));
        Assert.All(Enum.GetValues<AudioFormat>(), format => Assert.StartsWith("audio/", format.MediaType(), StringComparison.Ordinal));
    }

    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 7));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 7)]);
    }
}
