using System.Buffers.Binary;
using Xunit;

namespace Tests.Audio;

/// <summary>A WebM file is as long as its blocks: headers can only lengthen it, and broken structure hides nothing.</summary>
public class WebMForgeryTests
{
    private static readonly byte[] DurationId = [0x44, 0x89, 0x88];
    private static readonly byte[] ScaleId = [0x2A, 0xD7, 0xB1, 0x83];
    private static readonly byte[] Void = [0xEC];
    private static readonly byte[] Unknown = [0x7E, 0x63];

    [Theory, InlineData(0), InlineData(1), InlineData(2_300), InlineData(3_000)]
    public async Task A_duration_below_what_the_blocks_play_decides_nothing(double milliseconds)
    {
        var real = await Recordings.Bytes("webm");
        Assert.Equal(Probed.Length(real), Probed.Length(WithDuration(real, milliseconds)));
    }

    [Fact]
    public async Task A_longer_duration_counts_and_an_impossible_one_is_refused()
    {
        var real = await Recordings.Bytes("webm");
        Assert.Equal(TimeSpan.FromHours(1), Probed.Length(WithDuration(real, 3_600_000)));
        Assert.Equal("The file claims more audio than it holds.", Probed.Unreadable(WithDuration(real, 10 * 365.25 * 86_400_000)));
        foreach (var impossible in (double[])[-1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue])
        {
            Probed.Unreadable(WithDuration(real, impossible));
        }
    }

    [Theory, InlineData(1u), InlineData(1_000u), InlineData(0u)]
    public async Task The_time_stamp_scale_shortens_nothing(uint scale)
    {
        var real = await Recordings.Bytes("webm-live");
        Assert.Equal(Probed.Length(real), Probed.Length(real.With(file =>
        {
            var at = file.Find(ScaleId) + ScaleId.Length;
            (file[at], file[at + 1], file[at + 2]) = ((byte)(scale >> 16), (byte)(scale >> 8 & 0xFF), (byte)(scale & 0xFF));
        })));
    }

