namespace Ledgerline.Audio;

/// <summary>Ends a reading from inside a reader; <see cref="AudioProbe"/> turns it into its answer, so it never leaves this folder.</summary>
internal sealed class AudioFault : Exception
{
    private AudioFault(AudioReading reading, string why) : base(why) => Reading = reading;

    public AudioReading Reading { get; }

    public static AudioFault Unreadable(string why) => new(new AudioReading.Unreadable(why), why);

    /// <summary>The container itself says that more should follow than the file has.</summary>
    public static AudioFault CutOff(string where) => Unreadable($"The file is cut off {where}.");

    public static AudioFault Unsupported(string why) => new(new AudioReading.Unsupported(why), why);
}
