using System.Text.Json;
using System.Text.Json.Nodes;
using Sandbox.Core;
using Sandbox.Replies;

namespace Sandbox.OpenAi.Chat;

/// <summary>A reply in OpenAI's shape: one completion, or chunks of it.</summary>
internal sealed class ChatAnswer(Reply reply, ChatRequest request, long created)
{
    private const int ArgumentsInAPiece = 12;

    private readonly string _id = Ids.New("chatcmpl-", 29);

    public JsonObject Whole()
    {
        if (reply.Script is { Empty: true })
        {
            return [];
        }

        var message = new JsonObject { ["role"] = "assistant", ["content"] = HasContent ? reply.Text : null, ["refusal"] = reply.Script?.Refusal, ["annotations"] = new JsonArray() };
        if (reply.Calls.Count > 0)
        {
            message["tool_calls"] = new JsonArray([.. reply.Calls.Select((call, at) => new JsonObject
            {
                ["id"] = CallId(at),
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = Reply.ArgsOf(call) },
            })]);
        }

        var answer = Frame("chat.completion", new JsonObject { ["index"] = 0, ["message"] = message, ["logprobs"] = null, ["finish_reason"] = FinishReason });
        if (Usage() is { } usage)
        {
            answer["usage"] = usage;
        }

        return answer;
    }

    /// <summary>Every event of the stream, the closing one included.</summary>
    public IEnumerable<string> Events()
    {
        if (reply.Script is { Empty: true })
        {
            yield break;
        }

        yield return Event(Delta(new JsonObject { ["role"] = "assistant", ["content"] = HasContent ? "" : null, ["refusal"] = null }));
        foreach (var piece in reply.Chunks)
        {
            yield return Event(Delta(new JsonObject { ["content"] = piece }));
        }

        if (reply.Script?.Refusal is { } refusal)
        {
            yield return Event(Delta(new JsonObject { ["refusal"] = refusal }));
        }

        for (var at = 0; at < reply.Calls.Count; at++)
        {
            foreach (var fragment in Fragments(reply.Calls[at], at))
            {
                yield return Event(Delta(new JsonObject { ["tool_calls"] = new JsonArray(fragment) }));
            }
        }

        yield return Event(Delta([], FinishReason));
        if (request.IncludeUsage && Usage() is { } usage)
        {
            var last = Frame("chat.completion.chunk");
            last["usage"] = usage;
            yield return Event(last);
        }

        yield return "data: [DONE]\n\n";
    }

    private bool HasContent => reply.Script is not ({ NoContent: true } or { Refusal: not null }) && (reply.Calls.Count == 0 || reply.Text.Length > 0);

    private string FinishReason =>
        reply.Script?.FinishReason ?? (reply.OutOfTokens ? "length" : reply.Calls.Count > 0 ? "tool_calls" : "stop");

    // The first fragment names the call, the others bring its arguments, piece by piece.
    private IEnumerable<JsonObject> Fragments(ReplyCall call, int at)
    {
        yield return new JsonObject
        {
            ["index"] = at,
            ["id"] = CallId(at),
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = "" },
        };
        foreach (var piece in Reply.ArgsOf(call).Chunk(ArgumentsInAPiece))
        {
            yield return new JsonObject { ["index"] = at, ["function"] = new JsonObject { ["arguments"] = new string(piece) } };
        }
    }

    private JsonObject Delta(JsonObject delta, string? finishReason = null)
    {
        var chunk = Frame("chat.completion.chunk", new JsonObject { ["index"] = 0, ["delta"] = delta, ["logprobs"] = null, ["finish_reason"] = finishReason });
        if (request.IncludeUsage)
        {
            chunk["usage"] = null;
        }

        if (request.Obfuscate)
        {
            chunk["obfuscation"] = Ids.New("", 8);
        }

        return chunk;
    }

    private JsonObject Frame(string type, params JsonNode[] choices) => new()
    {
        ["id"] = _id,
        ["object"] = type,
        ["created"] = created,
        ["model"] = request.Model,
        ["choices"] = new JsonArray(choices),
        ["service_tier"] = "default",
    };

    private JsonNode? Usage()
    {
        if (reply.Script?.Usage is { ValueKind: not JsonValueKind.Undefined } scripted)
        {
            return JsonNode.Parse(scripted.GetRawText());
        }

        var output = reply.OutputTokens + reply.ThinkingTokens;
        return new JsonObject
        {
            ["prompt_tokens"] = reply.Asked.Tokens,
            ["completion_tokens"] = output,
            ["total_tokens"] = reply.Asked.Tokens + output,
            ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = reply.CachedTokens, ["audio_tokens"] = 0 },
            ["completion_tokens_details"] = new JsonObject
            {
                ["reasoning_tokens"] = reply.ThinkingTokens,
                ["audio_tokens"] = 0,
                ["accepted_prediction_tokens"] = 0,
                ["rejected_prediction_tokens"] = 0,
            },
        };
    }

    private string CallId(int at) => $"call_{_id[9..]}{at}";

    private static string Event(JsonObject chunk) => $"data: {chunk.ToJsonString(Json.Options)}\n\n";
}
