using System.Buffers.Binary;

namespace Tests.Audio;

/// <summary>Forges Ogg files so that their pages stay whole: every page's checksum is written anew.</summary>
internal static class OggFile
{
    public static byte[] Forge(this byte[] file, Action<byte[], int[]> change)
    {
        var pages = Pages(file);
        return Seal(file.With(copy => change(copy, pages)));
    }

    /// <summary>Checksums over whatever the pages are now.</summary>
    public static byte[] Seal(byte[] file)
    {
        var sealedFile = (byte[])file.Clone();
        foreach (var at in Pages(sealedFile))
        {
            var page = sealedFile.AsSpan(at, Math.Min(Size(sealedFile, at), sealedFile.Length - at));
            page.Slice(22, 4).Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(page[22..], Checksum(page));
        }

        return sealedFile;
    }

    public static int[] Pages(byte[] file)
    {
        var pages = new List<int>();
        for (var at = 0; at >= 0 && at + 27 <= file.Length;)
        {
            var next = file.AsSpan(at).IndexOf("OggS"u8);
            if (next < 0 || at + next + 27 > file.Length)
            {
                break;
            }

            pages.Add(at + next);
            at += next + Size(file, at + next);
        }

        return [.. pages];
    }

    private static int Size(byte[] file, int at)
    {
        var segments = file[at + 26];
        var table = file.AsSpan(at + 27, Math.Min(segments, file.Length - at - 27));
        var size = 27 + segments;
        foreach (var lace in table)
        {
            size += lace;
        }

        return size;
    }

    private static uint Checksum(ReadOnlySpan<byte> page)
    {
        uint sum = 0;
        foreach (var b in page)
        {
            sum ^= (uint)b << 24;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum & 0x8000_0000) != 0 ? sum << 1 ^ 0x04C1_1DB7 : sum << 1;
            }
        }

        return sum;
    }
}
