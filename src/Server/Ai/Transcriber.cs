namespace Ledgerline.Ai;

/// <summary>A recording to be written down.</summary>
/// <param name="Audio">Read once, from where it stands, and closed by who reads it.</param>
/// <param name="FileName">With the extension that fits the content: providers take the format from it.</param>
/// <param name="Language">An ISO code as the customer gave it, or null to let the model find out.</param>
public sealed record TranscriptionOrder(string Model, Stream Audio, string FileName, string ContentType, string? Language);

/// <summary>The text, and what making it used.</summary>
public sealed record Transcript(string Text, string? Language, Consumption Consumption);

/// <summary>Turns speech into text. One attempt, no retry: the provider bills every one.</summary>
public interface ITranscriber
{
    /// <exception cref="ModelFailure">The provider refused, failed, or answered what is no transcript.</exception>
    Task<Transcript> Transcribe(TranscriptionOrder order, CancellationToken stop);
}
