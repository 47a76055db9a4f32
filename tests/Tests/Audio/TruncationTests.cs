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

    [Theory, MemberData(nameof(Everything))]
    public async Task Are_never_shorter_than_what_still_plays(string name)
    {
        var extension = Variant.All.Single(variant => variant.Name == name).Extension;
        var real = await Recordings.Bytes(name);
        await Probed.NeverBelowPlayed(real[..(real.Length * 3 / 5)], extension, $"three fifths of {name}");
    }
}
