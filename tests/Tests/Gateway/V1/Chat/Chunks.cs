using System.Text.Json;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1.Chat;

/// <summary>A stream of chunks as a client reads it.</summary>
internal sealed class Chunks
{
    private const string Data = "data: ";

    private Chunks(IReadOnlyList<JsonElement> all, bool isDone) => (All, IsDone) = (all, isDone);

    public IReadOnlyList<JsonElement> All { get; }

    /// <summary>It ended with <c>[DONE]</c>.</summary>
    public bool IsDone { get; }

    public string Text => string.Concat(Deltas("content").Select(text => text.GetString()));

    public IReadOnlyList<JsonElement> Calls => [.. Deltas("tool_calls").SelectMany(calls => calls.EnumerateArray())];

    public string? Finish => Choices.Select(choice => choice.GetProperty("finish_reason").GetString()).LastOrDefault(reason => reason is not null);

    /// <summary>Of the chunk that has no choices; null when there is none.</summary>
    public JsonElement? Usage => All.Where(chunk => chunk.TryGetProperty("choices", out var choices) && choices.GetArrayLength() == 0)
        .Select(chunk => (JsonElement?)chunk.GetProperty("usage")).SingleOrDefault();

    /// <summary>What the last event says went wrong.</summary>
    public string? Error => All[^1].TryGetProperty("error", out var error) ? error.GetProperty("message").GetString() : null;

    private IEnumerable<JsonElement> Choices => All.Where(chunk => chunk.TryGetProperty("choices", out _)).SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray());

    public static Chunks Of(V1Reply reply)
    {
        Assert.Equal((200, "text/event-stream; charset=utf-8"), (reply.Status, reply.ContentType));
        return Of(reply.Text);
    }

    public static Chunks Of(string stream)
    {
        var events = stream.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.All(events, one => Assert.StartsWith(Data, one, StringComparison.Ordinal));
        var data = events.Select(one => one[Data.Length..]).ToList();
        return new Chunks([.. data.Where(one => one != "[DONE]").Select(one => JsonDocument.Parse(one).RootElement)], data[^1] == "[DONE]");
    }

    private IEnumerable<JsonElement> Deltas(string name) => Choices.Select(choice => choice.GetProperty("delta"))
        .Where(delta => delta.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null).Select(delta => delta.GetProperty(name));
}

/// <summary>The sandbox's Gemini and chat completions as a test scripts and watches them.</summary>
internal static class ChatSandbox
{
    public static Task Replies(this TestWorld world, string provider, object reply) => world.Control($"/_sandbox/{provider}/replies", reply);

    public static async Task<IReadOnlyList<JsonElement>> Asked(this TestWorld world, string provider) =>
        [.. (await world.Control($"/_sandbox/requests?provider={provider}&limit=1000")).EnumerateArray()];

    /// <summary>An answer waits in the middle.</summary>
    public static Task Paused(this TestWorld world, string provider, int times = 1) => TestWorld.Until(
        async () => (await world.Control($"/_sandbox/{provider}/pauses")).GetArrayLength() == times, "the model's answer waits");

    public static Task Release(this TestWorld world, string provider) => world.Control($"/_sandbox/{provider}/release", new { });

    public static Task ChatFails(this TestWorld world, string provider, object fault)
    {
        var all = JsonSerializer.SerializeToNode(fault)!.AsObject();
        all["provider"] = provider;
        return world.Control("/_sandbox/faults", all);
    }
}
