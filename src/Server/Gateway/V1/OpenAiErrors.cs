using System.Globalization;
using System.Text.Json.Nodes;
using Ledgerline.Http;
using Ledgerline.Kernel;

namespace Ledgerline.Gateway.V1;

/// <summary>Errors below <c>/v1</c> as OpenAI's clients know them: <c>{"error":{message, type, param, code}}</c>, all four always there.</summary>
internal sealed class OpenAiErrors(Ids ids, RateLimiter limiter) : RefusalForm("/v1")
{
    public const string RequestIdHeader = "x-request-id";

    public static JsonObject Body(int status, string message, string? param, string? code, JsonObject? metadata = null)
    {
        var error = new JsonObject { ["message"] = message, ["type"] = TypeOf(status), ["param"] = param, ["code"] = code };
        if (metadata is not null)
        {
            error["metadata"] = metadata;
        }

        return new JsonObject { ["error"] = error };
    }

    public override (int Status, object Body) Shape(int status, string sentence, string? param = null) =>
        (status, Body(status, sentence, param, CodeOf(status)));

    /// <summary>The request's own id, and where the caller stands with the rate limit.</summary>
    public override void Head(HttpContext context)
    {
        var headers = context.Response.Headers;
        if (headers.ContainsKey(RequestIdHeader))
        {
            return;
        }

        headers[RequestIdHeader] = $"req_{ids.Secret(15)}";
        if (limiter.Standing(context) is { } standing)
        {
            headers["x-ratelimit-limit-requests"] = Text(standing.Limit);
            headers["x-ratelimit-remaining-requests"] = Text(standing.Remaining);
            headers["x-ratelimit-reset-requests"] = $"{Text((int)Math.Ceiling(standing.Reset.TotalSeconds))}s";
        }
    }

    private static string TypeOf(int status) => status switch
    {
        StatusCodes.Status402PaymentRequired => "insufficient_quota",
        StatusCodes.Status429TooManyRequests => "requests",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    private static string? CodeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "invalid_api_key",
        StatusCodes.Status403Forbidden => "insufficient_permissions",
        StatusCodes.Status409Conflict => "request_in_progress",
        StatusCodes.Status422UnprocessableEntity => "idempotency_key_reused",
        StatusCodes.Status429TooManyRequests => "rate_limit_exceeded",
        _ => null,
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
