using Ledgerline.Kernel;

namespace Ledgerline.Plans;

/// <summary>A subscriber who pays by use has used something. Published in the transaction that recorded the use.</summary>
/// <param name="Service">One of <see cref="UsedService"/>.</param>
/// <param name="Amount">In the service's unit: minutes, messages, scenarios.</param>
/// <param name="UsageId">Names this use, so that it is billed once.</param>
/// <param name="OwnCents">What it costs where that is not the plan's price times the amount; null where it is.</param>
/// <param name="Cents">What it costs, rounded.</param>
public sealed record PayAsYouGoUsed(AccountId Account, string Service, long Amount, string UsageId, DateTimeOffset At, long? OwnCents = null, long Cents = 0);

/// <summary>What can be used, as clients write it.</summary>
public static class UsedService
{
    public const string VoiceCall = "voice_call";
    public const string Sms = "sms";
    public const string CustomScenario = "custom_scenario";
    public const string Transcription = "transcription";
    public const string ChatMessage = "chat_message";
}
