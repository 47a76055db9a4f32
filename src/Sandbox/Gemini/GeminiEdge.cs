using System.Text.Json;
using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Gemini;

/// <summary>What every address of Gemini has in common: the key in its header, bodies of JSON, and errors in Google's shape.</summary>
internal static class GeminiEdge
{
    private const string KeyHeader = "x-goog-api-key";
    private const string KeyBegin = "AIza";

    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        try
        {
            CheckKey(call.HttpContext.Request);
            return await next(call);
        }
        catch (GeminiError error)
        {
            return Json.Answer(error.Body, error.Code);
        }
        catch (BadHttpRequestException broken)
        {
            return Json.Answer(GeminiError.Shape(broken.StatusCode, broken.Message), broken.StatusCode);
        }
    }

    /// <summary>The request's body, which must be an object with the names of this type and no other.</summary>
    public static async Task<JsonObject> Read(HttpContext context, string type)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        JsonNode? read;
        try
        {
            read = JsonNode.Parse(body.ToArray(), documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            throw GeminiError.Invalid("Invalid JSON payload received. The body must be one JSON object.");
        }

        var request = read as JsonObject ?? throw GeminiError.Invalid("Invalid JSON payload received. The body must be one JSON object.");
        GeminiFields.Check(request, type);
        return request;
    }

    private static void CheckKey(HttpRequest request)
    {
        if (request.Query.ContainsKey("key"))
        {
            throw new GeminiError(403, $"The sandbox takes no key in the URL, where logs would keep it: send it in the header {KeyHeader}.");
        }

        var key = request.Headers[KeyHeader].ToString();
        if (key.Length == 0)
        {
            throw new GeminiError(
                403, $"Method doesn't allow unregistered callers (callers without established identity). Please use API Key in the header {KeyHeader} to call this API.");
        }

        if (!key.StartsWith(KeyBegin, StringComparison.Ordinal) || key.Length == KeyBegin.Length)
        {
            throw new GeminiError(403, $"API key not valid. The sandbox takes any key that begins with {KeyBegin}.");
        }
    }
}
