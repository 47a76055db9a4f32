using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Ledgerline.Http;

/// <summary>The product's own traces and measurements. They cost nothing while nobody listens.</summary>
public static class Telemetry
{
    public const string Name = "Ledgerline";

    public static readonly ActivitySource Source = new(Name);
    public static readonly Meter Meter = new(Name);

    /// <summary>Webhooks that arrived; tag <c>provider</c>, and <c>outcome</c>: <c>accepted</c>, <c>repeated</c> or <c>refused</c>.</summary>
    public static readonly Counter<long> WebhookEvents = Meter.CreateCounter<long>("ledgerline.webhook.events", "{event}", "Webhook events by provider and outcome");
}
