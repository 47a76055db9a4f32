namespace Ledgerline.Audio;

/// <summary>
/// The Huffman codebooks of AAC (ISO 14496-3 annex 4.A), reduced to what is needed to pass over a spectrum: how many codewords there are of
/// each length, from one bit on (all the books are canonical, so that gives every codeword), and how many bits follow each for the signs.
/// </summary>
internal static class AacCodebooks
{
    /// <summary>Bands with this book or a higher one have no lines of their own.</summary>
    public const byte Noise = 13;

    /// <summary>The longest codeword of the scale factors.</summary>
    public const int ScaleFactorWindow = 19;

    private const int WithEscapes = 11;

    // One digit a codeword, in code order: the sign bits; 3, 4 and 5 stand for 1, 2 and 2 signs followed by 1, 1 and 2 escapes.
    private static readonly Book[] Spectral =
    [
        Build(4, [1, 0, 0, 0, 8, 0, 24, 0, 24, 8, 16], ""),
        Build(4, [0, 0, 1, 1, 7, 24, 15, 19, 14], ""),
        Build(4, [1, 0, 0, 4, 2, 6, 3, 5, 15, 15, 8, 9, 3, 3, 5, 2],
            "011112222232343311223232331221224334323244332333223243344233333344442233434443233"),
        Build(4, [0, 0, 0, 10, 6, 0, 9, 21, 8, 14, 11, 2],
            "433331202222121144443333333333332222222222221111444444333333333433344422222243333"),
        Build(2, [1, 0, 0, 4, 4, 0, 4, 12, 12, 12, 18, 10, 4], ""),
        Build(2, [0, 0, 0, 9, 0, 16, 13, 8, 23, 8, 4], ""),
        Build(2, [1, 0, 2, 1, 0, 4, 5, 10, 14, 15, 8, 4],
            "0112221122211222222221122212122222222211222222222222112222222222"),
        Build(2, [0, 0, 1, 5, 7, 10, 14, 15, 8, 4],
            "2212120112222222221122222222221212222222121222222222221212222112"),
        Build(2, [1, 0, 2, 1, 0, 4, 3, 8, 11, 20, 31, 38, 32, 14, 4],
            "0112221122211222222221122222221212222222212222222212221222212222112222222222222122212222222222222222"
            + "222212212222222122222222222222212212222122222222222222222222222222222"),
        Build(2, [0, 0, 0, 3, 8, 14, 17, 25, 31, 41, 22, 8],
            "2222112222211222202211222222222222121222222222222121222222222222222222122222122222222222222222121222"
            + "222212222221222222222222222221212122222222222222212122212221222222122"),
        Build(2, [0, 0, 0, 2, 6, 7, 16, 59, 55, 95, 43, 6],
            "0251122222212122222221122222222222222244444241214244442222244224442242444242244222144222212442242422"
            + "2222242212222221222222222222221222222222223222222321222222222222222222222222222222122222222222222222"
            + "21222222222222222222222222222112222222222222222222222222212212122212222211222212212112112"),
    ];

    private static readonly int[] ScaleFactors =
        [1, 0, 1, 3, 2, 4, 3, 5, 4, 6, 6, 6, 5, 8, 4, 7, 3, 7, 46];

    /// <summary>The length of the scale factor codeword at the top of <see cref="ScaleFactorWindow"/> bits.</summary>
    public static int ScaleFactorBits(uint window)
    {
        // Codewords of one length follow those that are shorter, so the first limit above the window tells the length.
        uint limit = 0;
        for (var length = 1; length < ScaleFactorWindow; length++)
        {
            limit += (uint)ScaleFactors[length - 1] << (ScaleFactorWindow - length);
            if (window < limit)
            {
                return length;
            }
        }

        return ScaleFactorWindow;
    }

    /// <summary>Passes over so many spectral lines.</summary>
    public static void Skip(ref BitReader bits, int book, int lines)
    {
        var (dimension, window, entries) = Spectral[book - 1];
        for (; lines > 0; lines -= dimension)
        {
            var entry = entries[bits.Peek(window)];
            bits.Skip(entry & 31);
            for (var escapes = book == WithEscapes ? entry >> 5 : 0; escapes > 0; escapes--)
            {
                // So many ones and a zero, then four bits more than there were ones.
                var ones = 0;
                while (ones < 9 && bits.Flag())
                {
                    ones++;
                }

                bits.Skip(ones + 4);
            }
        }
    }

    private static Book Build(int dimension, ReadOnlySpan<int> counts, string signs)
    {
        var window = counts.Length;
        var entries = new byte[1 << window];
        int at = 0, codeword = 0;
        for (var length = 1; length <= window; length++)
        {
            for (var i = 0; i < counts[length - 1]; i++, codeword++)
            {
                var sign = signs.Length == 0 ? 0 : signs[codeword] - '0';
                var (signBits, escapes) = sign switch
                {
                    3 when dimension == 2 => (1, 1),
                    4 when dimension == 2 => (2, 1),
                    5 => (2, 2),
                    _ => (sign, 0),
                };

                var span = 1 << (window - length);
                entries.AsSpan(at, span).Fill((byte)(escapes << 5 | (length + signBits)));
                at += span;
            }
        }

        return new Book(dimension, window, entries);
    }

    /// <summary>For every value of the window: the bits of codeword and signs, and the number of escapes in the upper three.</summary>
    private readonly record struct Book(int Dimension, int Window, byte[] Entries);
}
