using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ledgerline.Ai;
using Polly.Timeout;

namespace Ledgerline.Providers.OpenAi;

/// <summary>
/// <c>POST /v1/audio/transcriptions</c>: streams the recording up and believes nothing of the answer that it has not looked at.
/// What the provider says about a failure stays here; only its status and error code go into our own words.
/// </summary>
internal sealed partial class OpenAiTranscriber(HttpClient http, OpenAiOptions options, TimeProvider clock) : ITranscriber
{
    // Ten hours of speech in the longest format stay below it; what is larger is no transcript.
    private const int LargestAnswerBytes = 8 * 1024 * 1024;
    private const int LargestErrorBytes = 64 * 1024;

    public async Task<Transcript> Transcribe(TranscriptionOrder order, CancellationToken stop)
    {
        if (options.ApiKey is not { } key)
        {
            throw new ModelFailure(ModelFailure.NotConfigured, "OpenAI is not configured: set OPENAI_API_KEY.");
        }

        using var limit = new CancellationTokenSource(OpenAiOptions.TranscriptionPatience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            using var form = TranscriptionForm.Of(order);
            using var request = new HttpRequestMessage(HttpMethod.Post, "v1/audio/transcriptions") { Content = form };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return await Read(answer, either.Token);
        }
        catch (Exception failure) when (failure is TimeoutRejectedException || (failure is OperationCanceledException && !stop.IsCancellationRequested))
        {
            throw new ModelFailure(
                ModelFailure.TimeOut, $"OpenAI gave no transcript within {OpenAiOptions.TranscriptionPatience.TotalSeconds} s.", failure);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            throw new ModelFailure(ModelFailure.Upstream, "The connection to OpenAI failed.", failure);
        }
    }

    private static async Task<Transcript> Read(HttpResponseMessage answer, CancellationToken stop)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw new ModelFailure(ModelFailure.Upstream, $"OpenAI answered {(int)answer.StatusCode}{await ErrorCode(answer, stop)}.");
        }

        if (answer.Content.Headers.ContentLength > LargestAnswerBytes)
        {
            throw new ModelFailure(ModelFailure.Upstream, "OpenAI's answer is too large for a transcript.");
        }

        await answer.Content.LoadIntoBufferAsync(LargestAnswerBytes, stop);
        await using var body = await answer.Content.ReadAsStreamAsync(stop);
        return await TranscriptionAnswer.Read(body, RequestId(answer), stop);
    }

    private static string? RequestId(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("x-request-id", out var ids) && ids.First() is { Length: <= 200 } id ? id : null;

    // The code is one of OpenAI's own words; its message may quote our key or the customer's file name.
    private static async Task<string> ErrorCode(HttpResponseMessage answer, CancellationToken stop)
    {
        try
        {
            await answer.Content.LoadIntoBufferAsync(LargestErrorBytes, stop);
            using var body = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(stop), cancellationToken: stop);
            var code = body.RootElement.GetProperty("error").GetProperty("code").GetString();
            return code is not null && Word().IsMatch(code) ? $" ({code})" : "";
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or HttpRequestException or IOException)
        {
            return "";
        }
    }

    [GeneratedRegex(@"\A[a-z_]{1,64}\z")]
    private static partial Regex Word();
}
