namespace Ledgerline.Audio;

/// <summary>How the samples of a track are coded, as its sample description says.</summary>
internal sealed record Mp4Codec(Mp4Codec.Family Coding, int SampleRate = 0, int UnitSamples = 0, AacConfig Aac = default)
{
    public enum Family
    {
        /// <summary>Pictures, text or time codes.</summary>
        NoAudio,

        /// <summary>A codec that is not measured; it makes the file unsupported where it may be sound.</summary>
        Unknown,

        Aac,
        Opus,
        Alac,
    }
}
