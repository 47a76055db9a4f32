namespace Sandbox.Core;

/// <summary>Makes the signature headers of one delivery, at the instant and over the very text that is sent.</summary>
internal delegate IReadOnlyDictionary<string, string> WebhookSigner(DateTimeOffset now, string body);

/// <summary>One try to deliver: the status that came back, or why there was none.</summary>
internal sealed record WebhookAttempt(DateTimeOffset At, int? Status, string? Error);

/// <summary>How a provider's webhooks travel.</summary>
internal sealed record WebhookModes
{
    /// <summary>Extra copies of each event, sent at the same moment as the first.</summary>
    public int Duplicate { get; init; }

    /// <summary>Events made within a fifth of a second are sent newest first.</summary>
    public bool Reorder { get; init; }

    /// <summary>Waits so long on the sandbox's clock before the first try.</summary>
    public int DelayMs { get; init; }

    /// <summary>Sends nothing until it is switched off again.</summary>
    public bool Hold { get; init; }
}

/// <summary>An event on its way to the server; <c>state</c> is waiting, delivered or given_up.</summary>
internal sealed record WebhookDelivery(
    string Provider, string EventId, Uri Url, string Body, string State, DateTimeOffset CreatedAt, IReadOnlyList<WebhookAttempt> Attempts);
