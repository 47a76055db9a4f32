namespace Tests.House;

/// <summary>The law of floors: a folder names types of its own and of lower floors, never a neighbour's, never upward.</summary>
internal static class Floors
{
    private const string House = "Ledgerline";

    private static readonly string[][] FromTheGroundUp =
    [
        ["Kernel"],
        ["Persistence", "Nodes", "Ai", "Providers.Wire"],
        ["Jobs", "Http", "Audio", "Providers.Stripe", "Providers.Metronome", "Providers.OpenAi", "Providers.Gemini", "Providers.Twilio", "Providers.Google", "Providers.Apple", "Providers.Mail"],
        ["Identity", "Wallet"],
        ["Plans", "Scenarios", "Business", "Realtime", "Notices"],
        ["Usage", "Billing"],
        ["Gateway", "Numbers", "Calendar"],
        ["Calls", "Texts", "Chat", "Voice", "Transcription"],
        ["Onboarding", "Insights"],
        ["Mobile", "WebClient"],
    ];

    private static readonly Dictionary<string, string[]> Doors = new()
    {
        ["Providers.OpenAi"] = ["Gateway"],
        ["Providers.Gemini"] = ["Gateway"],
        ["Providers.Stripe"] = ["Billing"],
        ["Providers.Metronome"] = ["Billing", "Usage"],
        ["Wallet"] = ["Plans", "Usage", "Billing"],
    };

    /// <summary>Null when the arrow may be, else a sentence. Types directly in the house's namespace are the roof, which sees everything.</summary>
    public static string? Objection(Arrow arrow)
    {
        var (from, to) = (FolderOf(arrow.From), FolderOf(arrow.To));
        if (from is null or "" || to is null || from == to)
        {
            return null;
        }

        var knows = $"{Short(arrow.From)} must not know {Short(arrow.To)}";
        return FloorOf(from) is not { } standing ? $"The folder {from} stands on no floor: give it one in tests/Tests/House/Floors.cs."
            : to == "" ? $"{knows}: nothing looks up to the roof."
            : FloorOf(to) is not { } below ? $"The folder {to} stands on no floor: give it one in tests/Tests/House/Floors.cs."
            : below >= standing ? $"{knows}."
            : Doors.TryGetValue(to, out var allowed) && !allowed.Contains(from) ? $"{knows}: only {string.Join(" and ", allowed)} may name {to}."
            : null;
    }

    // Null for what the compiler adds outside the house; "" for the roof.
    private static string? FolderOf(string type) => type.Split('.') switch
    {
        [House, _] => "",
        [House, "Providers", var provider, _, ..] => $"Providers.{provider}",
        [House, var folder, _, ..] => folder,
        _ => null,
    };

    private static int? FloorOf(string folder) => Array.FindIndex(FromTheGroundUp, floor => floor.Contains(folder)) is var floor and >= 0 ? floor : null;

    private static string Short(string type) => type[(House.Length + 1)..];
}
