using System.Text;
using System.Text.Json;

namespace Ledgerline.Calls.Bridge;

/// <summary>The second frame of a stream, which says whose it is.</summary>
/// <param name="Token">Null when the stream brought none.</param>
internal sealed record StartFrame(string CallSid, string StreamSid, string? Token)
{
    private const int LongestSid = 64;
    private const int LongestToken = 512;

    /// <summary>Null when it is no start of a call in µ-law.</summary>
    public static StartFrame? Read(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (Text(root, "event") != "start" || !root.TryGetProperty("start", out var start) || start.ValueKind != JsonValueKind.Object || !IsMuLaw(start))
            {
                return null;
            }

            var stream = Text(start, "streamSid") ?? Text(root, "streamSid");
            return Text(start, "callSid") is { } call && IsSid(call) && stream is not null && IsSid(stream)
                ? new StartFrame(call, stream, start.TryGetProperty("customParameters", out var custom) && Text(custom, "token") is { Length: > 0 and <= LongestToken } token ? token : null)
                : null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            return null;
        }
    }

    // Audio of another kind would be noise at the other end. A frame that does not name its kind has the only one there is.
    private static bool IsMuLaw(JsonElement start) =>
        !start.TryGetProperty("mediaFormat", out var format) || Text(format, "encoding") is null or "audio/x-mulaw";

    // It goes into frames of ours as it is, so it must not need escaping.
    private static bool IsSid(string text) => text.Length is > 0 and <= LongestSid && text.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_');

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
