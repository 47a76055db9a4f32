using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe.Billing;

/// <summary>A subscription item as it is or as it shall become, before anything is changed.</summary>
internal sealed record PlannedItem(JsonObject Price, long Quantity)
{
    public const int Most = 20;

    /// <summary>Known beforehand, so that invoice lines can name an item that is not made yet.</summary>
    public string Id { get; init; } = Ids.New("si_", 14);

    /// <summary>The item as it stands; nothing for a new one.</summary>
    public JsonObject? Standing { get; init; }
    public bool Deleted { get; init; }
    public JsonObject? Metadata { get; init; }

    public bool Changed => Standing is not null && !Deleted
        && (Standing.Text("price", "id") != Price.Id() || (!Prices.IsMetered(Price) && Standing.LongOrNull("quantity") != Quantity));

    /// <summary>The items of a subscription as they stand.</summary>
    public static IReadOnlyList<PlannedItem> Of(StripeCall call, JsonObject subscription) => [.. subscription.List("items").Select(item => Of(call, item, 0))];

    /// <summary>What <c>items</c> asks for on a new subscription.</summary>
    public static IReadOnlyList<PlannedItem> ForNew(StripeCall call, IReadOnlyList<Params> given, string path)
    {
        if (given.Count == 0)
        {
            throw StripeError.Invalid($"Missing required param: {path}.", path, "parameter_missing");
        }

        List<PlannedItem> planned = [.. given.Select(item => New(call, item))];
        Check(planned, path);
        return planned;
    }

    /// <summary>What <c>items</c> asks for on a standing one: an entry without an id is a new item.</summary>
    public static IReadOnlyList<PlannedItem> ForChange(StripeCall call, JsonObject subscription, IReadOnlyList<Params> given, string path)
    {
        List<PlannedItem> planned = [.. Of(call, subscription)];
        foreach (var item in given)
        {
            if (item.Text("id") is not { } id)
            {
                planned.Add(New(call, item));
                continue;
            }

            var at = planned.FindIndex(one => one.Id == id);
            if (at < 0)
            {
                throw StripeError.Missing("subscription item", id, item.PathOf("id"), 400);
            }

            planned[at] = Change(call, planned[at], item);
        }

        List<PlannedItem> kept = [.. planned.Where(item => !item.Deleted)];
        Check(kept, path);
        foreach (var item in kept)
        {
            Prices.CheckCurrency(subscription.Text("currency"), item.Price.Text("currency")!, path);
        }

        return planned;
    }

    /// <summary>Writes the item into the subscription, or takes it out.</summary>
    public void Apply(StripeCall call, JsonObject subscription, (long Start, long End) period)
    {
        var data = subscription["items"]!["data"]!.AsArray();
        if (Deleted)
        {
            data.Remove(Standing);
            StripeWorld.Delete(Standing!);
            return;
        }

        var item = Standing;
        if (item is null)
        {
            item = Skeletons.New("subscription_item").With(("id", Id), ("created", call.Now), ("subscription", subscription.Id()));
            call.World.Add(item);
            data.Add(item);
        }

        item.With(("price", Price.Copy()), ("plan", Prices.Plan(Price)), ("current_period_start", period.Start), ("current_period_end", period.End));
        if (!Prices.IsMetered(Price))
        {
            item["quantity"] = Quantity;
        }
        else
        {
            item.Remove("quantity");
        }

        if (Metadata is not null)
        {
            item["metadata"] = Metadata.Copy();
        }
    }

    private static PlannedItem Of(StripeCall call, JsonObject item, long otherwise) =>
        new(call.World.Find("price", item.Text("price", "id")) ?? item.Child("price")!, item.LongOrNull("quantity") ?? otherwise) { Id = item.Id(), Standing = item };

    private static PlannedItem New(StripeCall call, Params item)
    {
        var price = Prices.Given(call, item, recurring: true);
        var metadata = new JsonObject();
        item.MergeMetadata(metadata);
        return new PlannedItem(price, Amount(item, price, null)) { Metadata = metadata.Child("metadata") };
    }

    private static PlannedItem Change(StripeCall call, PlannedItem now, Params item)
    {
        if (item.Flag("deleted") == true)
        {
            return now with { Deleted = true };
        }

        var price = item.Has("price") || item.Has("price_data") ? Prices.Given(call, item, recurring: true) : now.Price;
        var metadata = new JsonObject { ["metadata"] = now.Standing!["metadata"]!.DeepClone() };
        item.MergeMetadata(metadata);
        return now with { Price = price, Quantity = Amount(item, price, now), Metadata = metadata.Child("metadata") };
    }

    private static long Amount(Params item, JsonObject price, PlannedItem? now)
    {
        if (item.Has("plan") || item.Has("billing_thresholds") || item.Has("tax_rates") || item.Has("discounts"))
        {
            throw StripeError.NotPlayed("plan, billing_thresholds, tax_rates and discounts of single items");
        }

        var quantity = item.Long("quantity");
        return Prices.IsMetered(price)
            ? quantity is null ? 0 : throw StripeError.Invalid("Quantity should not be specified where usage type is `metered`. Remove quantity from the request.", item.PathOf("quantity"))
            : quantity is < 0 or > 999_999 ? throw StripeError.Invalid("This value must be between 0 and 999999.", item.PathOf("quantity"), "parameter_invalid_integer")
            : quantity ?? (now is null || Prices.IsMetered(now.Price) ? 1 : now.Quantity);
    }

    private static void Check(List<PlannedItem> planned, string path)
    {
        if (planned.Count is 0 or > Most)
        {
            throw StripeError.Invalid(planned.Count == 0 ? "A subscription must have at least one active plan. To cancel it, cancel the subscription." : $"A subscription can have up to {Most} items.", path);
        }

        var first = planned[0].Price;
        foreach (var price in planned.Select(item => item.Price))
        {
            if (price.Text("currency") != first.Text("currency"))
            {
                throw StripeError.Invalid("The price specified only supports the currency of its own; all prices of a subscription must have one currency.", path);
            }

            if (Prices.Interval(price) != Prices.Interval(first))
            {
                throw StripeError.Invalid("Currency and interval fields must match across all plans on this subscription. Found mismatch in interval field.", path);
            }
        }

        if (planned.GroupBy(item => item.Price.Id()).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw StripeError.Invalid($"Cannot add multiple subscription items with the same plan: {twice.Key}", path);
        }
    }
}
