using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing;

/// <summary>The table of everything that providers told us, each event once and in its own words.</summary>
internal static class ProviderEvents
{
    public const string Stripe = "stripe";

    /// <summary>Kept apart, so that an unsigned body can never stand for a signed one of the same id.</summary>
    public const string UnsignedStripe = "stripe-unsigned";

    private const string Kept = "kept";
    private const string Waiting = "waiting";
    private const string Applied = "applied";

    public static async Task<bool> Knows(Session session, string eventId, CancellationToken stop) =>
        await session.Maybe<string>(
            "SELECT status FROM provider_events WHERE provider = @Stripe AND event_id = @eventId", new { Stripe, eventId }, stop) is not null;

    /// <summary>Stored for the record; there is nothing to do. False when it was stored before.</summary>
    public static Task<bool> Keep(Transaction transaction, string provider, ReceivedEvent news, CancellationToken stop) =>
        Insert(transaction, provider, news, null, Kept, null, stop);

    /// <summary>The same for many at once; those that were stored before stay as they are.</summary>
    public static Task KeepAll(Transaction transaction, IReadOnlyList<KeptEvent> events)
    {
        // In one order everywhere, so that two transactions with the same events do not wait for each other.
        foreach (var (provider, news) in events.OrderBy(one => one.Provider, StringComparer.Ordinal).ThenBy(one => one.News.Event.Id, StringComparer.Ordinal))
        {
            transaction.Defer(
                """
                INSERT INTO provider_events (provider, event_id, type, status, body, happened_at, received_at)
                SELECT r.provider, r.id, r.type, 'kept', r.body, r.happened, r.received FROM {rows} WHERE true
                ON CONFLICT (provider, event_id) DO NOTHING
                """,
                new KeptRow(provider, news.Event.Id, news.Event.Type, news.Body, news.Event.Created, news.ReceivedAt));
        }

        return Task.CompletedTask;
    }

    /// <summary>Stored until its subject is known.</summary>
    public static Task<bool> LetWait(Transaction transaction, ReceivedEvent news, string subject, CancellationToken stop) =>
        Insert(transaction, Stripe, news, subject, Waiting, null, stop);

    /// <summary>Stored with its effect, which is in this transaction. False when it was stored before: then it has had its effect.</summary>
    public static Task<bool> Apply(Transaction transaction, ReceivedEvent news, string subject, DateTimeOffset now, CancellationToken stop) =>
        Insert(transaction, Stripe, news, subject, Applied, now, stop);

    /// <summary>True when events came before their subject was known.</summary>
    public static async Task<bool> AreWaiting(Session session, string subject, CancellationToken stop) =>
        await session.Maybe<string>(
            "SELECT event_id FROM provider_events WHERE subject = @subject AND status = 'waiting' LIMIT 1", new { subject }, stop) is not null;

    /// <summary>The events that wait for this subject.</summary>
    public static async Task<IReadOnlyList<StripeEvent>> ListWaiting(Session session, string subject, DateTimeOffset now, CancellationToken stop)
    {
        var bodies = await session.List<string>("SELECT body FROM provider_events WHERE subject = @subject AND status = 'waiting'", new { subject }, stop);
        return [.. bodies.Select(body => StripeEvent.Parse(body, now)).OfType<StripeEvent>()];
    }

    /// <summary>The events that waited for this subject, which have their effect in this transaction.</summary>
    public static async Task<IReadOnlyList<StripeEvent>> ApplyWaiting(Transaction transaction, string subject, DateTimeOffset now, CancellationToken stop)
    {
        var bodies = await transaction.List<string>(
            "UPDATE provider_events SET status = 'applied', applied_at = @now WHERE subject = @subject AND status = 'waiting' RETURNING body",
            new { subject, now },
            stop);
        return [.. bodies.Select(body => StripeEvent.Parse(body, now)).OfType<StripeEvent>()];
    }

    private static async Task<bool> Insert(
        Transaction transaction, string provider, ReceivedEvent news, string? subject, string status, DateTimeOffset? appliedAt, CancellationToken stop) =>
        await transaction.Execute(
            """
            INSERT INTO provider_events (provider, event_id, type, subject, status, body, happened_at, received_at, applied_at)
            VALUES (@provider, @Id, @Type, @subject, @status, @Body, @Created, @ReceivedAt, @appliedAt)
            ON CONFLICT (provider, event_id) DO NOTHING
            """,
            new { provider, news.Event.Id, news.Event.Type, subject, status, news.Body, news.Event.Created, news.ReceivedAt, appliedAt },
            stop) == 1;

    private readonly record struct KeptRow(
        string Provider, string Id, string Type, string Body, DateTimeOffset Happened, DateTimeOffset Received);
}

/// <summary>An event without effect, and where it is kept.</summary>
internal sealed record KeptEvent(string Provider, ReceivedEvent News);

/// <summary>An event with the text it was read from.</summary>
internal sealed record ReceivedEvent(StripeEvent Event, string Body, DateTimeOffset ReceivedAt);
