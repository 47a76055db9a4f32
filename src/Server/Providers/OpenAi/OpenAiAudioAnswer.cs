using System.Text.Json;
using System.Text.RegularExpressions;
using Ledgerline.Ai;

namespace Ledgerline.Providers.OpenAi;

/// <summary>
/// An answer of OpenAI's while it is read. What OpenAI says about a failure is for whoever wrote the request; our key is cut out of it.
/// </summary>
internal sealed partial class OpenAiAudioAnswer : IDisposable
{
    // Ten hours of speech in the longest format stay below it; what is larger is no transcript.
    public const int LargestBytes = 8 * 1024 * 1024;
    private const int LargestErrorBytes = 64 * 1024;
    private const int LongestMessage = 500;

    private readonly HttpRequestMessage request;
    private readonly TimeSpan patience;
    private readonly string key;
    private readonly CancellationToken stop;
    private readonly CancellationTokenSource limit;
    private readonly CancellationTokenSource either;
    private HttpResponseMessage? answer;
    private Stream? body;

    public OpenAiAudioAnswer(HttpRequestMessage request, TimeSpan patience, string key, TimeProvider clock, CancellationToken stop)
    {
        (this.request, this.patience, this.key, this.stop) = (request, patience, key, stop);
        limit = new CancellationTokenSource(patience, clock);
        either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
    }

    public int Status => (int)answer!.StatusCode;
    public bool IsSuccess => answer!.IsSuccessStatusCode;

    /// <summary>The whole header; null when there is none.</summary>
    public string? ContentType => answer!.Content.Headers.ContentType?.ToString();

    public bool IsEventStream => answer!.Content.Headers.ContentType?.MediaType == "text/event-stream";

    public string? RequestId => answer!.Headers.TryGetValues("x-request-id", out var ids) && ids.First() is { Length: <= 200 } id ? id : null;

    /// <exception cref="ModelFailure">It does not come whole, in time, or is too large.</exception>
    public async Task<byte[]> ReadAll()
    {
        if (answer!.Content.Headers.ContentLength > LargestBytes)
        {
            throw new ModelFailure(ModelFailure.Upstream, "OpenAI's answer is too large for a transcript.");
        }

        await Guard(stop => answer.Content.LoadIntoBufferAsync(LargestBytes, stop));
        return await answer.Content.ReadAsByteArrayAsync(either.Token);
    }

    /// <summary>The next bytes as they come; 0 at the end.</summary>
    /// <exception cref="ModelFailure">They do not come, or not in time.</exception>
    public async Task<int> Read(Memory<byte> buffer)
    {
        var read = 0;
        await Guard(async stop =>
        {
            body ??= await answer!.Content.ReadAsStreamAsync(stop);
            read = await body.ReadAsync(buffer, stop);
        });
        return read;
    }

    /// <summary>What a refusal says.</summary>
    public async Task<OpenAiFailure> Failure()
    {
        var (code, param, message) = await Error();
        var wait = answer!.Headers.RetryAfter?.Delta;
        return new OpenAiFailure(Status, Unless(code), Unless(param), Unless(message), wait);

        string? Unless(string? text) => text?.Contains(key, StringComparison.Ordinal) == true ? null : text;
    }

    public void Dispose()
    {
        answer?.Dispose();
        request.Dispose();
        either.Dispose();
        limit.Dispose();
    }

    internal void Take(HttpResponseMessage message) => answer = message;

    internal async Task Guard(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(either.Token);
        }
        catch (Exception failure) when (OpenAiAudio.Explain(failure, patience, stop.IsCancellationRequested) is not null)
        {
            throw OpenAiAudio.Explain(failure, patience, called: false)!;
        }
    }

    private async Task<(string? Code, string? Param, string? Message)> Error()
    {
        try
        {
            await answer!.Content.LoadIntoBufferAsync(LargestErrorBytes, either.Token);
            using var said = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(either.Token), cancellationToken: either.Token);
            var error = said.RootElement.GetProperty("error");
            return (Word(error, "code"), Word(error, "param"), Text(error, "message") is { Length: > 0 and <= LongestMessage } message ? message : null);
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or HttpRequestException or IOException or OperationCanceledException)
        {
            return default;
        }
    }

    private static string? Word(JsonElement error, string name) => Text(error, name) is { } text && Words().IsMatch(text) ? text : null;

    private static string? Text(JsonElement error, string name) =>
        error.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // Codes and parameters are OpenAI's own words; its message may quote our key or the customer's file name.
    [GeneratedRegex(@"\A[a-z0-9_\[\].]{1,64}\z")]
    private static partial Regex Words();
}
