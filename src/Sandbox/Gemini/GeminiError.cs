using System.Globalization;
using System.Text.Json.Nodes;

namespace Sandbox.Gemini;

/// <summary>A refusal in Google's words: <c>{error: {code, message, status, details?}}</c>.</summary>
internal sealed class GeminiError(int code, string message, JsonArray? details = null) : Exception(message)
{
    private const int RetrySeconds = 17;

    public int Code { get; } = code;

    public JsonObject Body => Shape(Code, Message, details);

    /// <summary>The request itself is wrong.</summary>
    public static GeminiError Invalid(string message, string? field = null) => new(400, message, field is null ? null :
    [
        new JsonObject
        {
            ["@type"] = "type.googleapis.com/google.rpc.BadRequest",
            ["fieldViolations"] = new JsonArray(new JsonObject { ["field"] = field, ["description"] = message }),
        },
    ]);

    /// <summary>The shape for a status; when there are too many requests it says how long to wait.</summary>
    public static JsonObject Shape(int code, string message, JsonArray? details = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message, ["status"] = Status(code) };
        if ((details ?? (code == 429 ? RetryInfo() : null)) is { } more)
        {
            error["details"] = more;
        }

        return new JsonObject { ["error"] = error };
    }

    private static JsonArray RetryInfo() =>
    [
        new JsonObject
        {
            ["@type"] = "type.googleapis.com/google.rpc.RetryInfo",
            ["retryDelay"] = RetrySeconds.ToString(CultureInfo.InvariantCulture) + "s",
        },
    ];

    private static string Status(int code) => code switch
    {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        500 => "INTERNAL",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ => "UNKNOWN",
    };
}
