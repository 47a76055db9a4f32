using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ledgerline.Ai;
using Ledgerline.Providers.OpenAi;

namespace Ledgerline.Gateway.V1;

/// <summary>The event that ends a transcript's stream: the whole text, and what it used.</summary>
/// <param name="Text">The event as it came.</param>
/// <param name="Data">What it carries.</param>
/// <param name="After">Whatever came after it.</param>
internal sealed record LastEvent(string Text, string Data, string After = "")
{
    private const string Name = "transcript.text.done";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Null for every other event.</summary>
    /// <exception cref="ModelFailure">The provider says within its stream that it failed.</exception>
    public static LastEvent? Of(string text)
    {
        var data = string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Where(line => line.StartsWith("data:", StringComparison.Ordinal)).Select(line => line[5..].TrimStart(' ')));
        if (!data.StartsWith('{'))
        {
            return null;
        }

        try
        {
            using var parsed = JsonDocument.Parse(data);
            return parsed.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
                ? throw new ModelFailure(ModelFailure.Upstream, "OpenAI's stream ended with an error.")
                : parsed.RootElement.TryGetProperty("type", out var type) && type.ValueEquals(Name) ? new LastEvent(text, data) : null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <exception cref="ModelFailure">It is no transcript.</exception>
    public Consumption Consumption(string? requestId) => TranscriptionAnswer.Read(Encoding.UTF8.GetBytes(Data), requestId).Consumption;

    /// <summary>The event with what it cost and what is left in its usage, where it has one.</summary>
    public string With(Cost cost)
    {
        var data = JsonNode.Parse(Data)!.AsObject();
        if (data["usage"] is not JsonObject usage)
        {
            return Text + After;
        }

        cost.WriteTo(usage);
        var name = Text.Split('\n')[0] is var first && first.StartsWith("event:", StringComparison.Ordinal) ? first.TrimEnd('\r') + "\n" : "";
        return $"{name}data: {data.ToJsonString(Readable)}\n\n{After}";
    }
}
