namespace Ledgerline.Calls.Status;

/// <summary>How far a call is, in the carrier's words.</summary>
internal static class CallStatus
{
    public const string Queued = "queued";
    public const string Initiated = "initiated";
    public const string Ringing = "ringing";
    public const string InProgress = "in-progress";
    public const string Completed = "completed";
    public const string Busy = "busy";
    public const string NoAnswer = "no-answer";
    public const string Failed = "failed";
    public const string Canceled = "canceled";

    private static readonly string[] Before = [Queued, Initiated, Ringing, InProgress];
    private static readonly string[] Over = [Completed, Busy, NoAnswer, Failed, Canceled];

    /// <summary>The same word for what the carrier writes; null for what is none of its words.</summary>
    public static string? Read(string? text) => text switch
    {
        "answered" => InProgress,
        _ => Before.Concat(Over).FirstOrDefault(word => word == text),
    };

    public static bool IsOver(string status) => Over.Contains(status);

    /// <summary>Whether news of the one follow news of the other; what is over stays as it ended.</summary>
    public static bool IsLater(string news, string than) => !IsOver(than) && (IsOver(news) || Array.IndexOf(Before, news) > Array.IndexOf(Before, than));
}

/// <summary>How far asking the carrier for a call has come.</summary>
internal static class Dialled
{
    /// <summary>Nothing was sent yet.</summary>
    public const string Waiting = "waiting";

    /// <summary>Something may have been sent.</summary>
    public const string Asking = "asking";

    /// <summary>Something was sent, and nobody said what came of it: looked up, never dialled again.</summary>
    public const string Unknown = "unknown";

    /// <summary>The carrier has it.</summary>
    public const string Placed = "placed";

    /// <summary>The carrier does not have it, for good.</summary>
    public const string Refused = "refused";
}
