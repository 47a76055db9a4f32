namespace Sandbox.OpenAi.Audio;

/// <summary>FLAC: the samples that STREAMINFO promises, or, where the writer could not know, those of the frames that follow.</summary>
internal static class FlacFile
{
    public static AudioFacts? Measure(FileWindow file)
    {
        if (!file.Has(0, "fLaC"u8) || (file.Byte(4) & 0x7F) != 0)
        {
            return null;
        }

        const int info = 8;
        var packed = file.U64(info + 10);
        var rate = (long)(packed >> 44);
        var promised = (long)(packed & 0xF_FFFF_FFFF);
        if (rate == 0)
        {
            return null;
        }

        var heard = Frames(file, AfterMetadata(file));
        // A promise is kept to what is there: a cut file plays only what it has.
        var samples = promised == 0 ? heard : Math.Min(promised, heard);
        return new AudioFacts("flac", samples / (decimal)rate);
    }

    private static long AfterMetadata(FileWindow file)
    {
        for (long at = 4; at + 4 <= file.Length;)
        {
            var head = file.U32(at);
            at += 4 + (head & 0xFF_FFFF);
            if (head >> 31 == 1)
            {
                return at;
            }
        }

        return file.Length;
    }

    /// <summary>Walks the frame headers; each must carry the next number and a right checksum, so sound that looks like one does not count.</summary>
    private static long Frames(FileWindow file, long from)
    {
        long samples = 0;
        long expected = 0;
        for (var at = from; at + 6 <= file.Length; at++)
        {
            if (file.Byte(at) != 0xFF || (file.Byte(at + 1) & 0xFE) != 0xF8)
            {
                continue;
            }

            if (Header(file, at) is { } frame && frame.Number == expected)
            {
                samples += frame.Samples;
                expected = frame.Variable ? samples : expected + 1;
                at += 5;
            }
        }

        return samples;
    }

    private static (bool Variable, long Number, int Samples)? Header(FileWindow file, long at)
    {
        var head = file.At(at, 16);
        if (head.Length < 6)
        {
            return null;
        }

        var variable = (head[1] & 1) == 1;
        var block = head[2] >> 4;
        var rate = head[2] & 15;
        if (block == 0 || rate == 15 || (head[3] & 1) == 1)
        {
            return null;
        }

        var length = head[4] switch { < 0x80 => 1, >= 0xC0 and < 0xE0 => 2, < 0xC0 => 0, < 0xF0 => 3, < 0xF8 => 4, < 0xFC => 5, < 0xFE => 6, 0xFE => 7, _ => 0 };
        var after = 4 + length + (block is 6 ? 1 : block is 7 ? 2 : 0) + (rate is 12 ? 1 : rate is 13 or 14 ? 2 : 0);
        if (length == 0 || head.Length <= after || Crc8(head[..after]) != head[after])
        {
            return null;
        }

        long number = length == 1 ? head[4] : head[4] & (0x7F >> length);
        for (var byteAt = 1; byteAt < length; byteAt++)
        {
            number = number << 6 | (long)(head[4 + byteAt] & 0x3F);
        }

        var samples = block switch
        {
            1 => 192,
            >= 2 and <= 5 => 576 << (block - 2),
            6 => head[4 + length] + 1,
            7 => (head[4 + length] << 8 | head[5 + length]) + 1,
            _ => 256 << (block - 8),
        };
        return (variable, number, samples);
    }

    private static byte Crc8(ReadOnlySpan<byte> bytes)
    {
        var crc = 0;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x80) != 0 ? crc << 1 & 0xFF ^ 0x07 : crc << 1 & 0xFF;
            }
        }

        return (byte)crc;
    }
}
