using System.Buffers.Binary;

namespace Ledgerline.Audio;

/// <summary>
/// The silent first frame in which an encoder describes its stream: "Xing" or "Info" behind the side information of a layer III frame, or
/// "VBRI" 32 bytes behind the header. LAME and FFmpeg add the samples to drop: 12 bits of delay and 12 of padding, around a decoder's own 529.
/// </summary>
internal readonly record struct InfoFrame(int Bytes, long Frames, int FrameSamples, int SampleRate, int TrimSamples)
{
    private const int DecoderDelay = 529;

    public static InfoFrame? Read(ByteReader file, long first)
    {
        file.Position = first;
        var bytes = file.Peek(256);
        if (bytes.Length < 64 || !MpegFrame.TryRead(BinaryPrimitives.ReadUInt32BigEndian(bytes), out var frame) || !frame.IsLayer3)
        {
            return null;
        }

        if (bytes[36..].StartsWith("VBRI"u8) && BinaryPrimitives.ReadUInt32BigEndian(bytes[50..]) is > 0 and var counted)
        {
            return new InfoFrame(frame.Bytes, counted, frame.Samples, frame.SampleRate, 0);
        }

        var mono = (bytes[3] & 0xC0) == 0xC0;
        var tag = bytes[(4 + (frame.IsVersion1 ? mono ? 17 : 32 : mono ? 9 : 17))..];
        if (!tag.StartsWith("Xing"u8) && !tag.StartsWith("Info"u8))
        {
            return null;
        }

        var flags = BinaryPrimitives.ReadUInt32BigEndian(tag[4..]);
        var frames = (flags & 1) != 0 ? BinaryPrimitives.ReadUInt32BigEndian(tag[8..]) : 0;
        if (frames == 0)
        {
            return null;
        }

        // Flags 1, 2, 4 and 8 stand for the frame count, the byte count, a seek table of 100 bytes and a quality figure.
        var encoder = 8 + 4 + ((flags & 2) != 0 ? 4 : 0) + ((flags & 4) != 0 ? 100 : 0) + ((flags & 8) != 0 ? 4 : 0);
        var trim = 0;
        if (tag.Length >= encoder + 24 && (tag[encoder..].StartsWith("LAME"u8) || tag[encoder..].StartsWith("Lav"u8)))
        {
            var gaps = tag[(encoder + 21)..];
            var delay = gaps[0] << 4 | gaps[1] >> 4;
            var padding = (gaps[1] & 15) << 8 | gaps[2];
            trim = delay + DecoderDelay + Math.Max(0, padding - DecoderDelay);
        }

        return new InfoFrame(frame.Bytes, frames, frame.Samples, frame.SampleRate, trim);
    }
}
