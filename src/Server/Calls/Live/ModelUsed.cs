using System.Text.Json;
using Ledgerline.Ai;

namespace Ledgerline.Calls.Live;

/// <summary>What a model used in a call, as it is stored and shown.</summary>
internal sealed record ModelUsed(
    string Model, long TextInputTokens, long CachedTextTokens, long AudioInputTokens, long CachedAudioTokens, long TextOutputTokens, long AudioOutputTokens)
{
    public static ModelUsed Of(string model, VoiceUsage usage) => new(
        model, usage.TextInput, usage.CachedText, usage.AudioInput, usage.CachedAudio, usage.TextOutput, usage.AudioOutput);
}

/// <summary>How what is stored of a call is written.</summary>
internal static class CallJson
{
    public static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}
