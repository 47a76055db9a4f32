using System.Text;
using Xunit;

namespace Tests.Audio;

/// <summary>An MPEG stream is as long as its frames, whatever tags say and whatever stands between them.</summary>
public class MpegForgeryTests
{
    private static readonly Random Dice = new(4711);

    /// <summary>Flags, frames, bytes and seek table of the Xing header decide nothing.</summary>
    [Theory, InlineData(0u), InlineData(1u), InlineData(7u)]
    public async Task Frame_count_of_the_tag_shortens_nothing(uint frames)
    {
        foreach (var name in (string[])["mp3", "mp3-vbr", "mp3-8khz"])
        {
            var real = await Recordings.Bytes(name);
            var forged = real.With(file => file.Big(Tag(file) + 8, frames));
            Assert.True(Probed.Length(forged) >= Probed.Length(real));
            await Probed.NeverBelowPlayed(forged, "mp3", $"{name} that claims {frames} frames");
        }
    }

    /// <summary>Some encoders count the frame that holds the tag; two more than there are is a recording that is not whole.</summary>
    [Fact]
    public async Task Frames_that_the_tag_announces_must_follow()
    {
        foreach (var name in (string[])["mp3", "mp3-vbr", "mp3-8khz"])
        {
            var real = await Recordings.Bytes(name);
            var count = real.Big(Tag(real) + 8);
            Assert.True(Probed.Length(real.With(file => file.Big(Tag(file) + 8, count + 1))) >= Probed.Length(real));
            foreach (var more in (uint[])[count + 2, 0x7FFF_FFFFu, uint.MaxValue])
            {
                Assert.Contains("cut off", Probed.Unreadable(real.With(file => file.Big(Tag(file) + 8, more))), StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Encoder delay and padding are twelve bits each; together they may take off three frames at most.</summary>
    [Theory, InlineData(0xFF, 0xFF, 0xFF), InlineData(0x24, 0x0F, 0xFF), InlineData(0xFF, 0xF0, 0x00), InlineData(0, 0, 0)]
    public async Task Gaps_of_the_tag_take_off_little(byte first, byte second, byte third)
    {
        foreach (var name in (string[])["mp3", "mp3-vbr", "mp3-8khz"])
        {
            var real = await Recordings.Bytes(name);
            var forged = real.With(file =>
            {
                var gaps = Tag(file) + 8 + 4 + 4 + 100 + 4 + 21;
                (file[gaps], file[gaps + 1], file[gaps + 2]) = (first, second, third);
            });
            Assert.True(Probed.Length(forged) > Probed.Length(real) - TimeSpan.FromMilliseconds(220));
            await Probed.NeverBelowPlayed(forged, "mp3", name);
        }
    }

    [Fact]
    public async Task A_tag_with_a_picture_in_front_changes_nothing()
    {
        var real = await Recordings.Bytes("mp3-bare");
        var picture = new byte[300_000];
        Dice.NextBytes(picture);
        byte[] tagged = [.. "ID3"u8, 4, 0, 0, .. SevenBit(picture.Length), .. picture, .. real];
        Assert.Equal(Probed.Length(real), Probed.Length(tagged));
        Assert.Equal(Probed.Length(real), await Probed.NeverBelowPlayed(tagged, "mp3"));
    }

    [Fact]
    public async Task Tags_behind_change_nothing()
    {
        var real = await Recordings.Bytes("mp3");
        byte[] id3 = [.. "TAG"u8, .. Encoding.ASCII.GetBytes("A title".PadRight(125))];
        byte[] ape = [.. "APETAGEX"u8, .. BitConverter.GetBytes(2000), .. BitConverter.GetBytes(64), .. new byte[48]];
        Assert.Equal(Probed.Length(real), Probed.Length([.. real, .. ape, .. id3]));
        await Probed.NeverBelowPlayed([.. real, .. ape, .. id3], "mp3");
    }

    [Fact]
    public async Task Rubbish_between_frames_hides_none()
    {
        var real = await Recordings.Bytes("mp3-vbr");
        for (var round = 0; round < 5; round++)
        {
            var rubbish = new byte[Dice.Next(1, 3000)];
            Dice.NextBytes(rubbish);
            var at = Dice.Next(500, real.Length);
            await Probed.NeverBelowPlayed([.. real[..at], .. rubbish, .. real[at..]], "mp3", $"{rubbish.Length} bytes of rubbish at {at}");
        }
    }

    [Fact]
    public async Task Streams_of_different_rates_add_up()
    {
        byte[] joined = [.. await Recordings.Bytes("mp3-bare"), .. await Recordings.Bytes("mp3-8khz"), .. await Recordings.Bytes("mp3-stereo-320"), .. await Recordings.Bytes("mp2")];
        Assert.InRange(Probed.Length(joined), TimeSpan.FromSeconds(4 * 2.3), TimeSpan.FromSeconds(4 * 2.3 + 0.8));
        await Probed.NeverBelowPlayed(joined, "mp3");
    }

    /// <summary>Other containers in which MPEG audio lies about in pieces, and which decoders recognise as what they are.</summary>
    [Theory, InlineData("mpegts", "-c:a mp2 -b:a 64k"), InlineData("mpeg", "-c:a mp2 -b:a 64k"), InlineData("mpegts", "-ar 24000 -c:a libmp3lame -b:a 8k")]
    public async Task Other_mpeg_containers_are_not_taken_for_audio(string format, string codec) =>
        Probed.Unsupported(await Recordings.Encode(8, "mpg", [.. codec.Split(' '), "-f", format]));

    /// <summary>A transport stream needs only one byte in 188, which fits into the payload of long frames.</summary>
    [Theory, InlineData(188), InlineData(192), InlineData(204)]
    public async Task A_transport_stream_inside_the_frames_is_refused(int step)
    {
        var real = await Recordings.Bytes("mp3-stereo-320");
        var start = real.Find([0xFF, 0xFB]);
        var forged = real.With(file =>
        {
            for (var at = start + 100; at < file.Length; at += step)
            {
                file[at] = 0x47;
            }
        });
        Assert.Contains("another coded stream", Probed.Unsupported(forged), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_is_mostly_something_else_is_no_audio()
    {
        var real = await Recordings.Bytes("mp3-bare", 0.1);
        Probed.Unsupported([.. real, .. new byte[5 * real.Length]]);
    }

    private static int Tag(byte[] file)
    {
        var at = file.AsSpan().IndexOf("Xing"u8);
        return at >= 0 ? at : file.Find("Info");
    }

    private static byte[] SevenBit(int size) => [(byte)(size >> 21 & 0x7F), (byte)(size >> 14 & 0x7F), (byte)(size >> 7 & 0x7F), (byte)(size & 0x7F)];
}
