using System.Numerics;

namespace Ledgerline.Audio;

/// <summary>
/// A movie fragment (ISO 14496-12 §8.8): for each track a header with defaults (tfhd) and runs of samples (trun), whose flags say which of
/// duration, size, flags and offset every sample has of its own.
/// </summary>
internal sealed class Mp4Fragment
{
    private const uint HasBase = 0x1, HasDescription = 0x2, HasDuration = 0x8, HasSize = 0x10, BaseIsFragment = 0x2_0000;
    private const uint RunHasOffset = 0x1, RunHasFirstFlags = 0x4, RunHasDuration = 0x100, RunHasSize = 0x200;
    private const uint RunEntryFields = 0xF00;

    private long start;
    private int trackIndex;
    private int runIndex;
    private Mp4Track? track;
    private long dataStart;
    private uint duration;
    private uint size;

    public void Begin(Mp4Box moof)
    {
        start = moof.Start;
        trackIndex = 0;
        track = null;
    }

    public void BeginTrack()
    {
        trackIndex++;
        runIndex = 0;
        track = null;
    }

    public void Header(ByteReader file, Mp4Box box, Mp4Track? of)
    {
        track = of ?? throw AudioFault.Unreadable("A fragment of the MP4 file belongs to no track.");

        var flags = box.Field(file, 0) & 0xFF_FFFF;
        var at = 8;
        dataStart = start;
        if ((flags & HasBase) != 0)
        {
            dataStart = checked((long)((ulong)box.Field(file, at) << 32 | box.Field(file, at + 4)));
            at += 8;
        }
        else if ((flags & BaseIsFragment) == 0 && trackIndex > 1)
        {
            throw Ambiguous();
        }

        at += (flags & HasDescription) != 0 ? 4 : 0;
        duration = (flags & HasDuration) != 0 ? box.Field(file, at) : of.DefaultDuration;
        at += (flags & HasDuration) != 0 ? 4 : 0;
        size = (flags & HasSize) != 0 ? box.Field(file, at) : of.DefaultSize;
    }

    public void Run(ByteReader file, Mp4Box box)
    {
        // Without a header of its own a decoder would take the one before.
        var audio = track ?? throw AudioFault.Unreadable("A fragment of the MP4 file belongs to no track.");
        if (!audio.IsAudio)
        {
            return;
        }

        var flags = box.Field(file, 0) & 0xFF_FFFF;
        var count = box.Field(file, 4);
        var at = 8;
        var offset = dataStart;
        if ((flags & RunHasOffset) != 0)
        {
            offset = checked(offset + (int)box.Field(file, at));
            at += 4;
        }
        else if (runIndex > 0)
        {
            throw Ambiguous();
        }

        runIndex++;
        at += (flags & RunHasFirstFlags) != 0 ? 4 : 0;
        var entryBytes = 4 * BitOperations.PopCount(flags & RunEntryFields);
        var fits = entryBytes > 0 ? (box.End - box.Body - at) / entryBytes : size > 0 ? file.Length / size : 0;
        if (count > fits)
        {
            throw AudioFault.Unreadable("The file claims more audio than it holds.");
        }

        using var entries = new Mp4Table(file, box.Body + at, count, entryBytes);
        while (entries.TryNext(out var entry))
        {
            var own = 0;
            var sampleDuration = duration;
            if ((flags & RunHasDuration) != 0)
            {
                sampleDuration = entry.Word(own);
                own += 4;
            }

            var sampleSize = (flags & RunHasSize) != 0 ? entry.Word(own) : size;
            audio.Sample(file, offset, sampleSize, sampleDuration);
            offset = checked(offset + sampleSize);
        }
    }

    /// <summary>Decoders differ in where they begin to read, so another would not play what was measured.</summary>
    private static AudioFault Ambiguous() => AudioFault.Unreadable("A fragment of the MP4 file does not say where its data begins.");
}
