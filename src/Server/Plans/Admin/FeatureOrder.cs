using System.Text.Json;
using System.Text.RegularExpressions;
using Ledgerline.Http;

namespace Ledgerline.Plans.Admin;

/// <summary>Checks what a plan shall promise: texts, yes or no, whole numbers; a number that is enforced must be one that can be.</summary>
internal static partial class FeatureOrder
{
    private const int Most = 50;
    private const int LongestText = 200;
    private const long LargestNumber = 1_000_000_000;

    /// <exception cref="Invalid">A promise makes no sense.</exception>
    public static OrderedDictionary<string, JsonElement> Read(JsonElement features)
    {
        if (features.ValueKind != JsonValueKind.Object)
        {
            throw new Invalid("body", "features", "features must be an object");
        }

        OrderedDictionary<string, JsonElement> read = [];
        foreach (var feature in features.EnumerateObject())
        {
            if (!Word().IsMatch(feature.Name))
            {
                throw new Invalid("body", "features", "A feature's name has 1 to 64 letters, digits and underscores");
            }

            if (!read.TryAdd(feature.Name, feature.Value))
            {
                throw new Invalid("body", $"features.{feature.Name}", $"{feature.Name} is given twice");
            }

            if (Fault(feature.Name, feature.Value) is { } fault)
            {
                throw new Invalid("body", $"features.{feature.Name}", $"{feature.Name} must be {fault}");
            }
        }

        return read.Count <= Most ? read : throw new Invalid("body", "features", $"A plan has at most {Most} features");
    }

    /// <summary>As JSON, with the number of calls where it was given beside the features.</summary>
    /// <exception cref="Invalid">It was given twice, and not alike.</exception>
    public static JsonElement Json(this OrderedDictionary<string, JsonElement> features, JsonElement? weeklyCalls)
    {
        if (weeklyCalls is { } calls)
        {
            if (features.TryGetValue(PlanFeatures.WeeklyCalls, out var given) && !JsonElement.DeepEquals(given, calls))
            {
                throw new Invalid("body", "pricing.weekly_calls", "weekly_calls is given twice, and not alike");
            }

            features[PlanFeatures.WeeklyCalls] = calls;
        }

        return JsonSerializer.SerializeToElement(features);
    }

    /// <summary>Completes "it must be …"; null when it is right.</summary>
    public static string? Fault(string name, JsonElement value) => name switch
    {
        _ when PlanFeatures.Counts.Contains(name) =>
            value.ValueKind == JsonValueKind.Null && name is PlanFeatures.WeeklyCalls or PlanFeatures.MonthlyCalls || IsUnlimited(value) || IsCount(value)
                ? null
                : $"a whole number from 0 to {LargestNumber}, or \"unlimited\"",
        PlanFeatures.TranscriptionStorage => value.ValueKind == JsonValueKind.String && PlanFeatures.TryStorage(value.GetString()!, out _)
            ? null
            : "a time such as \"30_days\" or \"1_year\", or \"unlimited\"",
        _ => value.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False => null,
            JsonValueKind.String when value.GetString()!.Length <= LongestText => null,
            JsonValueKind.Number when IsCount(value) => null,
            _ => $"true, false, a text of at most {LongestText} characters, or a whole number from 0 to {LargestNumber}",
        },
    };

    private static bool IsUnlimited(JsonElement value) => value.ValueKind == JsonValueKind.String && value.GetString() == PlanFeatures.Unlimited;

    private static bool IsCount(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number is >= 0 and <= LargestNumber;

    [GeneratedRegex("^[A-Za-z0-9_]{1,64}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
