namespace Ledgerline.Audio;

/// <summary>
/// A fill element (ISO 14496-3 §4.4.2.7): a count of bytes, and extensions in them. Decoders take the length of dynamic range data from the
/// data itself and the count for all others, so the same must be done here to stay in step.
/// </summary>
internal static class AacFill
{
    private const int DynamicRange = 11;

    public static void Skip(ref BitReader bits)
    {
        var count = (int)bits.Read(4);
        count = count == 15 ? 14 + (int)bits.Read(8) : count;
        while (count > 0 && !bits.Overrun)
        {
            if (bits.Read(4) == DynamicRange)
            {
                count -= SkipDynamicRange(ref bits);
            }
            else
            {
                bits.Skip(8 * count - 4);
                count = 0;
            }
        }
    }

    /// <summary>Flags first, then a byte for whatever they announce; answers the bytes, the first of which began with the extension's type.</summary>
    private static int SkipDynamicRange(ref BitReader bits)
    {
        int bytes = 1, bands = 1;
        if (bits.Flag())
        {
            bits.Skip(8);
            bytes++;
        }

        if (bits.Flag())
        {
            do
            {
                bits.Skip(7);
                bytes++;
            }
            while (bits.Flag() && !bits.Overrun);
        }

        if (bits.Flag())
        {
            bands += (int)bits.Read(4);
            bits.Skip(4 + 8 * bands);
            bytes += 1 + bands;
        }

        if (bits.Flag())
        {
            bits.Skip(8);
            bytes++;
        }

        bits.Skip(8 * bands);
        return bytes + bands;
    }
}
