using System.Text;
using Newtonsoft.Json.Linq;

namespace Tests.Specs;

/// <summary>Webhook bodies of Stripe: the envelope, a type Stripe knows, and the object in it by its own schema.</summary>
internal static class StripeEvents
{
    /// <summary>Null when the event fits, else a sentence naming the first violation. Disputes have no schema.</summary>
    public static async Task<string?> Check(ReadOnlyMemory<byte> body)
    {
        var stripe = await ProviderSpecs.Stripe;
        var sent = SpecJson.Parse(Encoding.UTF8.GetString(body.Span));
        if (stripe.Check("event", sent) is { } violation)
        {
            return violation;
        }

        var inside = (JObject)sent["data"]!["object"]!;
        return stripe.Has($"{inside["object"]}") ? stripe.Check($"{inside["object"]}", inside) : null;
    }
}
