namespace Ledgerline.Audio;

/// <summary>The flag byte of an Ogg page.</summary>
[Flags]
internal enum OggFlags : byte
{
    None = 0,

    /// <summary>The page begins in the middle of a packet.</summary>
    Continued = 1,

    /// <summary>The first page of a stream.</summary>
    Beginning = 2,

    /// <summary>The last page of a stream.</summary>
    End = 4,
}
