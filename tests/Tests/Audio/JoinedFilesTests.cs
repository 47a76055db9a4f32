using Xunit;

namespace Tests.Audio;

/// <summary>Two files in one: some decoders play both, some the first; the probe is never below.</summary>
public class JoinedFilesTests
{
    public static TheoryData<string> Everyday() => [.. Variant.Of(31.0).Select(variant => variant.Name)];

    [Theory, MemberData(nameof(Everyday))]
    public async Task Are_never_shorter_than_a_decoder_plays_them(string name)
    {
        var extension = Variant.All.Single(variant => variant.Name == name).Extension;
        var real = await Recordings.Bytes(name);
        byte[] joined = [.. real, .. real];
        var played = await Probed.NeverBelowPlayed(joined, extension);
        Assert.NotNull(played);
    }

    [Theory, InlineData("mp3", 2), InlineData("mp3-8khz", 2), InlineData("ogg-opus", 2), InlineData("ogg-vorbis", 2), InlineData("ogg-flac", 2), InlineData("webm", 2), InlineData("webm-live", 2), InlineData("flac", 2)]
    public async Task Count_double_where_both_are_played(string name, int times)
    {
        var real = await Recordings.Bytes(name);
        Assert.InRange(Probed.Length([.. real, .. real]) - times * Probed.Length(real), TimeSpan.Zero, TimeSpan.FromMilliseconds(500));
    }
}
