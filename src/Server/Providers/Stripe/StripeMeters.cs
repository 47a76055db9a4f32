using System.Globalization;

namespace Ledgerline.Providers.Stripe;

/// <summary>What is used and billed afterwards: meters add up events of each customer.</summary>
public static class StripeMeters
{
    private const string CustomerKey = "stripe_customer_id";
    private const string ValueKey = "value";

    /// <summary>Every active meter.</summary>
    public static Task<IReadOnlyList<StripeMeter>> Meters(this StripeClient stripe, CancellationToken stop) =>
        stripe.All<StripeMeter>("v1/billing/meters?status=active", meter => meter.Id, stop);

    /// <summary>A meter that adds up the values of its events.</summary>
    public static Task<StripeMeter> CreateMeter(this StripeClient stripe, string eventName, string displayName, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripeMeter>(
            "v1/billing/meters",
            new StripeForm()
                .With("display_name", displayName)
                .With("event_name", eventName)
                .With("default_aggregation[formula]", "sum")
                .With("customer_mapping[type]", "by_id")
                .With("customer_mapping[event_payload_key]", CustomerKey)
                .With("value_settings[event_payload_key]", ValueKey),
            idempotencyKey,
            stop);

    /// <summary>Stripe counts an identifier once within a day at least; so does the idempotency key.</summary>
    public static Task<StripeMeterEvent> SendMeterEvent(this StripeClient stripe, StripeMeterEvent used, CancellationToken stop) =>
        stripe.Post<StripeMeterEvent>(
            "v1/billing/meter_events",
            new StripeForm()
                .With("event_name", used.EventName)
                .With($"payload[{CustomerKey}]", used.CustomerId)
                .With($"payload[{ValueKey}]", used.Value.ToString(CultureInfo.InvariantCulture))
                .With("identifier", used.Identifier)
                .With("timestamp", used.Timestamp),
            $"meter:{used.Identifier}",
            stop);
}

/// <summary>Stripe's <c>billing.meter</c>, as far as we read it.</summary>
public sealed record StripeMeter
{
    public required string Id { get; init; }
    public required string EventName { get; init; }
}

/// <summary>Stripe's <c>billing.meter_event</c>: so much of something was used then.</summary>
public sealed record StripeMeterEvent
{
    public string? EventName { get; init; }
    public required string Identifier { get; init; }

    [System.Text.Json.Serialization.JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Sent within the payload.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string? CustomerId { get; init; }

    /// <summary>Sent within the payload.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long Value { get; init; }
}
