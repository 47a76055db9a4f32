using System.Text.Json;
using Ledgerline.Ai;

namespace Ledgerline.Gateway.V1.Chat;

/// <summary>A request in OpenAI's words as a conversation in nobody's, for providers who speak another protocol.</summary>
internal static class ChatTranslation
{
    private static readonly string[] Untranslatable = ["logit_bias", "functions", "function_call", "prediction"];

    /// <exception cref="V1Refusal">Something in it cannot be said in other words.</exception>
    public static ChatOrder Of(JsonElement body, ChatAsk ask)
    {
        var model = ask.Model.Id;
        if (Untranslatable.FirstOrDefault(name => body.Maybe(name) is not null) is { } foreign)
        {
            throw Fields.NotWith(model, foreign);
        }

        if (ask.Choices != 1)
        {
            throw V1Refusal.Wrong("n", $"n is 1 with {model}.");
        }

        if (body.Flag("logprobs"))
        {
            throw Fields.NotWith(model, "logprobs");
        }

        var (instruction, turns) = ChatMessages.Of(body.Objects("messages"));
        return new ChatOrder(model, turns)
        {
            Instruction = instruction,
            MostTokens = ask.Most,
            Style = StyleOf(body),
            Tools = [.. body.Objects("tools").Select(Tool)],
            ToolChoice = Choice(body),
        };
    }

    private static ChatStyle StyleOf(JsonElement body)
    {
        var format = body.Object("response_format");
        var type = format?.Text("type", "response_format.type");
        return new ChatStyle
        {
            Temperature = body.Number("temperature", 0, 2),
            TopP = body.Number("top_p", 0, 1),
            PresencePenalty = body.Number("presence_penalty", -2, 2),
            FrequencyPenalty = body.Number("frequency_penalty", -2, 2),
            Seed = body.Whole("seed", int.MinValue, int.MaxValue),
            Stop = body.Texts("stop", most: 4),
            IsJson = type is "json_object" or "json_schema",
            Schema = type switch
            {
                null or "text" or "json_object" => null,
                "json_schema" when format?.Object("json_schema", "response_format.json_schema") is { } described =>
                    described.Object("schema", "response_format.json_schema.schema")?.GetRawText(),
                _ => throw Fields.Wrong("response_format", "must be of the type text, json_object or json_schema"),
            },
            MostThinking = body.Text("reasoning_effort") switch
            {
                null => null,
                "none" => 0,
                "minimal" => 512,
                "low" => 1024,
                "medium" => 8192,
                "high" or "xhigh" => 24_576,
                _ => throw V1Refusal.Wrong("reasoning_effort", "reasoning_effort takes none, minimal, low, medium and high."),
            },
        };
    }

    private static ChatTool Tool(JsonElement tool, int index)
    {
        var path = $"tools[{index}]";
        if (tool.Text("type", path) != "function" || tool.Object("function", path) is not { } function || function.Text("name", path) is not { Length: > 0 } name)
        {
            throw Fields.Wrong(path, "must be of the type function and have a function with a name");
        }

        return new ChatTool(name, function.Text("description", path), function.Object("parameters", $"{path}.function.parameters")?.GetRawText());
    }

    private static ToolChoice? Choice(JsonElement body)
    {
        if (body.Maybe("tool_choice") is not { } choice)
        {
            return null;
        }

        if (choice.ValueKind == JsonValueKind.String)
        {
            return body.Text("tool_choice") switch
            {
                "auto" => new ToolChoice(ToolChoice.May),
                "required" => new ToolChoice(ToolChoice.Must),
                "none" => new ToolChoice(ToolChoice.MustNot),
                _ => throw Fields.Wrong("tool_choice", "must be auto, none, required or a function"),
            };
        }

        return body.Object("tool_choice")?.Object("function", "tool_choice.function")?.Text("name", "tool_choice.function.name") is { } named
            ? new ToolChoice(ToolChoice.Must, named)
            : throw Fields.Wrong("tool_choice", "must be auto, none, required or a function");
    }
}
