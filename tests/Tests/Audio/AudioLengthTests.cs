using Ledgerline.Audio;
using Xunit;

namespace Tests.Audio;

/// <summary>The length of real recordings, in every format and variant, against the samples that ffmpeg decodes.</summary>
public class AudioLengthTests
{
    private static readonly double[] Lengths = [0.1, 14.9, 15.0, 31.0, 61.3];

    public static TheoryData<string, double> Cases()
    {
        var cases = new TheoryData<string, double>();
        foreach (var length in Lengths)
        {
            foreach (var variant in Variant.Of(length))
            {
                cases.Add(variant.Name, length);
            }
        }

        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task Is_what_a_decoder_plays(string name, double seconds)
    {
        var variant = Variant.All.Single(known => known.Name == name);
        var path = await Recordings.Path(name, seconds);
        await using var file = File.OpenRead(path);

        var reading = AudioProbe.Read(file);

        var surplus = Probed.Length(reading) - await Recordings.Played(name, seconds);
        Assert.InRange(surplus.TotalMilliseconds, 0, variant.MostSurplusMs);
    }
}
