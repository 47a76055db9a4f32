using Ledgerline.Audio;
using Xunit;

namespace Tests.Audio;

/// <summary>Recordings cut off anywhere: an answer always, never more than the whole by much, never less than what still plays.</summary>
public class TruncationTests
{
    private const int Cuts = 100;

    public static TheoryData<string> Everything() => [.. Variant.All.Select(variant => variant.Name)];

    [Theory, MemberData(nameof(Everything))]
    public async Task Always_have_an_answer(string name)
    {
        var real = await Recordings.Bytes(name);
        var whole = Probed.Length(real);
        for (var cut = 0; cut <= Cuts; cut++)
        {
            // Close together in the headers, then evenly.
            var at = cut < 60 ? cut * 7 : (int)((long)real.Length * (cut - 60) / (Cuts - 60));
            var reading = Probed.Read(real[..Math.Min(at, real.Length)]);
            Assert.True(reading is not AudioReading.Recording { Length: var length } || length <= whole + TimeSpan.FromSeconds(4), $"cut at {at}: {reading}");
        }
    }

    /// <summary>Bare frames and samples say nothing of what should follow; every other container does.</summary>
    [Theory, MemberData(nameof(Everything))]
    public async Task Are_unreadable_where_the_container_says_that_more_follows(string name)
    {
        var real = await Recordings.Bytes(name);
        var says = name is not ("wav-piped" or "mp3-bare" or "mp2");
        for (var percent = 45; percent < 100; percent += 6)
        {
            var at = real.Length * percent / 100;
            var reading = Probed.Read(real[..at]);
            Assert.True(says ? reading is AudioReading.Unreadable : reading is AudioReading.Recording, $"cut at {at} of {real.Length}: {reading}");
        }

        Assert.True(!says || name.StartsWith("mp4-fragments", StringComparison.Ordinal) || Probed.Read(real[..^2]) is AudioReading.Unreadable);
    }

    /// <summary>A recorder that was stopped: without a mark of the end, but with whole pages.</summary>
    [Theory, InlineData("ogg-opus"), InlineData("ogg-vorbis"), InlineData("ogg-flac")]
    public async Task An_ogg_stream_may_end_with_any_page_and_nowhere_else(string name)
    {
        var real = await Recordings.Bytes(name);
        var pages = OggFile.Pages(real);
        foreach (var page in pages[3..])
        {
            await Probed.NeverBelowPlayed(real[..page], "ogg", $"{name} up to {page}");
            Probed.Length(real[..page]);
            foreach (var into in (int[])[1, 3, 4, 26, 27, 40])
            {
                Assert.Contains("cut off", Probed.Unreadable(real[..(page + into)]), StringComparison.Ordinal);
            }
        }
    }

    [Theory, MemberData(nameof(Everything))]
    public async Task Are_never_shorter_than_what_still_plays(string name)
    {
        var extension = Variant.All.Single(variant => variant.Name == name).Extension;
        var real = await Recordings.Bytes(name);
        await Probed.NeverBelowPlayed(real[..(real.Length * 3 / 5)], extension, $"three fifths of {name}");
    }
}
