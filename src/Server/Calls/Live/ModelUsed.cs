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

/// <summary>Sums of usage.</summary>
internal static class VoiceUsageSums
{
    public static VoiceUsage Plus(this VoiceUsage one, VoiceUsage other) => one with
    {
        TextInput = one.TextInput + other.TextInput,
        AudioInput = one.AudioInput + other.AudioInput,
        CachedText = one.CachedText + other.CachedText,
        CachedAudio = one.CachedAudio + other.CachedAudio,
        TextOutput = one.TextOutput + other.TextOutput,
        AudioOutput = one.AudioOutput + other.AudioOutput,
    };
}

/// <summary>How what is stored of a call is written.</summary>
internal static class CallJson
{
    public static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}
