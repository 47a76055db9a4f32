using System.Text.Json;

namespace Ledgerline.Plans;

/// <summary>Reads what a plan promises.</summary>
internal static class PlanFeatures
{
    public const string WeeklyCalls = "weekly_calls";
    public const string MonthlyCalls = "monthly_calls";
    public const string VoiceMinutes = "voice_minutes";
    public const string SmsMessages = "sms_messages";
    public const string CustomScenarios = "custom_scenarios";
    public const string MessagesPerDay = "messages_per_day";
    public const string TranscriptionStorage = "transcription_storage";
    public const string Unlimited = "unlimited";

    /// <summary>Promises that are numbers, or <see cref="Unlimited"/>.</summary>
    public static readonly IReadOnlyList<string> Counts = [WeeklyCalls, MonthlyCalls, VoiceMinutes, SmsMessages, CustomScenarios, MessagesPerDay];

    /// <summary>Null when the plan promises no number: it is unlimited, or not spoken of.</summary>
    public static long? Count(JsonElement features, string name) =>
        features.ValueKind == JsonValueKind.Object && features.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    /// <summary>Whether the plan says that there is no end to it.</summary>
    public static bool IsUnlimited(JsonElement features, string name) =>
        features.ValueKind == JsonValueKind.Object && features.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() == Unlimited;

    /// <summary>How long transcripts are kept; null: for ever.</summary>
    public static TimeSpan? Storage(JsonElement features, TimeSpan? otherwise) =>
        features.ValueKind == JsonValueKind.Object && features.TryGetProperty(TranscriptionStorage, out var value) && value.ValueKind == JsonValueKind.String
            && TryStorage(value.GetString()!, out var kept)
            ? kept
            : otherwise;

    /// <summary><c>30_days</c>, <c>1_year</c>, <c>unlimited</c> (null).</summary>
    public static bool TryStorage(string text, out TimeSpan? kept)
    {
        kept = null;
        if (text == Unlimited)
        {
            return true;
        }

        if (text.Split('_') is [var count, var unit] && int.TryParse(count, System.Globalization.NumberStyles.None, null, out var number) && number is > 0 and <= 3650)
        {
            kept = unit switch
            {
                "day" or "days" => TimeSpan.FromDays(number),
                "year" or "years" when number <= 10 => TimeSpan.FromDays(365 * number),
                _ => null,
            };
        }

        return kept is not null;
    }
}
