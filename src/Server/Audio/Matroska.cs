namespace Ledgerline.Audio;

/// <summary>The element identifiers of Matroska (RFC 9559) that matter here.</summary>
internal static class Matroska
{
    public const uint Ebml = 0x1A45DFA3;
    public const uint DocType = 0x4282;
    public const uint Segment = 0x18538067;
    public const uint Info = 0x1549A966;
    public const uint TimestampScale = 0x2AD7B1;
    public const uint Duration = 0x4489;
    public const uint Tracks = 0x1654AE6B;
    public const uint TrackEntry = 0xAE;
    public const uint TrackNumber = 0xD7;
    public const uint TrackType = 0x83;
    public const uint CodecId = 0x86;
    public const uint CodecPrivate = 0x63A2;
    public const uint ContentEncodings = 0x6D80;
    public const uint AudioSettings = 0xE1;
    public const uint SamplingFrequency = 0xB5;
    public const uint OutputSamplingFrequency = 0x78B5;
    public const uint Channels = 0x9F;
    public const uint BitDepth = 0x6264;
    public const uint Cluster = 0x1F43B675;
    public const uint Timestamp = 0xE7;
    public const uint SimpleBlock = 0xA3;
    public const uint BlockGroup = 0xA0;
    public const uint Block = 0xA1;
    public const uint DiscardPadding = 0x75A2;

    /// <summary>Of these a track has one each; decoders would differ in which of two they take.</summary>
    public static bool DescribesCodec(uint id) => id is
        TrackNumber or TrackType or CodecId or CodecPrivate or AudioSettings or SamplingFrequency or OutputSamplingFrequency or Channels or BitDepth;

    /// <summary>What ends a cluster of unknown size: another file, or a child of the segment (seek head, cues, tags, chapters, attachments).</summary>
    public static bool IsSegmentChild(uint id) => id is
        Ebml or Info or Tracks or 0x114D9B74 or 0x1C53BB6B or 0x1254C367 or 0x1043A770 or 0x1941A469;

    /// <summary>What decoders go by, and do not take for rubbish.</summary>
    public static bool IsStructure(uint id) => id is Segment or Cluster || IsSegmentChild(id) || IsClusterChild(id);

    /// <summary>The other children of a cluster: its position, the size of the one before, silent tracks, an encrypted block; and what may stand anywhere.</summary>
    public static bool IsClusterChild(uint id) => id is
        Timestamp or SimpleBlock or BlockGroup or 0xA7 or 0xAB or 0x5854 or 0xAF or 0xEC or 0xBF;
}
