namespace Ledgerline.Audio;

/// <summary>
/// Reads through a Vorbis setup header (Vorbis I §4.2.4: codebooks, time, floors, residues, mappings) to the modes at its end. The header
/// has to be followed from the front as a decoder does: searching it from the back could be led to modes that no decoder sees.
/// </summary>
internal ref struct VorbisSetup
{
    private readonly ReadOnlySpan<byte> data;
    private long position;

    private VorbisSetup(ReadOnlySpan<byte> data)
    {
        this.data = data;
        position = 7 * 8;
    }

    /// <summary>How many modes there are, and a bit for each that uses the long block.</summary>
    public static (int Count, ulong Long) ReadModes(ReadOnlySpan<byte> packet, int channels)
    {
        var setup = new VorbisSetup(packet);
        setup.Codebooks();
        var times = setup.Read(6) + 1;
        setup.Skip(16 * times);
        setup.Floors();
        setup.Residues();
        setup.Mappings(channels);

        var count = (int)setup.Read(6) + 1;
        ulong longModes = 0;
        for (var mode = 0; mode < count; mode++)
        {
            longModes |= (ulong)setup.Read(1) << mode;
            setup.Skip(16 + 16 + 8);
        }

        // A packet that names a mode beyond the last one is broken; it counts as long.
        longModes |= count < 64 ? ulong.MaxValue << count : 0;

        return (count, longModes);
    }

    /// <summary>The specification's ilog: how many bits the number takes.</summary>
    public static int BitsFor(int number) => 32 - int.LeadingZeroCount(number);

    private void Codebooks()
    {
        for (var books = Read(8) + 1; books > 0; books--)
        {
            if (Read(24) != 0x564342)
            {
                throw Broken();
            }

            var dimensions = (int)Read(16);
            var entries = (int)Read(24);
            if (Read(1) == 0)
            {
                var sparse = Read(1) != 0;
                for (var entry = 0; entry < entries; entry++)
                {
                    Skip(!sparse || Read(1) != 0 ? 5 : 0);
                }
            }
            else
            {
                Skip(5);
                for (var entry = 0; entry < entries;)
                {
                    entry += (int)Read(BitsFor(entries - entry));
                }
            }

            var lookup = Read(4);
            if (lookup > 2)
            {
                throw Broken();
            }

            if (lookup > 0)
            {
                Skip(64);
                var bits = Read(4) + 1;
                Skip(1);
                Skip(bits * (lookup == 1 ? LookupValues(entries, dimensions) : (long)entries * dimensions));
            }
        }
    }

    private void Floors()
    {
        Span<int> classDimensions = stackalloc int[16];
        Span<byte> partitions = stackalloc byte[31];
        for (var floors = Read(6) + 1; floors > 0; floors--)
        {
            var type = Read(16);
            if (type == 0)
            {
                Skip(8 + 16 + 16 + 6 + 8);
                Skip(8 * (Read(4) + 1));
                continue;
            }

            if (type != 1)
            {
                throw Broken();
            }

            var count = (int)Read(5);
            var classes = 0;
            for (var i = 0; i < count; i++)
            {
                partitions[i] = (byte)Read(4);
                classes = Math.Max(classes, partitions[i] + 1);
            }

            for (var i = 0; i < classes; i++)
            {
                classDimensions[i] = (int)Read(3) + 1;
                var subclasses = (int)Read(2);
                Skip(subclasses > 0 ? 8 : 0);
                Skip(8 << subclasses);
            }

            Skip(2);
            var rangeBits = Read(4);
            for (var i = 0; i < count; i++)
            {
                Skip(classDimensions[partitions[i]] * rangeBits);
            }
        }
    }

    private void Residues()
    {
        for (var residues = Read(6) + 1; residues > 0; residues--)
        {
            Skip(16 + 24 + 24 + 24);
            var classifications = (int)Read(6) + 1;
            Skip(8);
            var books = 0;
            for (var i = 0; i < classifications; i++)
            {
                books += int.PopCount((int)Read(3));
                books += Read(1) != 0 ? int.PopCount((int)Read(5)) : 0;
            }

            Skip(8 * books);
        }
    }

    private void Mappings(int channels)
    {
        for (var mappings = Read(6) + 1; mappings > 0; mappings--)
        {
            Skip(16);
            var submaps = Read(1) != 0 ? Read(4) + 1 : 1;
            if (Read(1) != 0)
            {
                Skip((Read(8) + 1) * 2 * BitsFor(channels - 1));
            }

            Skip(2);
            Skip(submaps > 1 ? 4 * channels : 0);
            Skip(submaps * 24);
        }
    }

    /// <summary>The largest whole number whose power to the dimensions does not exceed the entries.</summary>
    private readonly long LookupValues(int entries, int dimensions)
    {
        if (dimensions == 0)
        {
            throw Broken();
        }

        // Each value takes at least a bit, so a root beyond the header's size is already wrong.
        for (long root = 1; root <= data.Length * 8L; root++)
        {
            Int128 power = 1;
            for (var i = 0; i < dimensions && power <= entries; i++)
            {
                power *= root + 1;
            }

            if (power > entries)
            {
                return root;
            }
        }

        throw Broken();
    }

    /// <summary>Least significant bit first (Vorbis I §2).</summary>
    private uint Read(int bits)
    {
        uint value = 0;
        for (var i = 0; i < bits; i++, position++)
        {
            var at = position >> 3;
            if (at >= data.Length)
            {
                throw Broken();
            }

            value |= (uint)(data[(int)at] >> (int)(position & 7) & 1) << i;
        }

        return value;
    }

    private void Skip(long bits)
    {
        position = checked(position + bits);
        if (position > data.Length * 8L)
        {
            throw Broken();
        }
    }

    private static AudioFault Broken() => AudioFault.Unreadable("The Vorbis stream's setup header makes no sense.");
}
