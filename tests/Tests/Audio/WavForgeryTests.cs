using Xunit;

namespace Tests.Audio;

/// <summary>A WAV header cannot make the data behind it cheaper.</summary>
public class WavForgeryTests
{
    // Two seconds of 16-bit mono at 8 kHz.
    private const int TwoSeconds = 32_000;

    private static readonly byte[] Sound = Wave.Sound(TwoSeconds);

    [Theory, InlineData(1u), InlineData(16_000_000u), InlineData(0u)]
    public void Byte_rate_decides_nothing(uint byteRate) =>
        Assert.Equal(TimeSpan.FromSeconds(2), Probed.Length(Wave.File(Wave.Format(byteRate: byteRate), Wave.Chunk("data", Sound))));

    [Theory, InlineData(0u), InlineData(0xFFFF_FFFFu), InlineData(0x7FFF_FFFFu), InlineData(0x7FFF_F000u), InlineData(0x8000_0000u)]
    public async Task Streamed_data_goes_to_the_end(uint size)
    {
        var file = Wave.File(Wave.Format(), Wave.Chunk("data", Sound, size));
        Assert.Equal(TimeSpan.FromSeconds(2), Probed.Length(file));
        Assert.Equal(TimeSpan.FromSeconds(2), await Probed.NeverBelowPlayed(file, "wav"));
    }

    [Theory, InlineData(32_001u), InlineData(40_000u), InlineData(1_000_000_000u)]
    public void Data_that_says_more_than_there_is_was_cut_off(uint size) =>
        Assert.Contains("cut off", Probed.Unreadable(Wave.File(Wave.Format(), Wave.Chunk("data", Sound, size))), StringComparison.Ordinal);

    /// <summary>What programs write that cannot go back to their header, measured whole.</summary>
    [Theory]
    [InlineData("espeak-ng", "--stdout", "one two three")]
    [InlineData("sox", "-n", "-t", "wav", "-r", "8000", "-b", "16", "-", "synth", "2", "sine", "440")]
    [InlineData("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=duration=2", "-f", "wav", "-")]
    public async Task What_is_piped_is_accepted(string tool, params string[] arguments)
    {
        var file = await MediaTools.Run(tool, arguments);
        var played = await Probed.NeverBelowPlayed(file, "wav", tool);
        Assert.Equal(played, Probed.Length(file));
    }

