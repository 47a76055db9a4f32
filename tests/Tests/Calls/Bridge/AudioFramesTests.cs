using Ledgerline.Calls.Bridge;
using Xunit;

namespace Tests.Calls.Bridge;

/// <summary>The model's audio as the phone takes it.</summary>
public sealed class AudioFramesTests
{
    [Fact]
    public void Whole_frames_keep_their_text()
    {
        using var frames = new AudioFrames();
        var text = System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(new byte[320])).AsMemory();

        Assert.Equal(320, frames.Take(text));
        Assert.True(frames.Next(out var piece, out var length));
        Assert.Equal(320, length);
        Assert.True(piece.Equals(text));
        Assert.False(frames.Next(out _, out _));
        Assert.Equal(0, frames.Flush());
    }

    [Theory]
    [InlineData("AAE")]
    [InlineData("A===")]
    [InlineData("AA EC===")]
    [InlineData("\"AAE")]
    [InlineData("")]
    public void What_is_no_base64_is_passed_by(string text)
    {
        using var frames = new AudioFrames();
        Assert.Equal(0, frames.Take(System.Text.Encoding.ASCII.GetBytes(text)));
        Assert.False(frames.Next(out _, out _));
    }

    [Fact]
    public void Whatever_the_sizes_every_byte_comes_once_in_order_in_whole_frames()
    {
        var random = new Random(4711);
        for (var round = 0; round < 300; round++)
        {
            using var frames = new AudioFrames();
            List<byte> sent = [], got = [];
            for (var delta = random.Next(1, 20); delta > 0; delta--)
            {
                var audio = new byte[random.Next(3) == 0 ? 160 * random.Next(1, 60) : random.Next(1, 7000)];
                random.NextBytes(audio);
                sent.AddRange(audio);
                Assert.Equal(audio.Length, frames.Take(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(audio))));
                Collect(frames, got);
            }

            Assert.Equal(sent[..got.Count], got);
            Assert.InRange(sent.Count - got.Count, 0, 159);
            var flushed = frames.Flush();
            Collect(frames, got);
            Assert.Equal(sent.Count % 160 == 0 ? 0 : 160, flushed);
            Assert.Equal(sent, got[..sent.Count]);
            Assert.All(got[sent.Count..], silence => Assert.Equal(0xFF, silence));
        }
    }

    [Fact]
    public void What_was_cut_off_leaves_nothing_behind()
    {
        using var frames = new AudioFrames();
        frames.Take(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(new byte[100])));
        frames.Forget();
        Assert.Equal(0, frames.Flush());
        frames.Take(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(new byte[160])));
        Assert.True(frames.Next(out _, out var length));
        Assert.Equal(160, length);
    }

    private static void Collect(AudioFrames frames, List<byte> got)
    {
        while (frames.Next(out var piece, out var length))
        {
            var audio = Convert.FromBase64String(System.Text.Encoding.ASCII.GetString(piece.Span));
            Assert.Equal(length, audio.Length);
            Assert.Equal(0, length % 160);
            Assert.InRange(length, 160, 1920);
            got.AddRange(audio);
        }
    }
}
