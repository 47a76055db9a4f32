using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ledgerline.Ai;

namespace Ledgerline.Gateway.V1.Chat;

/// <summary>Writes answers as OpenAI has them: whole, or in the chunks of a stream.</summary>
/// <param name="id">The same in every chunk.</param>
/// <param name="wantsUsage">The caller asked for the usage, so every chunk names it.</param>
internal sealed class ChatAnswers(string id, string model, DateTimeOffset created, bool wantsUsage)
{
    public const string Done = "data: [DONE]\n\n";

    // It is JSON in an answer that is nothing else: only what JSON itself needs is escaped.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private int calls;

    public string First() => Chunk(json => Delta(json, null, delta =>
    {
        delta.WriteString("role", "assistant");
        delta.WriteString("content", "");
        delta.WriteNull("refusal");
    }));

    /// <summary>Empty when the piece shows nothing.</summary>
    public string Next(ChatPiece piece)
    {
        var written = piece.Text.Length == 0 ? "" : Chunk(json => Delta(json, null, delta => delta.WriteString("content", piece.Text)));
        return piece.Calls.Count == 0 ? written : written + Chunk(json => Delta(json, null, delta => Calls(delta, piece.Calls, numbered: true)));
    }

    public string Last(string end) => Chunk(json => Delta(json, Reason(end), _ => { }));

    /// <summary>The chunk before the end, for who asked for it.</summary>
    public string Usage(TokenUsage usage, Cost cost) => !wantsUsage ? "" : Chunk(
        json =>
        {
            json.WriteStartArray("choices");
            json.WriteEndArray();
        },
        json => Usage(json, usage, cost));

    public string Whole(string text, IReadOnlyList<ToolCall> made, string end, TokenUsage usage) => Json(json =>
    {
        Head(json, "chat.completion");
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        if (text.Length == 0 && made.Count > 0)
        {
            json.WriteNull("content");
        }
        else
        {
            json.WriteString("content", text);
        }

        json.WriteNull("refusal");
        if (made.Count > 0)
        {
            Calls(json, made, numbered: false);
        }

        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", Reason(end));
        json.WriteEndObject();
        json.WriteEndArray();
        Usage(json, usage, null);
    });

    private static string Reason(string end) => end switch
    {
        ChatEnd.Length => "length",
        ChatEnd.Blocked => "content_filter",
        ChatEnd.Calls => "tool_calls",
        _ => "stop",
    };

    private string Chunk(Action<Utf8JsonWriter> choices, Action<Utf8JsonWriter>? usage = null)
    {
        var chunk = Json(json =>
        {
            Head(json, "chat.completion.chunk");
            choices(json);
            if (usage is not null)
            {
                usage(json);
            }
            else if (wantsUsage)
            {
                json.WriteNull("usage");
            }
        });
        return $"data: {chunk}\n\n";
    }

    private void Head(Utf8JsonWriter json, string kind)
    {
        json.WriteString("id", id);
        json.WriteString("object", kind);
        json.WriteNumber("created", created.ToUnixTimeSeconds());
        json.WriteString("model", model);
    }

    private static void Delta(Utf8JsonWriter json, string? reason, Action<Utf8JsonWriter> delta)
    {
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("delta");
        delta(json);
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", reason);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void Calls(Utf8JsonWriter json, IReadOnlyList<ToolCall> made, bool numbered)
    {
        json.WriteStartArray("tool_calls");
        foreach (var call in made)
        {
            json.WriteStartObject();
            if (numbered)
            {
                json.WriteNumber("index", calls++);
            }

            json.WriteString("id", CallId.Of(call));
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", call.Name);
            json.WriteString("arguments", call.Arguments);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Usage(Utf8JsonWriter json, TokenUsage usage, Cost? cost)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", usage.Input);
        json.WriteNumber("completion_tokens", usage.Output);
        json.WriteNumber("total_tokens", usage.Input + usage.Output);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", usage.CachedInput);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details");
        json.WriteNumber("reasoning_tokens", usage.Thought);
        json.WriteEndObject();
        if (cost is not null)
        {
            json.WritePropertyName("cost_credits");
            json.WriteRawValue(Cost.Amount(cost.Charged));
            json.WritePropertyName("balance_credits");
            json.WriteRawValue(Cost.Amount(cost.Available));
        }

        json.WriteEndObject();
    }

    private static string Json(Action<Utf8JsonWriter> content)
    {
        using var written = new MemoryStream();
        using (var json = new Utf8JsonWriter(written, Plain))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(written.GetBuffer(), 0, (int)written.Length);
    }
}
