using System.Net.Http.Headers;
using Ledgerline.Ai;
using Polly.Timeout;

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
    public async Task<OpenAiAudioAnswer> Ask(OpenAiAudioOrder order, CancellationToken stop)
    {
        if (options.ApiKey is not { } key)
        {
            throw new ModelFailure(ModelFailure.NotConfigured, "OpenAI is not configured: set OPENAI_API_KEY.");
        }

        var request = new HttpRequestMessage(HttpMethod.Post, $"v1/{order.Path}")
        {
            Content = TranscriptionForm.Of(order.Fields, order.Audio, order.FileName, order.ContentType),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
        };
        request.Options.Set(Wire.OutboundRepeat.Patience, order.Patience);
        var answer = new OpenAiAudioAnswer(request, order.Patience, key, clock, stop);
        try
        {
            await answer.Guard(async limit => answer.Take(await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit)));
            return answer;
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    /// <summary>The failure behind an exception of the wire; null when it is another kind.</summary>
    public static ModelFailure? Explain(Exception failure, TimeSpan patience, bool called) => failure switch
    {
        TimeoutRejectedException => TooLate(failure, patience),
        OperationCanceledException when !called => TooLate(failure, patience),
        HttpRequestException or IOException => new ModelFailure(ModelFailure.Upstream, "The connection to OpenAI failed.", failure),
        _ => null,
    };

    private static ModelFailure TooLate(Exception failure, TimeSpan patience) =>
        new(ModelFailure.TimeOut, $"OpenAI gave no transcript within {patience.TotalSeconds} s.", failure);
}
