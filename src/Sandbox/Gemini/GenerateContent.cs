using System.Text.Json.Nodes;
using Sandbox.Core;
using Sandbox.Replies;

namespace Sandbox.Gemini;

/// <summary>Answers a prompt by script or with the sandbox's sentence: whole, as server-sent events, or as one JSON array.</summary>
internal static class GenerateContent
{
    private const string RequestType = "GenerateContentRequest";

    /// <summary>A method of a model: the last part of the address is <c>{model}:{method}</c>.</summary>
    public static Task<IResult> Call(HttpContext context, string call, string? alt)
    {
        var at = call.LastIndexOf(':');
        var (model, method) = at < 0 ? (call, "") : (call[..at], call[(at + 1)..]);
        return method switch
        {
            "generateContent" => Whole(context, model, method),
            "streamGenerateContent" => Stream(context, model, method, alt),
            "countTokens" => CountTokens(context, model, method),
            _ => throw GeminiRoutes.Unknown(context),
        };
    }

    private static async Task<IResult> Whole(HttpContext context, string model, string method)
    {
        var (reply, answer) = await Answer(context, model, method);
        await context.Service<ReplyPauses>().Meet(reply.Script, GeminiRoutes.Name, 0, context);
        return reply.Script?.Body is { } nonsense ? Results.Text(nonsense, "application/json") : Json.Answer(answer.Whole());
    }

    private static async Task<IResult> Stream(HttpContext context, string model, string method, string? alt)
    {
        if (alt is not (null or "sse" or "json"))
        {
            throw GeminiError.Invalid($"alt is sse or json, not {alt}.", "alt");
        }

        var (reply, answer) = await Answer(context, model, method);
        var chunks = answer.Chunks().Select(chunk => chunk.ToJsonString(Json.Options));
        return alt == "sse"
            ? new ReplyStream(GeminiRoutes.Name, "text/event-stream", chunks.Select(chunk => $"data: {chunk}\r\n\r\n"), reply.Script)
            : new ReplyStream(GeminiRoutes.Name, "application/json; charset=UTF-8", InAnArray([.. chunks]), reply.Script);
    }

    private static async Task<IResult> CountTokens(HttpContext context, string model, string method)
    {
        GeminiModels.Demand(model, method);
        var request = await GeminiEdge.Read(context, "CountTokensRequest");
        var whole = request["generateContentRequest"] as JsonObject;
        if (whole is not null && request["contents"] is not null)
        {
            throw GeminiError.Invalid("contents and generateContentRequest exclude each other.", "contents");
        }

        GeminiPrompt.Contents(whole ?? request, "CountTokensRequest");
        var tokens = GeminiPrompt.Count(whole ?? request);
        return Json.Answer(new JsonObject
        {
            ["totalTokens"] = tokens,
            ["promptTokensDetails"] = new JsonArray(new JsonObject { ["modality"] = "TEXT", ["tokenCount"] = tokens }),
        });
    }

    private static async Task<(Reply Reply, GeminiAnswer Answer)> Answer(HttpContext context, string model, string method)
    {
        GeminiModels.Demand(model, method);
        var request = await GeminiEdge.Read(context, RequestType);
        var asked = GeminiPrompt.Read(request);
        GeminiModels.DemandRoom(asked.Tokens);
        var reply = new Reply(asked, context.Service<ReplyScripts>().Take(GeminiRoutes.Name, asked.LastUserText));
        if (reply.Script is { BreaksTheShape: true })
        {
            HeldAnswer.Excuse(context);
        }

        var showThoughts = (bool?)request["generationConfig"]?["thinkingConfig"]?["includeThoughts"] == true;
        return (reply, new GeminiAnswer(reply, model, showThoughts));
    }

    private static IEnumerable<string> InAnArray(List<string> chunks)
    {
        if (chunks.Count == 0)
        {
            yield return "[]";
        }

        for (var at = 0; at < chunks.Count; at++)
        {
            yield return $"{(at == 0 ? "[" : ",\r\n")}{chunks[at]}{(at == chunks.Count - 1 ? "]" : "")}";
        }
    }
}
