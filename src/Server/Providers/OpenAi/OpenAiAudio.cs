using Ledgerline.Ai;

namespace Ledgerline.Providers.OpenAi;

/// <summary>What is asked of one of OpenAI's audio addresses.</summary>
/// <param name="Path">Below <c>/v1</c>: <c>audio/transcriptions</c>.</param>
/// <param name="Audio">Read once, from where it stands, and closed by who reads it.</param>
/// <param name="Patience">From the first byte sent to the last one read.</param>
internal sealed record OpenAiAudioOrder(
    string Path, IEnumerable<KeyValuePair<string, string>> Fields, Stream Audio, string FileName, string ContentType, TimeSpan Patience);

/// <summary>Sends a recording to one of OpenAI's audio addresses, streamed, once.</summary>
internal sealed class OpenAiAudio(HttpClient http, OpenAiOptions options, TimeProvider clock)
{
    /// <summary>The head of whatever OpenAI answered, a refusal too; the body is still on its way.</summary>
    /// <exception cref="ModelFailure">There is no answer.</exception>
    public Task<OpenAiAnswer> Ask(OpenAiAudioOrder order, CancellationToken stop)
    {
        var key = options.KeyOrFailure;
        var request = new HttpRequestMessage(HttpMethod.Post, $"v1/{order.Path}")
        {
            Content = TranscriptionForm.Of(order.Fields, order.Audio, order.FileName, order.ContentType),
        };
        return OpenAiAnswer.To(request, http, key, order.Patience, first: null, clock, stop);
    }
}
