using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ledgerline.Ai;
using Ledgerline.Providers.Wire;
using Polly.Timeout;

namespace Ledgerline.Providers.OpenAi;

/// <summary>
/// An answer of OpenAI's while it is read. What OpenAI says about a failure is for whoever wrote the request; our key is cut out of it.
/// </summary>
/// <param name="patience">How long is waited in all, as a failure says it.</param>
internal sealed partial class OpenAiAnswer(TimedAnswer answer, TimeSpan patience, string key) : IDisposable
{
    // Ten hours of speech in the longest format stay below it, and whatever a model may write.
    public const int LargestBytes = 8 * 1024 * 1024;
    private const int LargestErrorBytes = 64 * 1024;
    private const int LongestMessage = 500;

    public int Status => (int)answer.Message.StatusCode;
    public bool IsSuccess => answer.Message.IsSuccessStatusCode;

    /// <summary>The whole header; null when there is none.</summary>
    public string? ContentType => answer.Message.Content.Headers.ContentType?.ToString();

    /// <summary>Where what was made is found.</summary>
    public string? Location => answer.Message.Headers.Location?.OriginalString;

    public bool IsEventStream => answer.Message.Content.Headers.ContentType?.MediaType == "text/event-stream";

    public string? RequestId => answer.Message.Headers.TryGetValues("x-request-id", out var ids) && ids.First() is { Length: <= 200 } id ? id : null;

    /// <summary>Sends a request, once; the head of whatever OpenAI answers, a refusal too, while the body is still on its way.</summary>
    /// <param name="first">Until the first event of a stream; null: as long as the whole.</param>
    /// <exception cref="ModelFailure">There is no answer.</exception>
    public static async Task<OpenAiAnswer> To(
        HttpRequestMessage request, HttpClient http, string key, TimeSpan patience, TimeSpan? first, TimeProvider clock, CancellationToken stop)
    {
        request.Headers.Authorization = new("Bearer", key);
        request.Options.Set(OutboundRepeat.Patience, patience);
        var answer = new OpenAiAnswer(new TimedAnswer(patience, first, clock, stop), patience, key);
        try
        {
            await answer.Guard(async () =>
            {
                await answer.Timed.Send(http, request);
                return true;
            });
            return answer;
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    /// <exception cref="ModelFailure">It does not come whole, in time, or is too large.</exception>
    public Task<byte[]> ReadAll() => answer.Message.Content.Headers.ContentLength > LargestBytes
        ? throw new ModelFailure(ModelFailure.Upstream, "OpenAI's answer is too large.")
        : Guard(() => answer.ReadAll(LargestBytes));

    /// <summary>The next bytes as they come; 0 at the end.</summary>
    /// <exception cref="ModelFailure">They do not come, or not in time.</exception>
    public Task<int> Read(Memory<byte> buffer) => Guard(() => answer.Read(buffer));

    /// <summary>The events of a stream, each byte for byte as it came.</summary>
    /// <param name="idle">The longest from one to the next.</param>
    /// <exception cref="ModelFailure">They do not come, or not in time.</exception>
    public async IAsyncEnumerable<byte[]> Events(TimeSpan idle)
    {
        await using var events = answer.Events(LargestBytes, idle).GetAsyncEnumerator();
        while (await Guard(() => events.MoveNextAsync().AsTask()))
        {
            yield return events.Current;
        }
    }

    /// <summary>What a refusal says.</summary>
    public async Task<ModelRefusal> Failure()
    {
        var (code, param, message) = await Error();
        return new ModelRefusal("OpenAI", Status, Unless(code), Unless(param), Unless(message)) { RetryAfter = Wait() };

        string? Unless(string? text) => text?.Contains(key, StringComparison.Ordinal) == true ? null : text;
    }

    public void Dispose() => answer.Dispose();

    /// <summary>The failure behind an exception of the wire; null when it is another kind.</summary>
    internal static ModelFailure? Explain(Exception failure, TimeSpan patience) => failure switch
    {
        TimeoutRejectedException => new ModelFailure(ModelFailure.TimeOut, $"OpenAI gave no answer within {patience.TotalSeconds} s.", failure),
        HttpRequestException or IOException => new ModelFailure(ModelFailure.Upstream, "The connection to OpenAI failed.", failure),
        InvalidDataException => new ModelFailure(ModelFailure.Upstream, "OpenAI's stream holds an event that is too large.", failure),
        _ => null,
    };

    private TimedAnswer Timed => answer;

    private async Task<T> Guard<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception failure) when (Explain(failure, patience) is not null)
        {
            throw Explain(failure, patience)!;
        }
    }

    private TimeSpan? Wait() =>
        answer.Message.Headers.TryGetValues("retry-after-ms", out var values)
            && decimal.TryParse(values.First(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds < 86_400_000
            ? TimeSpan.FromTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond))
            : answer.Message.Headers.RetryAfter?.Delta;

    private async Task<(string? Code, string? Param, string? Message)> Error()
    {
        try
        {
            using var said = JsonDocument.Parse(await answer.ReadAll(LargestErrorBytes));
            var error = said.RootElement.GetProperty("error");
            return (Word(error, "code"), Word(error, "param"), Text(error, "message") is { Length: > 0 and <= LongestMessage } message ? message : null);
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or HttpRequestException or IOException
            or OperationCanceledException or TimeoutRejectedException)
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
