using System.Buffers.Binary;
using System.Text;

namespace Sandbox.Twilio.Line;

/// <summary>WAV files as phones need them: 8 kHz, read with one channel, written with one or two.</summary>
internal static class WaveFile
{
    /// <summary>µ-law out of a WAV; null and a sentence when it is none that a phone could play.</summary>
    public static byte[]? ReadPhone(ReadOnlySpan<byte> file, out string? fault)
    {
        fault = "wav is a WAV file of 8 kHz, one channel, 16 bits or µ-law.";
        if (file.Length < 12 || !file[..4].SequenceEqual("RIFF"u8) || !file[8..12].SequenceEqual("WAVE"u8))
        {
            return null;
        }

        var format = 0;
        for (var at = 12; at + 8 <= file.Length;)
        {
            var size = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 4)..]), (uint)(file.Length - at - 8));
            var chunk = file.Slice(at + 8, size);
            if (file.Slice(at, 4).SequenceEqual("fmt "u8) && size >= 16)
            {
                var (code, channels) = (BinaryPrimitives.ReadUInt16LittleEndian(chunk), BinaryPrimitives.ReadUInt16LittleEndian(chunk[2..]));
                var (rate, bits) = (BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]), BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]));
                format = channels == 1 && rate == MuLaw.Rate && (code, bits) is (1, 16) or (7, 8) ? code : 0;
            }
            else if (file.Slice(at, 4).SequenceEqual("data"u8) && format != 0)
            {
                fault = null;
                return format == 7 ? chunk.ToArray() : Compress(chunk);
            }

            at += 8 + size + (size & 1);
        }

        return null;
    }

    /// <summary>16-bit WAV; a second track makes it two channels.</summary>
    public static byte[] Write(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right = default)
    {
        var channels = right.IsEmpty ? 1 : 2;
        var file = new byte[44 + (left.Length * 2 * channels)];
        Encoding.ASCII.GetBytes("RIFF").CopyTo(file, 0);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        Encoding.ASCII.GetBytes("WAVEfmt ").CopyTo(file, 8);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(22), (short)channels);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), MuLaw.Rate);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), MuLaw.Rate * 2 * channels);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(32), (short)(2 * channels));
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(34), 16);
        Encoding.ASCII.GetBytes("data").CopyTo(file, 36);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), file.Length - 44);
        for (var at = 0; at < left.Length; at++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(44 + (at * 2 * channels)), MuLaw.Decode(left[at]));
            if (channels == 2)
            {
                BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(46 + (at * 4)), MuLaw.Decode(right[at]));
            }
        }

        return file;
    }

    private static byte[] Compress(ReadOnlySpan<byte> samples)
    {
        var audio = new byte[samples.Length / 2];
        for (var at = 0; at < audio.Length; at++)
        {
            audio[at] = MuLaw.Encode(BinaryPrimitives.ReadInt16LittleEndian(samples[(at * 2)..]));
        }

        return audio;
    }
}
