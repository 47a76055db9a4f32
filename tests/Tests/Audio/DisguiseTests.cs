using System.Buffers.Binary;
using Ledgerline.Audio;
using Xunit;

namespace Tests.Audio;

/// <summary>Decoders search 16-bit PCM for coded streams; one that plays for hours fits into seconds of PCM.</summary>
public class DisguiseTests
{
    [Theory]
    [InlineData("mp3", "-ar 8000 -c:a libmp3lame -b:a 8k -write_xing 0 -id3v2_version 0 -f mp3")]
    [InlineData("mp2", "-ar 16000 -c:a mp2 -b:a 8k -f mp2")]
    [InlineData("adts", "-c:a aac -aac_coder fast -f adts")]
    [InlineData("latm", "-c:a aac -aac_coder fast -f latm")]
    [InlineData("ac3", "-ar 48000 -c:a ac3 -b:a 64k -f ac3")]
    [InlineData("ac3", "-ar 44100 -c:a ac3 -b:a 64k -f ac3")]
    [InlineData("eac3", "-ar 48000 -c:a eac3 -b:a 64k -f eac3")]
    [InlineData("dts", "-ar 48000 -ac 2 -c:a dca -strict -2 -b:a 768k -f dts")]
    [InlineData("thd", "-ar 48000 -ac 2 -c:a truehd -strict -2 -f truehd")]
    [InlineData("spdif", "-ar 48000 -ac 2 -c:a ac3 -b:a 192k -f spdif")]
    public async Task Coded_streams_in_16_bit_pcm_are_refused(string extension, string arguments)
    {
        var coded = await Recordings.Encode(20, extension, arguments.Split(' '));
        var file = Wave.File(Wave.Format(channels: 2, rate: 48_000), Wave.Chunk("data", coded));
        Assert.Contains("another coded stream", Probed.Unsupported(file), StringComparison.Ordinal);

        // The extensible form says the same in other words, and silence in front does not hide it.
        byte[] extensible = [.. Wave.Format(tag: 0xFFFE, channels: 2, rate: 48_000)[8..], 22, 0, 16, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];
        byte[] data = [.. new byte[1_000], .. coded];
        var hidden = Wave.File(Wave.Chunk("fmt ", extensible), Wave.Chunk("data", data));
        await Probed.NeverBelowPlayed(hidden, "wav");
        Probed.Unsupported(hidden);
    }

    /// <summary>The search sees a piece of the file at a time; what lies across their seams counts once, neither twice nor not at all.</summary>
    [Theory]
    [InlineData(0x7FFE8001), InlineData(0xFE7F0180), InlineData(0x1FFFE800), InlineData(0xFF1F00E8)]
    [InlineData(0xF8726FBA), InlineData(0xF8726FBB), InlineData(0x72F81F4E), InlineData(0xF8724E1F)]
    public void Markers_count_wherever_they_lie(uint marker)
    {
        foreach (var start in Enumerable.Range(4030, 30).Concat(Enumerable.Range(12_220, 30)).Prepend(0))
        {
            var data = new byte[40_000];
            for (var number = 0; number < 3; number++)
            {
                BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(start + (4 * number)), marker);
            }

            var format = Wave.Format(channels: 2, rate: 48_000);
            Assert.IsType<AudioReading.Recording>(Probed.Read(Wave.File(format, Wave.Chunk("data", data))));
            BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(data.Length - 4), marker);
            Probed.Unsupported(Wave.File(format, Wave.Chunk("data", data)));
        }
    }

    /// <summary>Without the search this would be the cheapest hour there is.</summary>
    [Fact]
    public async Task A_decoder_does_play_the_hidden_stream()
    {
        var coded = await Recordings.Encode(20, "mp3", "-ar", "8000", "-c:a", "libmp3lame", "-b:a", "8k", "-write_xing", "0", "-id3v2_version", "0");
        var played = await Recordings.Played(Wave.File(Wave.Format(channels: 2, rate: 48_000), Wave.Chunk("data", coded)), "wav");
        Assert.True(played > TimeSpan.FromSeconds(19), $"ffmpeg played {played} of it.");
    }

    /// <summary>Quiet and loud, smooth and rough: real PCM is never taken for something else.</summary>
    [Theory]
    [InlineData("anoisesrc=a=0.0002:d=20:c=white"), InlineData("anoisesrc=a=0.0006:d=20:c=brown"), InlineData("anoisesrc=a=1:d=20:c=white")]
    [InlineData("sine=f=85.1:d=20"), InlineData("sine=f=1000:d=20,volume=0.001"), InlineData("aevalsrc=-15/32768:d=20"), InlineData("aevalsrc=0:d=20")]
    [InlineData("aevalsrc=sgn(sin(440*2*PI*t)):d=20"), InlineData("aevalsrc=-0.00003+0.0075*mod(n\\,2):d=20")]
    public async Task Real_pcm_is_not_taken_for_a_coded_stream(string source)
    {
        foreach (var format in (string[][])[["-ac", "1", "-ar", "8000"], ["-ac", "2", "-ar", "48000"]])
        {
            var file = await Recordings.Encode(20, "wav", ["-f", "lavfi", "-i", source, "-map", "1:a", .. format, "-c:a", "pcm_s16le"]);
            Assert.Equal(new AudioReading.Recording(AudioFormat.Wav, TimeSpan.FromSeconds(20)), Probed.Read(file));
        }
    }
}
