using Microsoft.Win32.SafeHandles;

namespace Sandbox.OpenAi.Audio;

/// <summary>
/// Measures audio from what is played, not from what a header claims. The sandbox is a witness: this code knows nothing of the
/// server's, so that both being wrong in the same way is unlikely.
/// </summary>
internal static class AudioFile
{
    /// <summary>Nothing when this is no audio that can be read.</summary>
    public static AudioFacts? Measure(SafeFileHandle file)
    {
        var bytes = new FileWindow(file);
        try
        {
            return WavFile.Measure(bytes) ?? FlacFile.Measure(bytes) ?? OggFile.Measure(bytes) ?? Mp4File.Measure(bytes)
                ?? WebmFile.Measure(bytes) ?? Mp3File.Measure(bytes);
        }
        catch (OverflowException)
        {
            // Sizes that do not fit any number are no audio either.
            return null;
        }
    }
}
