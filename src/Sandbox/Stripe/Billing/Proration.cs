using System.Globalization;
using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>
/// The classic mode's arithmetic: what is unused of the old is given back and what remains of the period is charged for the new, each
/// by the second and each rounded for itself to the smallest unit. A preview and the change do the same sums.
/// </summary>
internal static class Proration
{
    public static IReadOnlyList<Line> Of(StripeCall call, JsonObject subscription, IReadOnlyList<PlannedItem> items, long at, bool resets)
    {
        var discounts = Discounts.Of(call, subscription, tidy: false);
        var lines = new List<Line>();
        foreach (var item in items)
        {
            if (item.Standing is { } standing && (item.Deleted || item.Changed || resets) && Credit(call, subscription, standing, at, discounts) is { } credit)
            {
                lines.Add(credit);
            }

            if (!resets && !item.Deleted && (item.Standing is null || item.Changed) && !Prices.IsMetered(item.Price))
            {
                lines.Add(Charge(call, subscription, item, at, discounts));
            }
        }

        return lines;
    }

    /// <summary>Gives back what is unused of everything: the subscription ends early.</summary>
    public static IReadOnlyList<Line> OfEnd(StripeCall call, JsonObject subscription, long at)
    {
        var discounts = Discounts.Of(call, subscription, tidy: false);
        return [.. subscription.List("items").Select(item => Credit(call, subscription, item, at, discounts)).OfType<Line>()];
    }

    /// <summary>The part of a whole that this much time of it comes to.</summary>
    public static decimal Part(decimal whole, long time, (long Start, long End) of) => whole * time / (of.End - of.Start);

    private static Line? Credit(StripeCall call, JsonObject subscription, JsonObject standing, long at, IReadOnlyList<JsonObject> discounts)
    {
        var period = (Start: standing.Long("current_period_start"), End: standing.Long("current_period_end"));
        var price = call.World.Find("price", standing.Text("price", "id")) ?? standing.Child("price")!;
        if (Prices.IsMetered(price))
        {
            return null;
        }

        var quantity = standing.Long("quantity");
        var whole = Discounts.Net(call, discounts, Prices.Unit(price) * quantity);
        return Make(call, subscription, standing.Id(), price, quantity, at, period.End) with
        {
            Amount = -Prices.Round(Part(whole, period.End - at, period)),
            Description = $"Unused time on {Name(call, price, quantity)} after {Day(at)}",
            Credits = call.World.Billing.LastLine.TryGetValue(standing.Id(), out var line) ? line : null,
        };
    }

    private static Line Charge(StripeCall call, JsonObject subscription, PlannedItem item, long at, IReadOnlyList<JsonObject> discounts)
    {
        var period = SubscriptionStatus.Period(subscription);
        var whole = Discounts.Net(call, discounts, Prices.Unit(item.Price) * item.Quantity);
        return Make(call, subscription, item.Id, item.Price, item.Quantity, at, period.End) with
        {
            Amount = Prices.Round(Part(whole, period.End - at, period)),
            Description = $"Remaining time on {Name(call, item.Price, item.Quantity)} after {Day(at)}",
        };
    }

    // The amounts are net of discounts already, so that none is taken off again.
    private static Line Make(StripeCall call, JsonObject subscription, string item, JsonObject price, long quantity, long start, long end) => new()
    {
        Amount = 0,
        Description = "",
        Start = start,
        End = end,
        Price = price,
        Quantity = quantity,
        Proration = true,
        Discountable = false,
        Item = item,
        Subscription = subscription.Id(),
    };

    private static string Name(StripeCall call, JsonObject price, long quantity)
    {
        var name = InvoiceLines.ProductName(call, price);
        return quantity == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{quantity} × {name}");
    }

    private static string Day(long at) => DateTimeOffset.FromUnixTimeSeconds(at).UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
}
