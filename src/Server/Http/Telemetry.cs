using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Ledgerline.Http;

/// <summary>The product's own traces and measurements. They cost nothing while nobody listens.</summary>
public static class Telemetry
{
    public const string Name = "Ledgerline";

    public static readonly ActivitySource Source = new(Name);
    private static readonly Counter<long> Webhooks = new Meter(Name).CreateCounter<long>("ledgerline.webhook.events", "{event}", "Webhooks by provider and outcome");

    private static readonly Counter<long> Bookings = new Meter(Name).CreateCounter<long>(
        "ledgerline.bookings.late", "{booking}", "Ends of paid work that the database did not take at once, by outcome");

    /// <param name="outcome"><c>delayed</c>, then <c>booked</c>, or <c>lost</c>.</param>
    public static void CountBooking(string outcome) => Bookings.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <param name="outcome"><c>accepted</c> or <c>refused</c>.</param>
    public static void CountWebhook(string provider, string outcome) => Webhooks.Add(1, new("provider", provider), new("outcome", outcome));
}
