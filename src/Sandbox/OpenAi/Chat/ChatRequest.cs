using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sandbox.Replies;

namespace Sandbox.OpenAi.Chat;

/// <summary>What a chat completion asks for, checked against what its model can do; a name that is not published is refused.</summary>
internal sealed partial record ChatRequest(string Model, Asked Asked, bool Stream, bool IncludeUsage, bool Obfuscate)
{
    private const int LongestPrompt = 400_000;

    private static readonly string[] Names =
    [
        "messages", "model", "service_tier", "modalities", "verbosity", "reasoning_effort", "max_completion_tokens", "frequency_penalty", "presence_penalty", "top_logprobs",
        "response_format", "store", "moderation", "stream", "stop", "logit_bias", "logprobs", "max_tokens", "n", "seed", "stream_options", "tools", "tool_choice",
        "parallel_tool_calls", "metadata", "temperature", "top_p", "user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options",
    ];

    private static readonly string[] NotPlayed = ["audio", "web_search_options", "prediction", "functions", "function_call"];

    public static ChatRequest Read(JsonObject body)
    {
        CheckNames(body);
        var model = Text(body, "model") ?? throw new OpenAiError(400, "you must provide a model parameter", "model");
        if (!OpenAiModels.Talks(model))
        {
            throw OpenAiModels.Listens(model)
                ? new OpenAiError(404, "This is not a chat model and thus not supported in the v1/chat/completions endpoint.", "model")
                : OpenAiModels.NotFound(model);
        }

        var most = MostTokens(body, model);
        CheckSampling(body, model);
        var stream = Flag(body, "stream");
        var options = body["stream_options"];
        if (options is not null && !stream)
        {
            throw new OpenAiError(400, "The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
        }

        var messages = ChatMessages.Read(body["messages"]);
        var tokens = messages.Tokens + ToolTokens(body);
        if (tokens > LongestPrompt)
        {
            throw new OpenAiError(
                400, $"This model's maximum context length is {LongestPrompt} tokens. However, your messages resulted in {tokens} tokens.", "messages", "context_length_exceeded");
        }

        return new ChatRequest(
            model, new Asked(messages.LastUserText, messages.Turns, tokens, most), stream,
            Flag(options as JsonObject ?? [], "include_usage"), Flag(options as JsonObject ?? [], "include_obfuscation", otherwise: true));
    }

    private static void CheckNames(JsonObject body)
    {
        foreach (var (name, _) in body)
        {
            if (NotPlayed.Contains(name))
            {
                throw new OpenAiError(400, $"The sandbox does not play '{name}'.", name, "sandbox_not_played");
            }

            if (!Names.Contains(name))
            {
                throw new OpenAiError(400, $"Unknown parameter: '{name}'.", name, "unknown_parameter");
            }
        }
    }

    private static int? MostTokens(JsonObject body, string model)
    {
        if (body["max_tokens"] is not null && OpenAiModels.Reasons(model))
        {
            throw new OpenAiError(
                400, "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "max_tokens", "unsupported_parameter");
        }

        return (int?)(Number(body, "max_completion_tokens", 1, 128_000, whole: true) ?? Number(body, "max_tokens", 1, 128_000, whole: true));
    }

    private static void CheckSampling(JsonObject body, string model)
    {
        if (Number(body, "temperature", 0, 2) is { } temperature and not 1 && OpenAiModels.Reasons(model))
        {
            throw new OpenAiError(
                400, $"Unsupported value: 'temperature' does not support {temperature} with this model. Only the default (1) value is supported.", "temperature", "unsupported_value");
        }

        Number(body, "top_p", 0, 1);
        Number(body, "frequency_penalty", -2, 2);
        Number(body, "presence_penalty", -2, 2);
        if (Number(body, "n", 1, 128, whole: true) is > 1)
        {
            throw new OpenAiError(400, "The sandbox plays n = 1 only.", "n", "sandbox_not_played");
        }

        if (Text(body, "safety_identifier") is { Length: > 64 })
        {
            throw new OpenAiError(400, "Invalid 'safety_identifier': string too long. Expected a string with maximum length 64.", "safety_identifier", "string_above_max_length");
        }
    }

    private static int ToolTokens(JsonObject body)
    {
        if (body["tools"] is not { } tools)
        {
            return body["tool_choice"] is null ? 0 : throw new OpenAiError(400, "'tool_choice' is only allowed when 'tools' are specified.", "tool_choice");
        }

        var list = tools as JsonArray ?? throw ChatMessages.Wrong("tools", "an array of tools");
        for (var at = 0; at < list.Count; at++)
        {
            if (list[at] is not JsonObject tool || ChatMessages.Text(tool["type"]) != "function"
                || ChatMessages.Text((tool["function"] as JsonObject)?["name"]) is not { } name || !ToolName().IsMatch(name))
            {
                throw new OpenAiError(400, $"Invalid 'tools[{at}].function.name': a function has a name of letters, digits, _ and -, 64 at most.", $"tools[{at}].function.name", "invalid_value");
            }
        }

        return Tokens.Of(list.ToJsonString(Core.Json.Options));
    }

    private static string? Text(JsonObject body, string name) =>
        body[name] is not { } value ? null : ChatMessages.Text(value) ?? throw ChatMessages.Wrong(name, "a string");

    private static bool Flag(JsonObject body, string name, bool otherwise = false) => body[name]?.GetValueKind() switch
    {
        null => otherwise,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw ChatMessages.Wrong(name, "a boolean"),
    };

    private static decimal? Number(JsonObject body, string name, decimal least, decimal most, bool whole = false)
    {
        if (body[name] is not { } given)
        {
            return null;
        }

        if (given.GetValueKind() != JsonValueKind.Number || !decimal.TryParse(given.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number)
            || (whole && number != decimal.Truncate(number)))
        {
            throw ChatMessages.Wrong(name, whole ? "an integer" : "a number");
        }

        return number >= least && number <= most
            ? number
            : throw new OpenAiError(400, $"Invalid '{name}': expected a value between {least} and {most}, but got {number} instead.", name, "invalid_value");
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9_-]{1,64}\z")]
    private static partial Regex ToolName();
}
