namespace Ledgerline.Audio;

/// <summary>
/// Follows the syntax of one AAC-LC access unit (ISO 14496-3 §4.4.2, raw_data_block) to its end, without making sound of it: the only way
/// to know where a unit stops.
/// </summary>
internal ref struct AacAccessUnit
{
    private const int EightShort = 2;
    private const int MostBands = 8 * 16;

    private BitReader bits;
    private readonly int rateIndex;
    private bool broken;

    private AacAccessUnit(ReadOnlySpan<byte> data, int rateIndex)
    {
        bits = new BitReader(data);
        this.rateIndex = rateIndex;
    }

    /// <summary>The bytes of the unit at the start of the data, or 0 where it cannot be followed.</summary>
    public static int Measure(ReadOnlySpan<byte> data, int rateIndex)
    {
        if (data is [0xFF, >= 0xF0, ..])
        {
            // A unit cannot begin like this, but decoders then read an ADTS header, whose sample rate wins over the container's.
            throw AudioFault.Unreadable("The AAC data carries headers of its own.");
        }

        var unit = new AacAccessUnit(data, rateIndex);
        return unit.Elements() ? (unit.bits.Position + 7) / 8 : 0;
    }

    private bool Elements()
    {
        while (!broken && !bits.Overrun)
        {
            switch (bits.Read(3))
            {
                case 0 or 3:
                    bits.Skip(4);
                    Channel(default, shared: false);
                    break;
                case 1:
                    bits.Skip(4);
                    Pair();
                    break;
                case 4:
                    DataStream();
                    break;
                case 5:
                    ProgramConfig();
                    break;
                case 6:
                    AacFill.Skip(ref bits);
                    break;
                case 7:
                    return !bits.Overrun;
                default:
                    throw AudioFault.Unsupported("The AAC data has coupling channels, which no recorder writes.");
            }
        }

        return false;
    }

    private void Pair()
    {
        Windows windows = default;
        var shared = bits.Flag();
        if (shared)
        {
            windows = WindowInfo();
            if (bits.Read(2) == 1)
            {
                bits.Skip(windows.Groups * windows.Bands);
            }
        }

        Channel(windows, shared);
        Channel(windows, shared);
    }

    private void Channel(Windows windows, bool shared)
    {
        bits.Skip(8);
        windows = shared ? windows : WindowInfo();
        Span<byte> books = stackalloc byte[MostBands];
        Sections(windows, books);
        if (broken)
        {
            return;
        }

        ScaleFactors(books[..(windows.Groups * windows.Bands)]);
        if (bits.Flag())
        {
            var pulses = (int)bits.Read(2) + 1;
            bits.Skip(6 + 9 * pulses);
        }

        if (bits.Flag())
        {
            NoiseShaping(windows.IsShort);
        }

        // Gain control belongs to another profile.
        broken |= bits.Flag();
        Spectrum(windows, books);
    }

    private Windows WindowInfo()
    {
        bits.Skip(1);
        var isShort = bits.Read(2) == EightShort;
        bits.Skip(1);
        var bands = (int)bits.Read(isShort ? 4 : 6);
        var widths = AacBands.Widths(rateIndex, isShort);
        broken |= bands > widths.Length;
        if (!isShort)
        {
            broken |= bits.Flag();
            return new Windows(false, bands, 1, 1);
        }

        // A set bit joins the window to the group before it; the lengths are kept four bits each.
        uint lengths = 1;
        var groups = 1;
        for (var window = 1; window < 8; window++)
        {
            if (bits.Flag())
            {
                lengths += 1u << 4 * (groups - 1);
            }
            else
            {
                lengths |= 1u << 4 * groups++;
            }
        }

        return new Windows(true, bands, groups, lengths);
    }

    private void Sections(Windows windows, scoped Span<byte> books)
    {
        var lengthBits = windows.IsShort ? 3 : 5;
        var escape = (1 << lengthBits) - 1;
        for (var group = 0; group < windows.Groups && !broken; group++)
        {
            for (var band = 0; band < windows.Bands && !broken;)
            {
                var book = (byte)bits.Read(4);
                int length = 0, more;
                do
                {
                    more = (int)bits.Read(lengthBits);
                    length += more;
                }
                while (more == escape && length <= windows.Bands);

                broken |= book == 12 || band + length > windows.Bands || bits.Overrun;
                if (!broken)
                {
                    books.Slice(group * windows.Bands + band, length).Fill(book);
                    band += length;
                }
            }
        }
    }

    private void ScaleFactors(scoped ReadOnlySpan<byte> books)
    {
        var firstNoise = true;
        foreach (var book in books)
        {
            if (book == AacCodebooks.Noise && firstNoise)
            {
                firstNoise = false;
                bits.Skip(9);
            }
            else if (book != 0)
            {
                bits.Skip(AacCodebooks.ScaleFactorBits(bits.Peek(AacCodebooks.ScaleFactorWindow)));
            }
        }
    }

    private void NoiseShaping(bool isShort)
    {
        for (var window = isShort ? 8 : 1; window > 0; window--)
        {
            var filters = bits.Read(isShort ? 1 : 2);
            var wide = filters > 0 && bits.Flag();
            for (; filters > 0; filters--)
            {
                bits.Skip(isShort ? 4 : 6);
                var order = (int)bits.Read(isShort ? 3 : 5);
                if (order > 0)
                {
                    bits.Skip(1);
                    var narrow = bits.Flag() ? 1 : 0;
                    bits.Skip(order * ((wide ? 4 : 3) - narrow));
                }
            }
        }
    }

    private void Spectrum(Windows windows, scoped ReadOnlySpan<byte> books)
    {
        var widths = AacBands.Widths(rateIndex, windows.IsShort);
        for (var group = 0; group < windows.Groups; group++)
        {
            var length = (int)(windows.Lengths >> 4 * group & 15);
            for (var band = 0; band < windows.Bands; band++)
            {
                var book = books[group * windows.Bands + band];
                if (book is 0 or >= AacCodebooks.Noise)
                {
                    continue;
                }

                if (bits.Overrun)
                {
                    return;
                }

                AacCodebooks.Skip(ref bits, book, AacBands.Lines(widths[band]) * length);
            }
        }
    }

    private void DataStream()
    {
        bits.Skip(4);
        var align = bits.Flag();
        var count = (int)bits.Read(8);
        count += count == 255 ? (int)bits.Read(8) : 0;
        if (align)
        {
            bits.AlignToByte();
        }

        bits.Skip(8 * count);
    }

    private void ProgramConfig()
    {
        bits.Skip(4 + 2 + 4);
        var elements = (int)(bits.Read(4) + bits.Read(4) + bits.Read(4));
        var (lfe, data, coupling) = ((int)bits.Read(2), (int)bits.Read(3), (int)bits.Read(4));
        bits.Skip(bits.Flag() ? 4 : 0);
        bits.Skip(bits.Flag() ? 4 : 0);
        bits.Skip(bits.Flag() ? 3 : 0);
        bits.Skip(5 * elements + 4 * lfe + 4 * data + 5 * coupling);
        bits.AlignToByte();
        bits.Skip(8 * (int)bits.Read(8));
    }

    /// <summary>How the spectrum is laid out: one long window, or eight short ones joined to groups.</summary>
    private readonly record struct Windows(bool IsShort, int Bands, int Groups, uint Lengths);
}
