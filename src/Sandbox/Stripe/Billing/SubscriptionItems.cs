using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>The items of subscriptions one by one: each change is a change of the subscription.</summary>
internal static class SubscriptionItems
{
    private const string NotPlayed = "billing_thresholds discounts plan tax_rates";

    public static void Map(StripeApi api)
    {
        api.Get("/v1/subscription_items", call =>
        {
            var subscription = call.Named("subscription", "subscription")!;
            return Listing.Of(call, subscription.List("items").Reverse(), $"/v1/subscription_items?subscription={subscription.Id()}");
        });
        api.Get("/v1/subscription_items/{item}", Addressed);
        api.Post("/v1/subscription_items", Create, NotPlayed);
        api.Post("/v1/subscription_items/{item}", call => Change(call, Addressed(call), call.Params.Values.Copy()), NotPlayed);
        api.Delete("/v1/subscription_items/{item}", call =>
        {
            var item = Addressed(call);
            var id = item.Id();
            Change(call, item, new JsonObject { ["deleted"] = true });
            return new JsonObject { ["id"] = id, ["object"] = "subscription_item", ["deleted"] = true };
        });
    }

    private static JsonObject Addressed(StripeCall call) => call.Addressed("subscription_item", "item");

    private static JsonObject Create(StripeCall call)
    {
        var subscription = call.Named("subscription", "subscription")!;
        var known = subscription.List("items").Select(item => item.Id()).ToHashSet();
        SubscriptionChanges.Update(call, subscription, Wrapped(call, call.Params.Values.Copy()));
        return subscription.List("items").First(item => !known.Contains(item.Id()));
    }

    private static JsonObject Change(StripeCall call, JsonObject item, JsonObject wanted)
    {
        var subscription = call.World.Find("subscription", item.Text("subscription"))!;
        wanted["id"] = item.Id();
        SubscriptionChanges.Update(call, subscription, Wrapped(call, wanted));
        return item;
    }

    // What the subscription's own call would have been sent.
    private static Params Wrapped(StripeCall call, JsonObject item)
    {
        var whole = new JsonObject();
        foreach (var name in (ReadOnlySpan<string>)["payment_behavior", "proration_behavior", "proration_date", "off_session"])
        {
            if (call.Params.Values[name] is { } value)
            {
                whole[name] = value.DeepClone();
            }

            item.Remove(name);
        }

        whole["items"] = new JsonArray(item);
        return new Params(whole);
    }
}
