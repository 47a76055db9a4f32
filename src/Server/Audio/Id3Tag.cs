namespace Ledgerline.Audio;

/// <summary>ID3v2 tags in front of MPEG or FLAC frames: "ID3", version, flags, a size of four 7-bit bytes; flag 0x10 adds a footer of ten bytes.</summary>
internal static class Id3Tag
{
    /// <summary>The offset behind all tags at the start of the file; tags may follow one another and hold large pictures.</summary>
    public static long Skip(ByteReader file)
    {
        while (true)
        {
            var start = file.Position;
            var head = file.Peek(10);
            if (head.Length < 10 || !head.StartsWith("ID3"u8) || head[3] == 0xFF || head[4] == 0xFF
                || ((head[6] | head[7] | head[8] | head[9]) & 0x80) != 0)
            {
                return start;
            }

            var size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9];
            file.Position = start + 10 + size + ((head[5] & 0x10) != 0 ? 10 : 0);
        }
    }
}
