using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ledgerline.Ai;
using Ledgerline.Providers.Wire;
using Polly.Timeout;

namespace Ledgerline.Providers.Gemini;

/// <summary>What Gemini says when it refuses: <c>{"error":{code, message, status, details}}</c>, alone, in an array, or within a stream.</summary>
internal static partial class GeminiError
{
    private const int LargestBytes = 64 * 1024;
    private const int LongestMessage = 500;
    private const long LongestWaitSeconds = 86_400;

    public static async Task<ModelRefusal> Read(TimedAnswer answer, string key)
    {
        var (status, wait) = ((int)answer.Message.StatusCode, answer.Message.Headers.RetryAfter?.Delta);
        try
        {
            using var said = JsonDocument.Parse(await answer.ReadAll(LargestBytes));
            return Of(said.RootElement, status, wait, key) ?? Silent();
        }
        catch (Exception failure) when (failure is JsonException or HttpRequestException or IOException or TimeoutRejectedException)
        {
            return Silent();
        }

        ModelRefusal Silent() => new("Gemini", status, null, null, null) { RetryAfter = wait };
    }

    /// <summary>Null when it is no error.</summary>
    /// <param name="status">Of the answer; null within a stream, whose events say it themselves.</param>
    public static ModelRefusal? Of(JsonElement root, int? status, TimeSpan? wait, string? key)
    {
        if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0)
        {
            root = root[0];
        }

        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("error", out var error) || error.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var word = Text(error, "status") is { } said && Word().IsMatch(said) ? said : null;
        var message = Text(error, "message") is { Length: > 0 and <= LongestMessage } text && (key is null || !text.Contains(key, StringComparison.Ordinal)) ? text : null;
        var code = HasReason(error, "API_KEY_INVALID") ? 401 : status ?? (error.TryGetProperty("code", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var own) ? own : 500);
        return new ModelRefusal("Gemini", code, word, null, message) { RetryAfter = RetryDelay(error) ?? wait };
    }

    // A key that is wrong comes as a request that is wrong; only the operator can mend it.
    private static bool HasReason(JsonElement error, string reason) => Details(error).Any(detail => Text(detail, "reason") == reason);

    private static IEnumerable<JsonElement> Details(JsonElement error) =>
        error.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Array
            ? details.EnumerateArray().Where(detail => detail.ValueKind == JsonValueKind.Object)
            : [];

    // {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"17s"}
    private static TimeSpan? RetryDelay(JsonElement error)
    {
        foreach (var detail in Details(error))
        {
            if (Text(detail, "retryDelay") is { } delay && delay.EndsWith('s')
                && decimal.TryParse(delay[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= LongestWaitSeconds)
            {
                return TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));
            }
        }

        return null;
    }

    private static string? Text(JsonElement from, string name)
    {
        try
        {
            return from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\A[A-Z_]{1,64}\z")]
    private static partial Regex Word();
}
