using Ledgerline.Audio;
using Xunit;

namespace Tests.Audio;

/// <summary>The tables of an MP4 file cannot make its samples shorter.</summary>
public class Mp4ForgeryTests
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(50);

    [Theory, InlineData(1u), InlineData(22_050_000u), InlineData(uint.MaxValue), InlineData(8_000u)]
    public async Task Time_scale_shortens_nothing(uint scale)
    {
        var real = await Recordings.Bytes("m4a");
        var forged = real.With(file => file.Big(file.Box("moov", "trak", "mdia", "mdhd") + 8 + 12, scale));
        if (Probed.Read(forged) is AudioReading.Recording { Length: var length })
        {
            Assert.True(length >= Probed.Length(real));
        }

        await Probed.NeverBelowPlayed(forged, "m4a", $"a time scale of {scale}");
    }

    [Theory, InlineData(0u), InlineData(1u), InlineData(512u)]
    public async Task Sample_durations_shorten_nothing(uint duration)
    {
        var real = await Recordings.Bytes("m4a");
        var forged = real.ReplaceSampleTable("stts", Boxes.Numbers(0, 1, 1000, duration));
        Assert.True(Probed.Length(forged) >= Probed.Length(real));
        await Probed.NeverBelowPlayed(forged, "m4a", $"durations of {duration}");
    }

    /// <summary>A sample is one access unit, but a decoder plays all that it finds in it: one large sample plays as long as the many it was made of.</summary>
    [Theory, InlineData("m4a"), InlineData("m4a-faststart")]
    public async Task Joined_samples_count_as_the_units_they_hold(string name)
    {
        var real = await Recordings.Bytes(name);
        var sizes = real.SampleTable("stsz");
        var count = (int)real.Big(sizes + 8);
        var total = Enumerable.Range(0, count).Sum(sample => real.Big(sizes + 12 + 4 * sample));
        var forged = real.With(file =>
        {
            file.Big(sizes + 8, 1u);
            file.Big(sizes + 12, (uint)total);
            // Without its edit list a decoder plays the file from the first sample on.
            "free"u8.CopyTo(file.AsSpan(file.Box("moov", "trak", "edts") + 4));
        });

        var played = await Probed.NeverBelowPlayed(forged, "m4a");
        Assert.True(played > TimeSpan.FromSeconds(2));
        Assert.InRange(Probed.Length(forged), Probed.Length(real), Probed.Length(real) + Frame);
    }

    [Fact]
    public async Task An_edit_list_that_repeats_counts_every_time()
    {
        var real = await Recordings.Bytes("m4a");
        uint[] stretch = [2_000, 0, 0x1_0000];
        var forged = real.Replace(Boxes.Numbers([0, 4, .. stretch, .. stretch, .. stretch, .. stretch]), "moov", "trak", "edts", "elst");
        Assert.True(Probed.Length(forged) >= 4 * TimeSpan.FromSeconds(2.3));
        await Probed.NeverBelowPlayed(forged, "m4a");
    }

    [Fact]
    public async Task An_edit_list_skips_no_more_than_an_encoders_delay()
    {
        var real = await Recordings.Bytes("m4a");
        var forged = real.Replace(Boxes.Numbers(0, 1, 10, 40_000, 0x1_0000), "moov", "trak", "edts", "elst");
        Assert.True(Probed.Length(forged) >= TimeSpan.FromSeconds(2.2));
        await Probed.NeverBelowPlayed(forged, "m4a");
    }

    [Fact]
    public async Task A_longer_duration_in_the_header_counts_and_an_absurd_one_is_refused()
    {
        var real = await Recordings.Bytes("m4a");
        var at = real.Box("moov", "trak", "mdia", "mdhd") + 8 + 16;
        Assert.Equal(TimeSpan.FromHours(1), Probed.Length(real.With(file => file.Big(at, 3_600 * 22_050u))));
        Assert.Equal("The file claims more audio than it holds.", Probed.Unreadable(real.With(file => file.Big(at, 90_000 * 22_050u))));
    }

    [Fact]
    public async Task Samples_that_are_not_there_do_not_count_and_too_many_are_refused()
    {
        var real = await Recordings.Bytes("m4a");
        var count = real.Big(real.SampleTable("stsz") + 8);
        Probed.Unreadable(real.With(file => file.Big(file.SampleTable("stsz") + 8, count + 1)));
        Probed.Unreadable(real.With(file => file.Big(file.SampleTable("stsz") + 8, uint.MaxValue)));

        // All of one size needs no table, so any number can be claimed; and every chunk at one place plays the same bytes again and again.
        real = await Recordings.Bytes("m4a-alac");
        var offset = real.Big(real.SampleTable("stco") + 8);
        foreach (var (chunks, perChunk, size) in (IEnumerable<(int, uint, uint)>)[(1_000, 1, 1_000), (1_000, 100, 1_000), (1_000, uint.MaxValue, uint.MaxValue)])
        {
            var bomb = real.ReplaceSampleTable("stsz", Boxes.Numbers(0, size, uint.MaxValue))
                .ReplaceSampleTable("stsc", Boxes.Numbers(0, 1, 1, perChunk, 1))
                .ReplaceSampleTable("stco", Boxes.Numbers([0, (uint)chunks, .. Enumerable.Repeat(offset, chunks)]));
            Assert.Equal("The file claims more audio than it holds.", Probed.Unreadable(bomb));
        }
    }

    [Theory, InlineData("stts"), InlineData("stsz"), InlineData("stsc"), InlineData("stco"), InlineData("stsd")]
    public async Task A_table_longer_than_its_box_is_unreadable(string name)
    {
        var real = await Recordings.Bytes("m4a");
        var at = real.SampleTable(name) + (name == "stsz" ? 8 : 4);
        if (name == "stsd")
        {
            Probed.Unreadable(real.With(file => file.Big(at + 4, 0xFFFFu)));
        }
        else
        {
            Probed.Unreadable(real.With(file => file.Big(at, uint.MaxValue)));
        }
    }

    [Fact]
    public async Task A_second_movie_wherever_it_hides_is_unreadable()
    {
        var real = await Recordings.Bytes("m4a");
        var moov = real.Box("moov");
        Probed.Unreadable([.. real, .. real[moov..]]);
        Assert.Contains("hides", Probed.Unreadable([.. real[..moov], .. Boxes.Make("free", real[(moov + 8)..]), .. real[moov..]]), StringComparison.Ordinal);
    }

    /// <summary>Decoders read headers inside the samples, and those name another sample rate than the container.</summary>
    [Fact]
    public async Task Headers_inside_the_samples_are_refused()
    {
        var real = await Recordings.Bytes("m4a");
        var first = (int)real.Big(real.SampleTable("stco") + 8);
        Probed.Unreadable(real.With(file => (file[first], file[first + 1]) = (0xFF, 0xF1)));
    }

    /// <summary>Decoders take boxes they know wherever they stand: a second set-up, or a second track among the annotations.</summary>
    [Fact]
    public async Task Boxes_in_odd_places_are_seen()
    {
        var real = await Recordings.Bytes("m4a");
        var entry = real.Box("moov", "trak", "mdia", "minf", "stbl", "stsd");
        var esds = real.Find("esds", entry) - 4;
        var setup = real[esds..(esds + (int)real.Big(esds))];
        var table = real.Box("moov", "trak", "mdia", "minf", "stbl");
        var inTable = real.Replace([.. real[(table + 8)..(table + (int)real.Big(table))], .. setup], "moov", "trak", "mdia", "minf", "stbl");
        Assert.Contains("none should", Probed.Unreadable(inTable), StringComparison.Ordinal);

        var track = real.Box("moov", "trak");
        var size = (int)real.Big(track);
        byte[] second = [.. Boxes.Numbers((uint)size + 5_000), .. real[(track + 4)..(track + size)]];
        var annotated = real.Replace(second, "moov", "udta");
        Assert.True(Probed.Read(annotated) is not AudioReading.Recording { Length: var length } || length >= Probed.Length(real));
        await Probed.NeverBelowPlayed(annotated, "m4a");
    }

    [Theory, InlineData("mp4-fragments"), InlineData("mp4-fragments-dash")]
    public async Task Fragments_are_held_to_their_samples(string name)
    {
        var real = await Recordings.Bytes(name);
        var run = real.Find("trun") + 4;
        Probed.Unreadable(real.With(file => file.Big(run + 4, uint.MaxValue)));
        Probed.Unreadable(real.With(file => file.Big(run + 4, real.Big(run + 4) + 1)));
        Assert.Equal(Probed.Length(real), Probed.Length(real.With(file => file.Big(file.Find("mdhd") + 4 + 12, uint.MaxValue))));
        Assert.Contains("no track", Probed.Unreadable(real.With(file => "free"u8.CopyTo(file.AsSpan(file.Find("tfhd"))))), StringComparison.Ordinal);
        Assert.Contains("no track", Probed.Unreadable(real.With(file => file.Big(file.Find("tfhd") + 8, 9u))), StringComparison.Ordinal);

        // Cut in the middle of the last fragments: what is there still plays.
        for (var percent = 35; percent < 100; percent += 20)
        {
            await Probed.NeverBelowPlayed(real[..(real.Length * percent / 100)], "mp4", $"{percent} % of {name}");
        }
    }

    [Fact]
    public async Task Without_movie_sound_or_a_known_codec_there_is_no_recording()
    {
        var real = await Recordings.Bytes("m4a");
        Assert.Contains("no movie box", Probed.Unreadable(real[..real.Box("moov")]), StringComparison.Ordinal);
        Assert.Contains("cut off", Probed.Unreadable(real[..^20]), StringComparison.Ordinal);
        Probed.Unreadable([.. Boxes.Make("ftyp", "isom"u8.ToArray(), new byte[4]), .. real[real.Box("moov")..]]);
        Probed.Unsupported(await Recordings.Encode(1, "mp4", "-c:a", "ac3"));
        Probed.Unsupported(await Recordings.Encode(1, "mp4", "-c:a", "libmp3lame"));
        Probed.Unreadable(await Recordings.Encode(1, "mp4", "-f", "lavfi", "-i", "color=size=64x64:rate=5", "-map", "1:v", "-c:v", "mpeg4"));
    }

    [Fact]
    public async Task A_film_is_as_long_as_its_sound()
    {
        var film = await Recordings.Encode(3, "mp4", "-f", "lavfi", "-i", "color=size=64x64:rate=5", "-map", "0:a", "-map", "1:v", "-c:v", "mpeg4", "-c:a", "aac");
        Assert.InRange(Probed.Length(film), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3.1));
        await Probed.NeverBelowPlayed(film, "mp4");
    }
}
