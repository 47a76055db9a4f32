using System.Buffers.Binary;

namespace Ledgerline.Audio;

/// <summary>
/// Walks every frame of an MPEG audio stream the way decoders do: a valid header claims its frame, anything else is searched byte by byte for
/// the next one. A Xing, Info or VBRI frame is not played and decides nothing; its encoder delay and padding are taken off only where the
/// frames themselves prove it honest, and never more than three frames in all.
/// </summary>
internal static class Mp3Reader
{
    private const int SearchBytes = 64 * 1024;
    private const int LargestFrame = 2_881;

    public static TimeSpan Read(ByteReader file)
    {
        var start = file.Position;
        var first = FirstFrame(file, start);
        Disguise.RefuseInMpeg(file, start);

        var time = new PlayingTime();
        var framed = Walk(file, start, first, time).Bytes;

        // Behind other bytes decoders do not look for it, and play it as the silent frame that it is.
        var tag = first == start ? InfoFrame.Read(file, first) : null;
        var (bytes, frames) = Walk(file, tag is null ? first : first + tag.Value.Bytes, file.Length, time);
        var cut = file.Position > file.Length;
        if (framed + bytes < (file.Length - start) / 2)
        {
            throw AudioFault.Unsupported("The file is none of the audio formats wav, mp3, mp4, webm, ogg and flac.");
        }

        if (tag is { } announced && (cut ? announced.Frames >= frames : announced.Frames > frames + 1))
        {
            // Some encoders count the frame that holds the tag. Without a tag a recorder may have stopped anywhere.
            throw AudioFault.CutOff("before the last of the frames that it announces");
        }

        if (tag is { } info && info.Frames == frames && info.TrimSamples <= 3 * info.FrameSamples)
        {
            time.Trim(info.TrimSamples, info.SampleRate);
        }

        return time.Total;
    }

    /// <summary>Adds up the frames that begin before <paramref name="end"/>.</summary>
    private static (long Bytes, long Frames) Walk(ByteReader file, long start, long end, PlayingTime time)
    {
        long bytes = 0, frames = 0;
        file.Position = start;
        while (file.Position < end)
        {
            var ahead = file.Ahead(4);
            if (ahead.Length < 4)
            {
                break;
            }

            if (MpegFrame.TryRead(BinaryPrimitives.ReadUInt32BigEndian(ahead), out var frame))
            {
                time.Add(frame.Samples, frame.SampleRate);
                bytes += Math.Min(frame.Bytes, file.Left);
                frames++;
                file.Position += frame.Bytes;
                continue;
            }

            var next = ahead[1..].IndexOf((byte)0xFF);
            file.Position += next < 0 ? ahead.Length : next + 1;
        }

        return (bytes, frames);
    }

    /// <summary>The first place near the start where three frames of one kind follow one another, or two that fill the file to its end.</summary>
    private static long FirstFrame(ByteReader file, long start)
    {
        var last = Math.Min(start + SearchBytes, file.Length - 4);
        for (file.Position = start; file.Position <= last;)
        {
            var ahead = file.Ahead(3 * LargestFrame + 4);
            if (IsChain(ahead, file.Left))
            {
                return file.Position;
            }

            var next = ahead[1..].IndexOf((byte)0xFF);
            file.Position += next < 0 ? ahead.Length : next + 1;
        }

        throw AudioFault.Unsupported("The file is none of the audio formats wav, mp3, mp4, webm, ogg and flac.");
    }

    private static bool IsChain(ReadOnlySpan<byte> bytes, long left)
    {
        uint kind = 0;
        var at = 0;
        for (var frames = 0; frames < 3; frames++)
        {
            if (at == left)
            {
                return frames == 2;
            }

            if (at + 4 > bytes.Length || !MpegFrame.TryRead(BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]), out var frame)
                || (frames > 0 && frame.Kind != kind))
            {
                return false;
            }

            kind = frame.Kind;
            at += frame.Bytes;
        }

        return true;
    }
}
