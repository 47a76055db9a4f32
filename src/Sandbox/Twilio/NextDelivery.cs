namespace Sandbox.Twilio;

/// <summary>What a test wants to become of the next messages: <c>delivered</c>, <c>undelivered</c>, <c>failed</c>, or <c>sent</c> and no more.</summary>
internal sealed record NextDelivery
{
    public static readonly string[] Outcomes = ["delivered", "undelivered", "failed", "sent"];

    /// <summary>Only messages to this number; any when it is missing.</summary>
    public string? To { get; init; }
    public string Outcome { get; init; } = "delivered";

    /// <summary>Twilio's reason, when it does not arrive.</summary>
    public int ErrorCode { get; init; } = 30003;
    public int Times { get; init; } = 1;

    public bool Arrives => Outcome is "delivered" or "sent";
}
