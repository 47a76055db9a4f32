using System.Buffers.Binary;
using Xunit;

namespace Tests.Audio;

/// <summary>An Ogg file is as long as its packets say, whatever its granule positions claim.</summary>
public class OggForgeryTests
{
    [Theory, InlineData("ogg-opus"), InlineData("ogg-vorbis")]
    public async Task Granule_positions_shorten_nothing(string name)
    {
        var real = await Recordings.Bytes(name);
        var length = Probed.Length(real);
        foreach (var granule in (long[])[0, 1, 960, 20_000, -2, -1, long.MinValue])
        {
            var last = real.Forge((file, pages) => Granule(file, pages[^1], granule));
            Assert.True(Probed.Length(last) >= length - TimeSpan.FromMilliseconds(20));
            await Probed.NeverBelowPlayed(last, "ogg", $"a last position of {granule}");

            var all = real.Forge((file, pages) => Array.ForEach(pages[2..], page => Granule(file, page, granule)));
            Assert.True(Probed.Length(all) >= length - TimeSpan.FromMilliseconds(20));
            await Probed.NeverBelowPlayed(all, "ogg", $"positions of {granule}");
        }
    }

    [Theory, InlineData("ogg-opus", 48_000), InlineData("ogg-vorbis", 22_050)]
    public async Task Positions_beyond_the_packets_count_and_absurd_ones_are_refused(string name, int rate)
    {
        var real = await Recordings.Bytes(name, 14.9);
        Assert.InRange(Probed.Length(real.Forge((file, pages) => Granule(file, pages[^1], 3_600L * rate))), TimeSpan.FromSeconds(3_599.9), TimeSpan.FromSeconds(3_600));
        Assert.Equal("The file claims more audio than it holds.", Probed.Unreadable(real.Forge((file, pages) => Granule(file, pages[^1], 315_576_000L * rate))));
        Probed.Unreadable(real.Forge((file, pages) => Granule(file, pages[^1], long.MaxValue)));
    }

    /// <summary>A stream cut out of a longer one begins at a high position.</summary>
    [Fact]
    public async Task Positions_that_begin_high_lengthen_nothing()
    {
        var real = await Recordings.Bytes("ogg-opus", 14.9);
        var later = real.Forge((file, pages) => Array.ForEach(pages[2..], page => Granule(file, page, BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(page + 6)) + 48_000L * 3_600 * 30)));
        Assert.Equal(Probed.Length(real), Probed.Length(later));
    }

    [Theory, InlineData(0), InlineData(3_840), InlineData(65_535)]
    public async Task Pre_skip_takes_off_what_a_decoder_drops(int samples)
    {
        var real = await Recordings.Bytes("ogg-opus");
        await Probed.NeverBelowPlayed(real.Forge((file, _) => file.Little(file.Find("OpusHead") + 10, (ushort)samples)), "ogg", $"a pre-skip of {samples}");
    }

    /// <summary>Block sizes and modes come from the codec's headers; a decoder goes by the same.</summary>
    [Theory, InlineData(0x66), InlineData(0xB8), InlineData(0xDD), InlineData(0xD6), InlineData(0xBB)]
    public async Task Block_sizes_of_vorbis_count_as_the_decoder_counts(byte sizes)
    {
        var real = await Recordings.Bytes("ogg-vorbis");
        await Probed.NeverBelowPlayed(real.Forge((file, _) => file[file.Find("vorbis") + 6 + 21] = sizes), "ogg", $"block sizes {sizes:X}");
    }

    [Theory]
    [InlineData("ogg-opus", "ogg-opus"), InlineData("ogg-vorbis", "ogg-vorbis"), InlineData("ogg-flac", "ogg-flac"), InlineData("ogg-vorbis", "ogg-opus")]
    public async Task Chained_streams_add_up(string first, string second)
    {
        byte[] chained = [.. await Recordings.Bytes(first), .. await Recordings.Bytes(second)];
        Assert.InRange(Probed.Length(chained), TimeSpan.FromSeconds(4.6), TimeSpan.FromSeconds(4.7));
        await Probed.NeverBelowPlayed(chained, "ogg");

        // The second may also come under the serial number of the first.
        var serial = BitConverter.ToUInt32(chained, 14);
        var renamed = chained.Forge((file, pages) => Array.ForEach(pages, page => file.Little(page + 14, serial)));
        Assert.InRange(Probed.Length(renamed), TimeSpan.FromSeconds(4.6), TimeSpan.FromSeconds(4.7));
        await Probed.NeverBelowPlayed(renamed, "ogg");
    }

    [Fact]
    public async Task Damaged_pages_other_codecs_and_headers_alone_are_no_recording()
    {
        var real = await Recordings.Bytes("ogg-opus");
        Assert.Contains("damaged", Probed.Unreadable(real.With(file => file[file.Length / 2] ^= 1)), StringComparison.Ordinal);
        Probed.Unsupported(real.Forge((file, _) => file[file.Find("OpusHead")] = (byte)'o'));
        foreach (var name in (string[])["ogg-opus", "ogg-vorbis", "ogg-flac"])
        {
            var file = await Recordings.Bytes(name);
            Probed.Unreadable(file[..OggFile.Pages(file)[1]]);
            Probed.Unreadable(file[..OggFile.Pages(file)[2]]);
        }
    }

    /// <summary>Where rubbish follows a page, decoders go back and look for pages in its body.</summary>
    [Fact]
    public async Task A_page_hides_no_others()
    {
        var real = await Recordings.Bytes("ogg-opus");
        var pages = OggFile.Pages(real);
        var hidden = real[pages[2]..];
        var laces = new byte[hidden.Length / 255 + 1];
        Array.Fill(laces, (byte)255);
        laces[^1] = (byte)(hidden.Length % 255);
        byte[] cover = [.. real[pages[1]..(pages[1] + 26)], (byte)laces.Length, .. laces, .. hidden];
        byte[] file = [.. OggFile.Seal([.. real[..pages[2]], .. cover]), .. new byte[40]];
        await Probed.NeverBelowPlayed(file, "ogg");
        Assert.Contains("hides", Probed.Unreadable(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_may_be_surrounded_by_rubbish()
    {
        var real = await Recordings.Bytes("ogg-opus");
        var middle = OggFile.Pages(real)[2];
        byte[] file = [.. real[..middle], .. "OggOggSOgg"u8, .. new byte[70_000], .. real[middle..], .. "TAG"u8];
        Assert.Equal(Probed.Length(real), Probed.Length(file));
        await Probed.NeverBelowPlayed(file, "ogg");
    }

    private static void Granule(byte[] file, int page, long granule) => BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(page + 6), granule);
}
