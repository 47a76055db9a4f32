using System.Text.Json;
using System.Text.Json.Nodes;
using Sandbox.Core;
using Sandbox.Replies;

namespace Sandbox.OpenAi.Chat;

/// <summary>Answers a chat by script or with the sandbox's sentence, whole or streamed.</summary>
internal static class CreateChatCompletion
{
    public static async Task<IResult> Handle(HttpContext context, ReplyScripts scripts, ReplyPauses pauses, SandboxClock clock)
    {
        var request = ChatRequest.Read(await Body(context));
        var reply = new Reply(request.Asked, scripts.Take(OpenAiRoutes.Name, request.Asked.LastUserText));
        if (reply.Script is { BreaksTheShape: true })
        {
            HeldAnswer.Excuse(context);
        }

        var answer = new ChatAnswer(reply, request, clock.GetUtcNow().ToUnixTimeSeconds());
        if (request.Stream)
        {
            return new ReplyStream(OpenAiRoutes.Name, "text/event-stream; charset=utf-8", answer.Events(), reply.Script);
        }

        await pauses.Meet(reply.Script, OpenAiRoutes.Name, 0, context);
        return reply.Script?.Body is { } nonsense ? Results.Text(nonsense, "application/json") : Json.Answer(answer.Whole());
    }

    private static async Task<JsonObject> Body(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        try
        {
            return JsonNode.Parse(body.ToArray(), documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject ?? throw Broken();
        }
        catch (JsonException)
        {
            throw Broken();
        }
    }

    private static OpenAiError Broken() =>
        new(400, "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload.)");
}
