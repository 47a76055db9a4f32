using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe;

/// <summary>Addresses that asked for events through the API; a secret is shown once, when its endpoint is made.</summary>
internal static class WebhookEndpoints
{
    public static void Map(StripeApi api)
    {
        api.Post("/v1/webhook_endpoints", Create, "connect");
        api.Get("/v1/webhook_endpoints", call => Listing.Of(call, call.World.All("webhook_endpoint"), "/v1/webhook_endpoints"));
        api.Get("/v1/webhook_endpoints/{webhook_endpoint}", Addressed);
        api.Post("/v1/webhook_endpoints/{webhook_endpoint}", Update);
        api.Delete("/v1/webhook_endpoints/{webhook_endpoint}", call => StripeWorld.Delete(Addressed(call)));
    }

    private static JsonObject Addressed(StripeCall call) => call.Addressed("webhook_endpoint", "webhook_endpoint");

    private static JsonObject Create(StripeCall call)
    {
        CheckUrl(call);
        var made = call.Create("webhook_endpoint", "we_1");
        var secret = Ids.New("whsec_", 32);
        call.World.EndpointSecrets[made.Id()] = secret;
        call.Params.CopyTo(made, "url", "enabled_events", "api_version", "description");
        call.Params.MergeMetadata(made);
        return made.Copy().With(("secret", secret));
    }

    private static JsonObject Update(StripeCall call)
    {
        var endpoint = Addressed(call);
        CheckUrl(call);
        call.Params.CopyTo(endpoint, "url", "enabled_events", "description");
        call.Params.MergeMetadata(endpoint);
        if (call.Params.Flag("disabled") is { } disabled)
        {
            endpoint["status"] = disabled ? "disabled" : "enabled";
        }

        return endpoint;
    }

    private static void CheckUrl(StripeCall call)
    {
        if (call.Params.Text("url") is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"))
        {
            throw StripeError.Invalid("Not a valid URL", "url", "url_invalid");
        }
    }
}
