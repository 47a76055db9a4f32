using Xunit;

namespace Tests.Audio;

/// <summary>A FLAC file is as long as its frames, whatever its stream information says.</summary>
public class FlacForgeryTests
{
    // Behind "fLaC", the block's head and the block and frame sizes: 20 bits of rate, 8 of channels and depth, 36 of total samples.
    private const int StreamInfo = 8;

    [Theory, InlineData(0u), InlineData(1u)]
    public async Task The_total_shortens_nothing(uint total)
    {
        foreach (var name in (string[])["flac", "flac-piped", "flac-24bit-stereo"])
        {
            var real = await Recordings.Bytes(name);
            Assert.Equal(Probed.Length(real), Probed.Length(real.With(file => file.Big(StreamInfo + 14, total))));
        }
    }

    [Theory, InlineData(8_000), InlineData(96_000), InlineData(655_350), InlineData(0)]
    public async Task The_rate_shortens_nothing(int rate)
    {
        var real = await Recordings.Bytes("flac");
        var forged = real.With(file =>
        {
            (file[StreamInfo + 10], file[StreamInfo + 11]) = ((byte)(rate >> 12), (byte)(rate >> 4 & 0xFF));
            file[StreamInfo + 12] = (byte)((rate & 15) << 4 | file[StreamInfo + 12] & 15);
        });
        Assert.True(Probed.Length(forged) >= Probed.Length(real));
        await Probed.NeverBelowPlayed(forged, "flac", $"a rate of {rate}");
    }

    [Fact]
    public async Task Frames_with_broken_checksums_still_count()
    {
        var real = await Recordings.Bytes("flac");
        for (var at = real.Length / 3; at < LastFrame(real); at += 1_777)
        {
            var forged = real.With(file => file[at] ^= 0x55);
            Assert.True(Probed.Length(forged) >= Probed.Length(real) - TimeSpan.FromSeconds(0.21));
            await Probed.NeverBelowPlayed(forged, "flac", $"a broken byte at {at}");
        }
    }

    [Fact]
    public async Task Blocks_and_tags_around_the_frames_change_nothing()
    {
        var real = await Recordings.Bytes("flac");
        byte[] picture = [6, 0, 0x80, 0, .. new byte[0x8000]];
        byte[] padded = [.. "ID3"u8, 4, 0, 0, 0, 0, 1, 0, .. new byte[128], .. real[..42], .. picture, .. real[42..]];
        Assert.Equal(Probed.Length(real), Probed.Length(padded));
        Assert.Equal(Probed.Length(real), await Probed.NeverBelowPlayed(padded, "flac"));
    }

    [Fact]
    public async Task A_tag_behind_the_frames_changes_nothing()
    {
        byte[] tag = [.. "TAG"u8, .. new byte[125]];
        foreach (var name in (string[])["flac", "flac-piped"])
        {
            byte[] tagged = [.. await Recordings.Bytes(name), .. tag];
            Assert.InRange(Probed.Length(tagged) - await Probed.NeverBelowPlayed(tagged, "flac") ?? default, TimeSpan.Zero, TimeSpan.FromMilliseconds(250));
        }
    }

    /// <summary>With the total as without: a piped stream knows none.</summary>
    [Theory, InlineData("flac"), InlineData("flac-piped"), InlineData("flac-24bit-stereo")]
    public async Task A_stream_that_ends_inside_a_frame_is_cut_off(string name)
    {
        var real = await Recordings.Bytes(name);
        foreach (var missing in (int[])[1, 2, 100, real.Length / 3])
        {
            Assert.Contains("cut off", Probed.Unreadable(real[..^missing]), StringComparison.Ordinal);
        }

        // One frame less is whole, but for the total.
        var last = LastFrame(real);
        if (name == "flac-piped")
        {
            Assert.InRange(Probed.Length(real) - Probed.Length(real[..last]), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(250));
        }
        else
        {
            Assert.Contains("cut off", Probed.Unreadable(real[..last]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_total_that_the_frames_do_not_reach_is_cut_off()
    {
        var real = await Recordings.Bytes("flac");
        var total = real.Big(StreamInfo + 14);
        Probed.Length(real.With(file => file.Big(StreamInfo + 14, total - 1)));
        Probed.Unreadable(real.With(file => file.Big(StreamInfo + 14, total + 1)));
        Probed.Unreadable(real.With(file => file.Big(StreamInfo + 14, uint.MaxValue)));
        Probed.Unreadable(real.With(file => file[StreamInfo + 13] |= 1));
    }

    [Fact]
    public async Task Headers_without_frames_are_unreadable()
    {
        var real = await Recordings.Bytes("flac");
        Probed.Unreadable(real[..42]);
        Probed.Unreadable(real[..20]);
        Probed.Unreadable([.. real[..42], .. new byte[5_000]]);
    }

    // Of a fixed block size, so all frames have one header but for the number; the first stands behind the metadata.
    private static int LastFrame(byte[] file)
    {
        var last = 0;
        for (var at = 42; at < file.Length - 16; at++)
        {
            last = Ledgerline.Audio.FlacFrame.TryRead(file.AsSpan(at), out _) ? at : last;
        }

        return last;
    }
}
