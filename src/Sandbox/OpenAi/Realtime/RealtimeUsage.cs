using System.Text.Json.Nodes;

namespace Sandbox.OpenAi.Realtime;

/// <summary>What one response counts; what was cached is part of the input.</summary>
internal sealed record RealtimeUsage(int TextIn, int AudioIn, int CachedText, int CachedAudio, int TextOut, int AudioOut)
{
    public static readonly RealtimeUsage None = new(0, 0, 0, 0, 0, 0);

    public static RealtimeUsage operator +(RealtimeUsage one, RealtimeUsage other) => new(
        one.TextIn + other.TextIn, one.AudioIn + other.AudioIn, one.CachedText + other.CachedText, one.CachedAudio + other.CachedAudio,
        one.TextOut + other.TextOut, one.AudioOut + other.AudioOut);

    public int Total => TextIn + AudioIn + TextOut + AudioOut;

    public JsonObject Shape() => new()
    {
        ["total_tokens"] = Total,
        ["input_tokens"] = TextIn + AudioIn,
        ["output_tokens"] = TextOut + AudioOut,
        ["input_token_details"] = new JsonObject
        {
            ["text_tokens"] = TextIn,
            ["audio_tokens"] = AudioIn,
            ["image_tokens"] = 0,
            ["cached_tokens"] = CachedText + CachedAudio,
            ["cached_tokens_details"] = new JsonObject { ["text_tokens"] = CachedText, ["audio_tokens"] = CachedAudio, ["image_tokens"] = 0 },
        },
        ["output_token_details"] = new JsonObject { ["text_tokens"] = TextOut, ["audio_tokens"] = AudioOut },
    };
}
