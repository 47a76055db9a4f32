using System.Globalization;
using Sandbox.Core;

namespace Sandbox.OpenAi;

/// <summary>What every address of OpenAI has in common: the key, the headers, and errors in OpenAI's shape.</summary>
internal static class OpenAiEdge
{
    public static ValueTask<object?> Filter(EndpointFilterInvocationContext call, EndpointFilterDelegate next) => Shape(call, inner =>
    {
        CheckKey(inner.HttpContext.BearerToken());
        return next(inner);
    });

    /// <summary>The same for addresses that ask for the key themselves.</summary>
    public static async ValueTask<object?> Shape(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        var started = TimeProvider.System.GetTimestamp();
        var headers = context.Response.Headers;
        headers["x-request-id"] = Ids.Hex("req_");
        headers["openai-version"] = "2020-10-01";
        headers["openai-organization"] = "sandbox";
        headers["x-ratelimit-limit-requests"] = "10000";
        headers["x-ratelimit-remaining-requests"] = "9999";
        headers["x-ratelimit-reset-requests"] = "6ms";
        headers["x-ratelimit-limit-tokens"] = "2000000";
        headers["x-ratelimit-remaining-tokens"] = "1999000";
        headers["x-ratelimit-reset-tokens"] = "0s";
        context.Response.OnStarting(() =>
        {
            var spent = TimeProvider.System.GetElapsedTime(started);
            headers["openai-processing-ms"] = ((long)spent.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });

        try
        {
            return await next(call);
        }
        catch (OpenAiError error)
        {
            return Json.Answer(error.Body, error.Status);
        }
        catch (BadHttpRequestException broken)
        {
            return Json.Answer(OpenAiError.Shape(broken.StatusCode, broken.Message), broken.StatusCode);
        }
    }

    public static void CheckKey(string? key)
    {
        if (key is null)
        {
            throw new OpenAiError(401, "You didn't provide an API key. Send it as Authorization: Bearer YOUR_KEY.");
        }

        if (!key.StartsWith("sk-", StringComparison.Ordinal) || key.Length == 3)
        {
            throw new OpenAiError(401, "Incorrect API key provided. The sandbox takes any key that begins with sk-.", code: "invalid_api_key");
        }
    }
}
