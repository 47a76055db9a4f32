using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sandbox.OpenAi;

/// <summary>
/// What a test wants the next transcriptions to say. A JSON null leaves the field out; any other value, of whatever type, is
/// sent as it stands; <c>body</c> replaces the whole answer.
/// </summary>
internal sealed record NextAnswer
{
    public JsonElement Duration { get; init; }
    public JsonElement Usage { get; init; }
    public JsonElement Text { get; init; }
    public string? Body { get; init; }

    /// <summary>A stream loses its connection after so many events.</summary>
    public int? CutAfter { get; init; }

    public int Times { get; init; } = 1;

    public void ApplyTo(JsonObject answer)
    {
        Put(answer, "duration", Duration);
        Put(answer, "usage", Usage);
        Put(answer, "text", Text);
    }

    private static void Put(JsonObject answer, string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            answer.Remove(name);
        }
        else if (value.ValueKind != JsonValueKind.Undefined)
        {
            answer[name] = JsonNode.Parse(value.GetRawText());
        }
    }
}

/// <summary>The scripted answers, first come first served.</summary>
internal sealed class NextAnswers
{
    private readonly Lock _gate = new();
    private readonly Queue<NextAnswer> _queue = new();

    public void Add(NextAnswer next)
    {
        lock (_gate)
        {
            for (var time = 0; time < next.Times; time++)
            {
                _queue.Enqueue(next);
            }
        }
    }

    public NextAnswer? Take()
    {
        lock (_gate)
        {
            return _queue.TryDequeue(out var next) ? next : null;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _queue.Clear();
        }
    }
}
