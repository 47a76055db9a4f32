using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Tests.Sandbox;

/// <summary>One event as the control room lists it.</summary>
internal sealed record ToldEvent(string Id, string Type, long Created, string? ObjectId);

/// <summary>What a merchant of subscriptions does with the sandbox's Stripe, in short words.</summary>
internal static class StripeShop
{
    public const long Hour = 3600;
    public const long Day = 86400;

    public static async Task<string> Price(this StripeSandbox stripe, long amount, string interval = "month", params (string Name, object Value)[] more)
    {
        var price = await stripe.Post("/v1/prices",
            [("currency", "usd"), ("unit_amount", amount), ("recurring[interval]", interval), ("product_data[name]", $"Plan {amount} {interval}"), .. more]);
        Assert.Equal(HttpStatusCode.OK, price.Status);
        return price.Id;
    }

    /// <summary>A customer who pays with this card, or who has none.</summary>
    public static async Task<string> Subscriber(this StripeSandbox stripe, string? card = "pm_card_visa")
    {
        var customer = await stripe.Post("/v1/customers", ("email", "subscriber@example.com"));
        if (card is not null)
        {
            await stripe.UseCard(customer.Id, card);
        }

        return customer.Id;
    }

    public static async Task<string> UseCard(this StripeSandbox stripe, string customer, string card)
    {
        var method = await stripe.Post($"/v1/payment_methods/{card}/attach", ("customer", customer));
        Assert.Equal(HttpStatusCode.OK, method.Status);
        await stripe.Post($"/v1/customers/{customer}", ("invoice_settings[default_payment_method]", method.Id));
        return method.Id;
    }

    public static async Task<StripeAnswer> Subscribe(this StripeSandbox stripe, string customer, string price, params (string Name, object Value)[] more)
    {
        var subscription = await stripe.Post("/v1/subscriptions", [("customer", customer), ("items[0][price]", price), .. more]);
        Assert.True(subscription.Status == HttpStatusCode.OK, subscription.Body.ToJsonString());
        return subscription;
    }

    public static Task<StripeAnswer> Subscription(this StripeSandbox stripe, string id) => stripe.Get($"/v1/subscriptions/{id}");

    public static string Item(this StripeAnswer subscription) => subscription.Text("items", "data", "0", "id");

    public static (long Start, long End) Period(this StripeAnswer subscription) =>
        (subscription.Number("items", "data", "0", "current_period_start"), subscription.Number("items", "data", "0", "current_period_end"));

    /// <summary>Oldest first.</summary>
    public static async Task<IReadOnlyList<JsonObject>> Invoices(this StripeSandbox stripe, string subscription) =>
        [.. (await stripe.Get($"/v1/invoices?subscription={subscription}&limit=100")).Data.Reverse()];

    /// <summary>Everything that was ever told, oldest first; Stripe's own list ends after 30 days.</summary>
    public static async Task<IReadOnlyList<ToldEvent>> Told(this StripeSandbox stripe, string? type = null)
    {
        var text = await stripe.Http.GetStringAsync($"/_sandbox/stripe/events?limit=100000{(type is null ? "" : "&type=" + type)}");
        return
        [
            .. JsonNode.Parse(text)!.AsArray().Reverse().Select(one => new ToldEvent(
                (string)one!["id"]!, (string)one["type"]!, (long)one["created"]!, (string?)one["object_id"])),
        ];
    }

    /// <summary>The object of an event as it was when it was told.</summary>
    public static async Task<JsonObject> Object(this StripeSandbox stripe, ToldEvent told) => (await stripe.Get($"/v1/events/{told.Id}")).Body["data"]!["object"]!.AsObject();

    public static long Now(this StripeSandbox stripe) => stripe.Clock.GetUtcNow().ToUnixTimeSeconds();

    public static void Advance(this StripeSandbox stripe, long seconds) => stripe.Clock.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Moves the clock to so many seconds after this moment.</summary>
    public static void AdvanceTo(this StripeSandbox stripe, long moment) => stripe.Clock.SetNow(DateTimeOffset.FromUnixTimeSeconds(moment));

    public static DateTime Utc(long moment) => DateTimeOffset.FromUnixTimeSeconds(moment).UtcDateTime;
}
