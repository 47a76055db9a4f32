using System.Text.Json;
using System.Text.Json.Nodes;
using Sandbox.Core;
using Sandbox.Replies;

namespace Sandbox.Gemini;

/// <summary>A reply in Gemini's shape: whole, or in chunks whose usage counts from the beginning.</summary>
internal sealed class GeminiAnswer(Reply reply, string model, bool showThoughts)
{
    private readonly string _id = Ids.New("", 22);

    public JsonObject Whole()
    {
        if (reply.Script is { Empty: true })
        {
            return [];
        }

        JsonArray parts = [.. Thoughts(), .. reply.Text.Length > 0 ? [Text(reply.Text)] : Array.Empty<JsonNode>(), .. Calls()];
        return Last(Chunk(parts, reply.OutputTokens, ends: true));
    }

    public IEnumerable<JsonObject> Chunks()
    {
        if (reply.Script is { Empty: true })
        {
            yield break;
        }

        var events = Events().ToList();
        for (var at = 0; at < events.Count; at++)
        {
            var ends = at == events.Count - 1;
            var chunk = Chunk([.. events[at].Parts], ends ? reply.OutputTokens : events[at].Tokens, ends);
            yield return ends ? Last(chunk) : chunk;
        }
    }

    private IEnumerable<(List<JsonNode> Parts, int Tokens)> Events()
    {
        if (Thoughts() is { Count: > 0 } thoughts)
        {
            yield return (thoughts, 0);
        }

        var said = "";
        foreach (var piece in reply.Chunks)
        {
            said += piece;
            yield return ([Text(piece)], Tokens.Of(said));
        }

        if (reply.Calls.Count > 0 || (reply.Chunks.Count == 0 && Thoughts().Count == 0))
        {
            yield return (Calls(), reply.OutputTokens);
        }
    }

    private JsonObject Chunk(JsonArray parts, int outputTokens, bool ends)
    {
        var chunk = new JsonObject();
        if (reply.Script?.BlockReason is { } reason)
        {
            chunk["promptFeedback"] = new JsonObject { ["blockReason"] = reason, ["safetyRatings"] = Ratings(reason == "SAFETY") };
        }
        else
        {
            chunk["candidates"] = new JsonArray(Candidate(parts, ends));
        }

        chunk["usageMetadata"] = Usage(outputTokens);
        chunk["modelVersion"] = model;
        chunk["responseId"] = _id;
        return chunk;
    }

    private JsonObject Candidate(JsonArray parts, bool ends)
    {
        var candidate = new JsonObject { ["index"] = 0 };
        if (parts.Count > 0)
        {
            candidate["content"] = new JsonObject { ["role"] = "model", ["parts"] = parts };
        }

        if (ends)
        {
            var reason = reply.Script?.FinishReason ?? (reply.OutOfTokens ? "MAX_TOKENS" : "STOP");
            candidate["finishReason"] = reason;
            if (reason == "SAFETY")
            {
                candidate["safetyRatings"] = Ratings(blocked: true);
            }
        }

        return candidate;
    }

    private JsonObject Usage(int outputTokens)
    {
        var usage = new JsonObject { ["promptTokenCount"] = reply.Asked.Tokens };
        if (reply.CachedTokens > 0)
        {
            usage["cachedContentTokenCount"] = reply.CachedTokens;
            usage["cacheTokensDetails"] = Details(reply.CachedTokens);
        }

        // Counts of nothing are left out, as the real service leaves them out.
        if (outputTokens > 0)
        {
            usage["candidatesTokenCount"] = outputTokens;
        }

        if (reply.ThinkingTokens > 0)
        {
            usage["thoughtsTokenCount"] = reply.ThinkingTokens;
        }

        usage["totalTokenCount"] = reply.Asked.Tokens + outputTokens + reply.ThinkingTokens;
        usage["promptTokensDetails"] = Details(reply.Asked.Tokens);
        return usage;
    }

    private JsonObject Last(JsonObject chunk)
    {
        if (reply.Script?.Usage is { ValueKind: not JsonValueKind.Undefined } usage)
        {
            chunk["usageMetadata"] = JsonNode.Parse(usage.GetRawText());
            if (usage.ValueKind == JsonValueKind.Null)
            {
                chunk.Remove("usageMetadata");
            }
        }

        return chunk;
    }

    private List<JsonNode> Thoughts() =>
        showThoughts && reply.Thoughts is { Length: > 0 } thoughts ? [new JsonObject { ["text"] = thoughts, ["thought"] = true }] : [];

    private List<JsonNode> Calls() => [.. reply.Calls.Select((call, at) =>
    {
        var made = new JsonObject { ["id"] = $"call_{_id}_{at}", ["name"] = call.Name, ["args"] = JsonNode.Parse(Reply.ArgsOf(call)) };
        return new JsonObject { ["functionCall"] = made, ["thoughtSignature"] = ThoughtSignature.Of(made) };
    })];

    private static JsonNode Text(string text) => new JsonObject { ["text"] = text };

    private static JsonArray Details(int tokens) => [new JsonObject { ["modality"] = "TEXT", ["tokenCount"] = tokens }];

    private static JsonArray Ratings(bool blocked)
    {
        var rating = new JsonObject { ["category"] = "HARM_CATEGORY_DANGEROUS_CONTENT", ["probability"] = blocked ? "HIGH" : "NEGLIGIBLE" };
        if (blocked)
        {
            rating["blocked"] = true;
        }

        return [rating];
    }
}
