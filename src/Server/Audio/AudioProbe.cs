using System.Buffers.Binary;

namespace Ledgerline.Audio;

/// <summary>
/// Finds out what an upload is and how long it plays, from the bytes alone. The length decides how much money is held, so a client must not
/// be able to shorten it: no header is believed that the audio data does not bear out, and where the two disagree the longer one counts.
/// </summary>
public static class AudioProbe
{
    /// <summary>
    /// Reads a seekable file from its first byte, once, through small fixed buffers; whatever the bytes are, it answers and throws nothing of
    /// its own (the stream's own I/O errors and cancellation pass through). Where the stream stands afterwards is not defined.
    /// </summary>
    public static AudioReading Read(Stream file, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var bytes = new ByteReader(file, stop);
        try
        {
            var (format, length) = Measure(bytes);
            if (length <= TimeSpan.Zero)
            {
                return new AudioReading.Unreadable("The file holds no audio.");
            }

            return length > PlayingTime.Ceiling
                ? new AudioReading.Unreadable("The file claims more audio than it holds.")
                : new AudioReading.Recording(format, length);
        }
        catch (AudioFault fault)
        {
            return fault.Reading;
        }
        catch (OverflowException)
        {
            // All arithmetic is checked, so a number too large to add up is caught here and cannot wrap round to a short length.
            return new AudioReading.Unreadable("The file contains numbers that no recording has.");
        }
    }

    private static (AudioFormat Format, TimeSpan Length) Measure(ByteReader file)
    {
        var start = Id3Tag.Skip(file);
        file.Position = start;
        var head = file.Peek(12);
        if (head.Length < 12)
        {
            throw AudioFault.Unsupported("The file is too short for any audio format.");
        }

        if (head.StartsWith("fLaC"u8))
        {
            return (AudioFormat.Flac, FlacReader.Read(file));
        }

        // Of the other formats only MPEG audio comes with an ID3 tag in front; decoders disagree on what such a file would be.
        var untagged = start == 0;
        if (head[8..].SequenceEqual("WAVE"u8) && WavReader.Knows(head[..4]))
        {
            return untagged ? (AudioFormat.Wav, WavReader.Read(file)) : throw Misplaced();
        }

        if (head.StartsWith("OggS"u8))
        {
            return untagged ? (AudioFormat.Ogg, OggReader.Read(file)) : throw Misplaced();
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(head) == Matroska.Ebml)
        {
            return untagged ? (AudioFormat.WebM, MatroskaReader.Read(file)) : throw Misplaced();
        }

        if (Mp4Reader.Knows(head, file.Length - start))
        {
            return untagged ? (AudioFormat.Mp4, Mp4Reader.Read(file)) : throw Misplaced();
        }

        return (AudioFormat.Mp3, Mp3Reader.Read(file));
    }

    private static AudioFault Misplaced() => AudioFault.Unsupported("An ID3 tag stands before a format that has none.");
}
