using Ledgerline.Kernel;

namespace Ledgerline.Notices;

/// <summary>How a notice reaches somebody.</summary>
internal static class Channel
{
    public const string Mail = "mail";
    public const string Text = "text";
}

/// <summary>What became of a notice.</summary>
internal static class NoticeStatus
{
    public const string Waiting = "waiting";

    /// <summary>A text message is about to be sent: whoever finds it so later does not know whether it was.</summary>
    public const string Sending = "sending";

    public const string Sent = "sent";
    public const string Skipped = "skipped";
    public const string Refused = "refused";
    public const string Doubtful = "doubtful";
}

/// <summary>A notice to be written.</summary>
/// <param name="ExpiresAt">From then on it is of no use to anybody; null: never.</param>
internal readonly record struct NewNotice(
    AccountId Account, string Key, string Id, string Channel, string Subject, string Text, string? Html, DateTimeOffset At, DateTimeOffset? ExpiresAt);

/// <summary>A notice that has not gone yet.</summary>
internal sealed class OpenNotice
{
    public required string NoticeKey { get; init; }
    public required string Channel { get; init; }
    public required string Status { get; init; }
    public required string Subject { get; init; }
    public required string BodyText { get; init; }
    public string? BodyHtml { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
}
