namespace Ledgerline.Audio;

/// <summary>The containers a recording may come in, told apart by their bytes.</summary>
public enum AudioFormat
{
    /// <summary>RIFF/WAVE, also RIFX, RF64 and BW64.</summary>
    Wav,

    /// <summary>A bare stream of MPEG 1, 2 or 2.5 audio frames, layers I to III.</summary>
    Mp3,

    /// <summary>ISO base media: mp4, m4a, fragmented or not.</summary>
    Mp4,

    /// <summary>Matroska and its subset WebM.</summary>
    WebM,

    /// <summary>Ogg with Opus, Vorbis or FLAC inside.</summary>
    Ogg,

    /// <summary>Native FLAC.</summary>
    Flac,
}
