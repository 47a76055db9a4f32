namespace Ledgerline.Audio;

/// <summary>Limits that every real recording keeps.</summary>
internal static class Sane
{
    public static void SampleRate(long rate)
    {
        if (rate is < 1_000 or > 768_000)
        {
            throw AudioFault.Unreadable("The file names a sample rate that no recording has.");
        }
    }

    public static void Channels(int channels)
    {
        if (channels is < 1 or > 64)
        {
            throw AudioFault.Unreadable("The file names a number of channels that no recording has.");
        }
    }
}