    [Theory, InlineData(2u), InlineData(8_000u), InlineData(31_900u)]
    public void Data_that_says_less_than_there_is_counts_whole(uint size) =>
        Assert.InRange(Probed.Length(Wave.File(Wave.Format(), Wave.Chunk("data", Sound, size))), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2.001));

    [Fact]
    public async Task Chunks_behind_the_data_do_not_count()
    {
        var file = Wave.File(Wave.Format(), Wave.Chunk("data", Sound), Wave.Chunk("LIST", new byte[999]), Wave.Chunk("id3 ", new byte[50]));
        Assert.Equal(TimeSpan.FromSeconds(2), Probed.Length(file));
        Assert.Equal(TimeSpan.FromSeconds(2), await Probed.NeverBelowPlayed(file, "wav"));
    }

    [Theory, InlineData("LIST"), InlineData("RIFF"), InlineData("data")]
    public async Task Several_data_chunks_are_not_cheaper(string between)
    {
        var file = Wave.File(Wave.Format(), Wave.Chunk("data", Sound[..1600]), Wave.Chunk(between, Sound[..16]), Wave.Chunk("data", Sound));
        Assert.True(Probed.Length(file) >= TimeSpan.FromSeconds(2.1));
        await Probed.NeverBelowPlayed(file, "wav");
    }

    /// <summary>Not every decoder skips the pad byte behind an odd chunk, so one may find data where another does not.</summary>
    [Fact]
    public async Task An_odd_chunk_hides_nothing()
    {
        var file = Wave.File(Wave.Format(bits: 8), [.. "data"u8, 3, 0, 0, 0, 1, 2, 3, .. Wave.Chunk("data", Sound)]);
        Assert.True(Probed.Length(file) >= TimeSpan.FromSeconds(4));
        await Probed.NeverBelowPlayed(file, "wav");
    }

    /// <summary>A block size larger than a frame does not make PCM shorter: decoders go by channels and bits.</summary>
    [Theory, InlineData(2), InlineData(4), InlineData(64), InlineData(0), InlineData(1)]
    public async Task Block_size_of_pcm_only_lengthens(ushort block)
    {
        var file = Wave.File(Wave.Format(block: block), Wave.Chunk("data", Sound));
        Assert.True(Probed.Length(file) >= TimeSpan.FromSeconds(2));
        await Probed.NeverBelowPlayed(file, "wav");
    }

    [Theory, InlineData(8), InlineData(16), InlineData(24), InlineData(0)]
    public async Task Valid_bits_of_the_extensible_form_only_lengthen(ushort valid)
    {
        byte[] body =
        [
            .. Wave.Format(tag: 0xFFFE, bits: 32)[8..], 22, 0, .. BitConverter.GetBytes(valid), 0, 0, 0, 0,
            1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71,
        ];
        var file = Wave.File(Wave.Chunk("fmt ", body), Wave.Chunk("data", Sound));
        Assert.True(Probed.Length(file) >= TimeSpan.FromSeconds(1));
        await Probed.NeverBelowPlayed(file, "wav");
    }

    [Theory, InlineData("wav-ms-adpcm"), InlineData("wav-ima-adpcm-stereo")]
    public async Task Block_size_of_adpcm_counts_as_the_decoder_counts(string variant)
    {
        var real = await Recordings.Bytes(variant);
        foreach (ushort block in (ushort[])[32, 64, 255, 256, 512, 2048, 4095])
        {
            await Probed.NeverBelowPlayed(real.With(file => file.Little(32, block)), "wav", $"{variant} with blocks of {block}");
        }
    }

    [Fact]
    public void Impossible_formats_are_unreadable()
    {
        Probed.Unreadable(Wave.File(Wave.Format(rate: 0), Wave.Chunk("data", Sound)));
        Probed.Unreadable(Wave.File(Wave.Format(rate: 4_000_000_000, byteRate: 8_000), Wave.Chunk("data", Sound)));
        Probed.Unreadable(Wave.File(Wave.Format(channels: 0), Wave.Chunk("data", Sound)));
        Probed.Unreadable(Wave.File(Wave.Format(), Wave.Format(rate: 48_000), Wave.Chunk("data", Sound)));
        Probed.Unreadable(Wave.File(Wave.Chunk("data", Sound), Wave.Format()));
        Probed.Unreadable(Wave.File(Wave.Format()));
        Probed.Unreadable(Wave.File(Wave.Format(), Wave.Chunk("data", [])));
        Probed.Unreadable(Wave.File(Wave.Format(tag: 2, bits: 4, block: 7), Wave.Chunk("data", Sound)));
        Probed.Unsupported(Wave.File(Wave.Format(tag: 0x55), Wave.Chunk("data", Sound)));
        Probed.Unsupported(Wave.File(Wave.Format(tag: 3, bits: 16), Wave.Chunk("data", Sound)));
    }

    [Fact]
    public async Task Big_endian_and_64_bit_headers_are_read()
    {
        var rifx = new byte[44 + TwoSeconds];
        "RIFX"u8.CopyTo(rifx);
        "WAVEfmt "u8.CopyTo(rifx.AsSpan(8));
        rifx.Big(16, 16u);
        rifx.Big(20, (ushort)1);
        rifx.Big(22, (ushort)1);
        rifx.Big(24, 8_000u);
        rifx.Big(28, 16_000u);
        rifx.Big(32, (ushort)2);
        rifx.Big(34, (ushort)16);
        "data"u8.CopyTo(rifx.AsSpan(36));
        rifx.Big(40, (uint)TwoSeconds);
        Sound.CopyTo(rifx, 44);
        Assert.Equal(TimeSpan.FromSeconds(2), Probed.Length(rifx));

        // The 64-bit size wins in decoders; where it says less than the 32-bit one, all there is counts.
        var rf64 = await Recordings.Bytes("wav-rf64");
        var forged = rf64.With(file => file.Little(28, 1000u));
        Assert.True(Probed.Length(forged) >= Probed.Length(rf64));
        await Probed.NeverBelowPlayed(forged, "wav");
    }
}
