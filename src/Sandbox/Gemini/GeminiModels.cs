using Sandbox.Core;

namespace Sandbox.Gemini;

/// <summary>The models that this sandbox answers for.</summary>
internal static class GeminiModels
{
    private const int InputLimit = 1_048_576;
    private const int OutputLimit = 65_536;

    private static readonly string[] Methods = ["generateContent", "countTokens"];

    private static readonly string[] All = ["gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-2.5-pro"];

    /// <summary>Refuses a name that is none of them.</summary>
    public static void Demand(string model, string method)
    {
        if (!All.Contains(model))
        {
            throw new GeminiError(
                404, $"models/{model} is not found for API version v1beta, or is not supported for {method}. Call ListModels to see the list of available models and their supported methods.");
        }
    }

    public static void DemandRoom(int promptTokens)
    {
        if (promptTokens > InputLimit)
        {
            throw GeminiError.Invalid($"The input token count ({promptTokens}) exceeds the maximum number of tokens allowed ({InputLimit}).");
        }
    }

    public static IResult List(int? pageSize, string? pageToken)
    {
        var start = All.IndexOf(pageToken ?? All[0]);
        if (start < 0 || pageSize < 0)
        {
            throw GeminiError.Invalid("page_size is at least 0, and page_token one that ListModels gave out.");
        }

        var page = All.Skip(start).Take(pageSize is > 0 and var size ? size : 50).ToList();
        var next = start + page.Count;
        return next < All.Length
            ? Json.Answer(new Dictionary<string, object> { ["models"] = page.Select(Shape), ["nextPageToken"] = All[next] })
            : Json.Answer(new { models = page.Select(Shape) });
    }

    public static IResult Get(string name)
    {
        Demand(name, "GetModel");
        return Json.Answer(Shape(name));
    }

    private static Dictionary<string, object> Shape(string model) => new()
    {
        ["name"] = $"models/{model}",
        ["baseModelId"] = model,
        ["version"] = "001",
        ["displayName"] = $"Sandbox for {model}",
        ["description"] = "No model: answers by script or with a plain sentence.",
        ["inputTokenLimit"] = InputLimit,
        ["outputTokenLimit"] = OutputLimit,
        ["supportedGenerationMethods"] = Methods,
        ["temperature"] = 1,
        ["maxTemperature"] = 2,
        ["topP"] = 0.95m,
        ["topK"] = 64,
        ["thinking"] = true,
    };
}
