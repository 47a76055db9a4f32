using System.Text.Json.Nodes;
using Sandbox.Core;
using Sandbox.Stripe.Billing;

namespace Sandbox.Stripe;

/// <summary>How Stripe's events differ from what the server expects, until it is set back: <c>POST /_sandbox/stripe/webhooks</c>.</summary>
internal sealed record EventDisguise
{
    /// <summary>The version that the next events are written in, instead of their caller's.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Signed with a secret that nobody has.</summary>
    public bool WrongSignature { get; init; }

    /// <summary>Signed ten minutes ago.</summary>
    public bool OldTimestamp { get; init; }
}

/// <summary>
/// Every event that happened, and its way to the server. Each goes to the server's own address and to every webhook endpoint that
/// asked for its type.
/// </summary>
internal sealed class Events(StripeWorld world, WebhookSender sender)
{
    private const string Provider = "stripe";
    private static readonly TimeSpan Age = TimeSpan.FromMinutes(10);

    public EventDisguise Disguise { get; set; } = new();

    public void Clear() => Disguise = new EventDisguise();

    public void Emit(StripeCall call, string type, JsonObject subject, JsonObject? previous)
    {
        var targets = Targets(type).ToList();
        var made = call.Create("event", "evt_1");
        made.With(
            ("type", type),
            ("api_version", call.Version),
            ("pending_webhooks", (long)targets.Count),
            ("request", new JsonObject { ["id"] = call.RequestId, ["idempotency_key"] = call.IdempotencyKey }),
            ("data", new JsonObject { ["object"] = subject.Copy() }));
        if (previous is not null)
        {
            made["data"]!["previous_attributes"] = previous;
        }

        foreach (var (url, version, secrets) in targets)
        {
            var body = made.Copy();
            var written = Disguise.ApiVersion ?? version ?? call.Version;
            body["api_version"] = written;
            if (OldShapes.Apply(written))
            {
                OldShapes.Write(world, body.Child("data")!);
            }

            sender.Enqueue(Provider, made.Id(), url, StripeApi.Text(body), (now, text) => Sign(secrets(), now, text));
        }
    }

    public void Map(StripeApi api)
    {
        api.Get("/v1/events", List);
        api.Get("/v1/events/{id}", call => Fresh(call.Addressed("event", "id"), Deliveries()));
    }

    /// <summary>What became of each event's deliveries, by event id, oldest first.</summary>
    public ILookup<string, WebhookDelivery> Deliveries() =>
        sender.List(Provider, int.MaxValue).Reverse().ToLookup(delivery => delivery.EventId);

    /// <summary>The server's own addresses, which get every event without asking.</summary>
    public static IEnumerable<string> Addresses(SandboxOptions options) =>
        options.StripeWebhookUrls ?? (options.ServerUrl is { } server ? [server.TrimEnd('/') + "/api/billing/webhook"] : []);

    private JsonObject List(StripeCall call)
    {
        var (type, types) = (call.Params.Text("type"), call.Params.Texts("types"));
        if (type is not null && types.Count > 0)
        {
            throw StripeError.Invalid("You may only specify one of these parameters: type, types.", "type");
        }

        var deliveries = Deliveries();
        var wanted = types.Count > 0 ? types : type is null ? [] : [type];
        var success = call.Params.Flag("delivery_success");
        var since = call.Now - 30 * 86400;
        return Listing.Of(call, world.All("event")
            .Where(one => one.Long("created") >= since)
            .Where(one => wanted.Count == 0 || wanted.Any(want => Fits(want, one.Text("type")!)))
            .Where(one => success is null || success == (Pending(deliveries[one.Id()]) == 0))
            .Select(one => Fresh(one, deliveries)), "/v1/events");
    }

    private static JsonObject Fresh(JsonObject one, ILookup<string, WebhookDelivery> deliveries)
    {
        one["pending_webhooks"] = (long)Pending(deliveries[one.Id()]);
        return one;
    }

    private static int Pending(IEnumerable<WebhookDelivery> deliveries) => deliveries.Count(delivery => delivery.State != "delivered");

    private static bool Fits(string wanted, string type) =>
        wanted == "*" || wanted == type || wanted.EndsWith(".*", StringComparison.Ordinal) && type.StartsWith(wanted[..^1], StringComparison.Ordinal);

    private IEnumerable<(Uri Url, string? Version, Func<string> Secrets)> Targets(string type)
    {
        foreach (var url in Addresses(world.Options))
        {
            yield return (new Uri(url), null, () => world.Options.StripeWebhookSecret);
        }

        foreach (var endpoint in world.All("webhook_endpoint").Reverse())
        {
            if (endpoint.Text("status") == "enabled" && endpoint["enabled_events"]!.AsArray().Any(wanted => Fits((string)wanted!, type)))
            {
                var secret = world.EndpointSecrets[endpoint.Id()];
                yield return (new Uri(endpoint.Text("url")!), endpoint.Text("api_version"), () => secret);
            }
        }
    }

    private Dictionary<string, string> Sign(string secrets, DateTimeOffset now, string body)
    {
        var disguise = Disguise;
        var header = StripeSignature.Header(disguise.WrongSignature ? "whsec_nobody_has_this" : secrets, disguise.OldTimestamp ? now - Age : now, body);
        return new Dictionary<string, string> { ["Stripe-Signature"] = header };
    }
}
