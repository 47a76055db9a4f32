using Ledgerline.Audio;
using Xunit;

namespace Tests.Audio;

/// <summary>Access units of AAC are followed to their exact end: every rate, one to six channels, speech, noise and clicks.</summary>
public class AacUnitTests
{
    [Theory]
    [InlineData(8_000, 1, 12), InlineData(11_025, 2, 24), InlineData(12_000, 1, 40), InlineData(16_000, 2, 16), InlineData(22_050, 1, 64)]
    [InlineData(24_000, 2, 96), InlineData(32_000, 6, 200), InlineData(44_100, 2, 64), InlineData(48_000, 1, 160), InlineData(64_000, 2, 128)]
    [InlineData(88_200, 1, 90), InlineData(96_000, 2, 300)]
    public async Task Every_unit_ends_where_the_next_begins(int rate, int channels, int kbps)
    {
        var file = await Recordings.Encode(
            1.5, "m4a", "-f", "lavfi", "-i", $"anoisesrc=d=1.5:c=pink:a=0.7:r={rate}", "-filter_complex",
            $"[0:a]aresample={rate}[a];[1:a]tremolo=f=9:d=0.95[b];[a][b]amix=inputs=2,pan=mono|c0=c0[o]",
            "-map", "[o]", "-ac", $"{channels}", "-ar", $"{rate}", "-c:a", "aac", "-b:a", $"{kbps}k");

        // One unit too many or too few is 1,024 samples, and a unit that could not be followed counts as many.
        Assert.Equal(await Recordings.Played(file, "m4a"), Probed.Length(file));
    }

    [Fact]
    public void Configurations_other_than_LC_and_HE_are_refused()
    {
        // 5 bits of object type, 4 of rate index, 4 of channels; SBR adds its rate and the type underneath.
        Assert.Equal(44_100, AacConfig.Read([0x12, 0x10]).SampleRate);
        Assert.Equal(24_000, AacConfig.Read([0x2B, 0x11, 0x88, 0x00]).SampleRate);
        foreach (byte[] refused in (byte[][])[[], [0x12], [0x0A, 0x10], [0x12, 0x14], [0x17, 0x80, 0, 0, 0], [0xF8, 0x20, 0, 0]])
        {
            Assert.Throws<AudioFault>(() => AacConfig.Read(refused));
        }
    }
}