    /// <summary>What a browser's recorder writes: no duration, segment and clusters of unknown size; and one packet per block, or many.</summary>
    [Fact]
    public async Task A_live_recording_counts_by_its_blocks()
    {
        var (head, packets) = await Live();
        var clusters = packets.Chunk(20).SelectMany((some, number) =>
            EbmlFile.Cluster(number * 400, unknown: true, [.. some.Select((packet, at) => EbmlFile.Block(at * 20, 0, packet))]));
        byte[] file = [.. head, .. clusters];
        Assert.Equal(await Probed.NeverBelowPlayed(file, "webm"), Probed.Length(file));
        Assert.Equal(PlayedBy(packets.Length), Probed.Length(file));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Laced_frames_all_count(int lacing)
    {
        var (head, packets) = await Live();
        var blocks = packets.Chunk(8).Where(some => some.Length == 8).Select((some, number) => EbmlFile.Block(number * 160, lacing, Lace(lacing, some))).ToArray();
        byte[] file = [.. head, .. EbmlFile.Cluster(0, unknown: false, blocks)];
        Assert.Equal(await Probed.NeverBelowPlayed(file, "webm"), Probed.Length(file));
        Assert.Equal(PlayedBy(8 * blocks.Length), Probed.Length(file));
    }

    /// <summary>Browsers leave out packets of silence: then the time stamps tell how long it took.</summary>
    [Fact]
    public async Task Gaps_between_blocks_count()
    {
        var (head, packets) = await Live();
        byte[] file = [.. head, .. EbmlFile.Cluster(0, false, EbmlFile.Block(0, 0, packets[0])), .. EbmlFile.Cluster(30_000, false, EbmlFile.Block(0, 0, packets[1]))];
        Assert.Equal(TimeSpan.FromSeconds(30.02), Probed.Length(file));
    }

    /// <summary>Decoders search what they cannot follow for the next cluster, and play it.</summary>
    [Fact]
    public async Task Clusters_in_hiding_count()
    {
        var (head, packets) = await Live();
        var shown = EbmlFile.Cluster(0, false, EbmlFile.Block(0, 0, packets[0]));
        var hidden = EbmlFile.Cluster(20, false, [.. packets[1..].Select((packet, at) => EbmlFile.Block(at * 20, 0, packet))]);
        byte[][] covers =
        [
            EbmlFile.Element(Unknown, hidden),
            EbmlFile.Element(Unknown, hidden, size: 1L << 40),
            EbmlFile.Element(Void, hidden, unknown: true),
            [0, 0, 0, .. hidden],
            EbmlFile.Element([0xA0], EbmlFile.Element(Void, hidden, size: 1 << 20)),
            EbmlFile.Element([0x15, 0x49, 0xA9, 0x66], EbmlFile.Element(Void, hidden, size: 1 << 20)),
        ];
        foreach (var cover in covers)
        {
            Assert.True(Probed.Length([.. head, .. shown, .. cover]) >= PlayedBy(packets.Length));
            await Probed.NeverBelowPlayed([.. head, .. shown, .. cover], "webm");
        }

        // What a recorder writes must end where it says.
        Probed.Unreadable([.. head, .. shown, .. EbmlFile.Element(Void, hidden, size: 1L << 40)]);
        Probed.Unreadable([.. head, .. shown, .. EbmlFile.Element([0xA3], [0x81, 0, 0, 0x80, .. packets[0], .. hidden], size: 1L << 40)]);
    }

    /// <summary>A cluster smaller than its blocks, a segment smaller than its clusters.</summary>
    [Fact]
    public async Task Sizes_that_contradict_one_another_hide_nothing()
    {
        var (head, packets) = await Live();
        var blocks = packets.Select((packet, at) => EbmlFile.Block(at * 20, 0, packet)).ToArray();
        var whole = EbmlFile.Cluster(0, false, blocks);
        for (var size = 0; size < 4_000; size += 450)
        {
            byte[] file = [.. head, .. whole.With(cluster => BinaryPrimitives.WriteInt64BigEndian(cluster.AsSpan(4), 0x0100_0000_0000_0000 | (long)size)), .. whole];
            Assert.True(Probed.Length(file) >= PlayedBy(2 * packets.Length) - TimeSpan.FromMilliseconds(10));
            await Probed.NeverBelowPlayed(file, "webm", $"a cluster of {size} bytes");
        }
    }

    /// <summary>A recorder that is stopped leaves whole elements behind, in a segment and a cluster without sizes; anything else was cut on the way.</summary>
    [Fact]
    public async Task A_live_recording_may_end_behind_any_block_and_nowhere_else()
    {
        var (head, packets) = await Live();
        var blocks = packets[..5].Select((packet, at) => EbmlFile.Block(at * 20, 0, packet)).ToArray();
        byte[] live = [.. head, .. EbmlFile.Cluster(0, unknown: true, blocks)];
        var ends = Enumerable.Range(1, blocks.Length).Select(count => live.Length - blocks[count..].Sum(block => block.Length)).ToList();
        for (var cut = ends[0]; cut <= live.Length; cut++)
        {
            if (ends.IndexOf(cut) is var whole and >= 0)
            {
                var played = await Probed.NeverBelowPlayed(live[..cut], "webm", $"{whole + 1} blocks");
                Assert.Equal(played, Probed.Length(live[..cut]));
            }
            else
            {
                Assert.Contains("cut off", Probed.Unreadable(live[..cut]), StringComparison.Ordinal);
            }
        }

        // A cluster that says how long it is must be there.
        byte[] sized = [.. head, .. EbmlFile.Cluster(0, unknown: false, blocks)];
        Assert.Contains("cut off", Probed.Unreadable(sized[..^blocks[^1].Length]), StringComparison.Ordinal);

        // And a segment: ffmpeg's with its sizes filled in, less the whole of its last element.
        var real = await Recordings.Bytes("webm");
        var cues = real.Find([0x1C, 0x53, 0xBB, 0x6B]);
        Assert.Contains("cut off", Probed.Unreadable(real[..cues]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tracks_that_contradict_one_another_are_unreadable()
    {
        var (head, packets) = await Live();
        var block = EbmlFile.Block(0, 0, packets[0]);
        Assert.Contains("does not describe", Probed.Unreadable([.. head, .. EbmlFile.Cluster(0, false, block.With(bytes => bytes[9] = 0x82))]), StringComparison.Ordinal);
        Assert.Contains("two ways", Probed.Unreadable([.. head.With(bytes => bytes[bytes.Find("OpusHead") + 10]++), .. head, .. EbmlFile.Cluster(0, false, block)]), StringComparison.Ordinal);

        // The name of the codec a second time, in place of what stands behind it.
        var codec = head.Find([0x86, 0x86, .. "A_OPUS"u8]);
        Assert.Contains("two ways", Probed.Unreadable([.. head.With(bytes => bytes.AsSpan(codec, 8).CopyTo(bytes.AsSpan(codec + 8))), .. EbmlFile.Cluster(0, false, block)]), StringComparison.Ordinal);
        Probed.Unreadable(head);
        Probed.Unreadable([.. head, .. EbmlFile.Cluster(0, false)]);
        Probed.Unsupported(head.With(bytes => bytes[bytes.Find("A_OPUS") + 2] = (byte)'X'));
        Probed.Unsupported(head.With(bytes => bytes[bytes.Find("webm") + 3] = (byte)'x'));
        Probed.Unsupported(await Recordings.Encode(1, "mkv", "-c:a", "libmp3lame"));
    }

    /// <summary>Encoder delay is in the codec's header and in the container's; what a decoder drops, by whichever it goes, is dropped here.</summary>
    [Theory, InlineData(0), InlineData(312), InlineData(48_000), InlineData(65_535)]
    public async Task Encoder_delay_takes_off_what_a_decoder_drops(int samples)
    {
        var real = await Recordings.Bytes("webm");
        var forged = real.With(file => file.Little(file.Find("OpusHead") + 10, (ushort)samples));
        await Probed.NeverBelowPlayed(forged, "webm", $"a delay of {samples} samples");
        await Probed.NeverBelowPlayed(forged.With(file => file[file.Find([0x56, 0xAA]) + 1] = 0xA9), "webm", $"a delay of {samples} samples without the container's");
    }

    private static async Task<(byte[] Head, byte[][] Packets)> Live()
    {
        var file = EbmlFile.Read(await Recordings.Bytes("webm-live"));
        Assert.True(file.Packets.Count > 100);
        return (file.Head, [.. file.Packets[..96]]);
    }

    // Every packet has 960 samples at 48 kHz; 312 of them are the encoder's delay.
    private static TimeSpan PlayedBy(int packets) => MediaTools.Exactly(packets * 960 - 312, 48_000);

    private static byte[][] Lace(int lacing, byte[][] frames)
    {
        List<byte> sizes = [(byte)(frames.Length - 1)];
        if (lacing == 2)
        {
            // Equal sizes: the packets are filled up, which Opus' decoders do not mind in a count.
            var longest = frames.Max(frame => frame.Length);
            frames = [.. frames.Select(frame => (byte[])[.. frame, .. new byte[longest - frame.Length]])];
        }

        for (var i = 0; i < frames.Length - 1 && lacing != 2; i++)
        {
            if (lacing == 1)
            {
                sizes.AddRange(Enumerable.Repeat((byte)255, frames[i].Length / 255));
                sizes.Add((byte)(frames[i].Length % 255));
            }
            else
            {
                var value = i == 0 ? frames[0].Length : frames[i].Length - frames[i - 1].Length + 0x1FFF;
                sizes.Add((byte)(0x40 | value >> 8));
                sizes.Add((byte)(value & 0xFF));
            }
        }

        return [[.. sizes], .. frames];
    }

    private static byte[] WithDuration(byte[] file, double value) =>
        file.With(bytes => BinaryPrimitives.WriteDoubleBigEndian(bytes.AsSpan(bytes.Find(DurationId) + DurationId.Length), value));
}
