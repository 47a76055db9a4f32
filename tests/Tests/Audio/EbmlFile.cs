namespace Tests.Audio;

/// <summary>Takes a WebM file apart into its head (all up to the first cluster) and its blocks, and writes clusters by hand.</summary>
internal sealed class EbmlFile
{
    private static readonly byte[] ClusterId = [0x1F, 0x43, 0xB6, 0x75];

    private EbmlFile(byte[] head, List<byte[]> packets)
    {
        Head = head;
        Packets = packets;
    }

    public byte[] Head { get; }

    /// <summary>The packets of all simple blocks.</summary>
    public List<byte[]> Packets { get; }

    public static EbmlFile Read(byte[] file)
    {
        var first = file.Find(ClusterId);
        var packets = new List<byte[]>();
        for (var at = first; at < file.Length;)
        {
            var id = file[at] == 0x1F || file[at] == 0x1C ? 4 : 1;
            var (size, length) = Size(file, at + id);
            var body = at + id + length;
            if (file[at] == 0xA3)
            {
                packets.Add(file[(body + 4)..(body + (int)size)]);
            }

            // Only clusters are entered.
            at = body + (file.AsSpan(at).StartsWith(ClusterId) ? 0 : (int)size);
        }

        return new EbmlFile(file[..first], packets);
    }

    /// <summary>An element whose size is written in 8 bytes, or as unknown.</summary>
    public static byte[] Element(byte[] id, byte[] body, bool unknown = false, long? size = null)
    {
        var length = BitConverter.GetBytes(unknown ? 0x01FF_FFFF_FFFF_FFFF : 0x0100_0000_0000_0000 | (size ?? body.Length));
        Array.Reverse(length);
        return [.. id, .. length, .. body];
    }

    public static byte[] Cluster(int time, bool unknown, params byte[][] blocks) =>
        Element(ClusterId, [.. Element([0xE7], [(byte)(time >> 8 & 0xFF), (byte)(time & 0xFF)]), .. blocks.SelectMany(block => block)], unknown);

    /// <summary>A simple block of track 1; lacing is 0 none, 1 Xiph, 2 fixed, 3 EBML, and what precedes the frames comes with them.</summary>
    public static byte[] Block(int time, int lacing, params byte[][] parts) =>
        Element([0xA3], [0x81, (byte)(time >> 8 & 0xFF), (byte)(time & 0xFF), (byte)(0x80 | lacing << 1), .. parts.SelectMany(part => part)]);

    private static (long Size, int Length) Size(byte[] file, int at)
    {
        var length = System.Numerics.BitOperations.LeadingZeroCount((uint)file[at] << 24) + 1;
        long size = file[at] & (0xFF >> length);
        for (var i = 1; i < length; i++)
        {
            size = size << 8 | file[at + i];
        }

        return (size, length);
    }
}
