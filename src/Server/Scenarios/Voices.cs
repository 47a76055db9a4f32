namespace Ledgerline.Scenarios;

/// <summary>The realtime provider's voices, and our names for them.</summary>
public static class Voices
{
    /// <summary>As the provider names them.</summary>
    public static readonly IReadOnlyList<string> Raw = ["alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse"];

    private static readonly OrderedDictionary<string, string> Named = new()
    {
        ["aggressive_male"] = "ash",
        ["warm_engaging_female"] = "alloy",
        ["warm_engaging"] = "alloy",
        ["gentle_supportive_female"] = "coral",
        ["gentle_supportive"] = "coral",
        ["elderly_female"] = "sage",
        ["professional_neutral_male"] = "echo",
        ["professional_neutral"] = "echo",
        ["professional_british_male"] = "ballad",
        ["professional_british"] = "ballad",
        ["energetic_upbeat_female"] = "shimmer",
        ["energetic_upbeat"] = "shimmer",
        ["warm_male"] = "verse",
        ["concerned_female"] = "coral",
        ["deep_authoritative"] = "echo",
        ["clear_optimistic"] = "shimmer",
    };

    /// <summary>Everything that may be sent as a voice.</summary>
    public static IEnumerable<string> All => Named.Keys.Concat(Raw);

    /// <summary>The provider's voice; null for what is none.</summary>
    public static string? Find(string voiceType) => Named.TryGetValue(voiceType, out var voice) ? voice : Raw.FirstOrDefault(raw => raw == voiceType);
}
