using Ledgerline.Plans;

namespace Ledgerline.Usage.Recorded;

/// <summary>Something that is priced by the unit.</summary>
/// <param name="Name">As clients write it: <c>voice_call</c>.</param>
/// <param name="Unit">What is counted, in the plural.</param>
/// <param name="PriceName">The member of the plan's <c>pricing</c>: <c>voice_per_minute</c>.</param>
public sealed record MeteredService(string Name, string Unit, string PriceName)
{
    public const string Transcription = "transcription";
    public const string VoiceCall = "voice_call";
    public const string Sms = "sms";
    public const string CustomScenario = "custom_scenario";
    public const string ChatMessage = "chat_message";

    /// <summary>All there are, in the order in which they are shown.</summary>
    public static readonly IReadOnlyList<MeteredService> All =
    [
        new(Transcription, "minutes", "transcription_per_minute"),
        new(VoiceCall, "minutes", "voice_per_minute"),
        new(Sms, "messages", "sms_per_message"),
        new(CustomScenario, "scenarios", "custom_scenario_setup"),
        new(ChatMessage, "messages", Plan.ChatPerMessage),
    ];

    /// <summary>Null for a service that does not exist.</summary>
    public static MeteredService? Find(string? name) => All.FirstOrDefault(service => service.Name == name);
}
