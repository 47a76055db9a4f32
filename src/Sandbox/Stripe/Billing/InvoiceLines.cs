using System.Globalization;
using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe.Billing;

/// <summary>One line of an invoice before it is written: what is charged, or credited, for which time.</summary>
internal sealed record Line
{
    public required long Amount { get; init; }
    public required string Description { get; init; }
    public required long Start { get; init; }
    public required long End { get; init; }
    public JsonObject? Price { get; init; }
    public long Quantity { get; init; } = 1;
    public bool Proration { get; init; }
    public bool Discountable { get; init; } = true;

    /// <summary>The subscription item it is for.</summary>
    public string? Item { get; init; }

    /// <summary>The invoice item it comes from.</summary>
    public string? InvoiceItem { get; init; }
    public string? Subscription { get; init; }
    public JsonObject? Metadata { get; init; }

    /// <summary>The line of an earlier invoice that this one gives back.</summary>
    public (string Invoice, string Line)? Credits { get; init; }
}

/// <summary>The lines that subscription items come to, and how a line is written.</summary>
internal static class InvoiceLines
{
    /// <summary>Items for a period: those with a quantity in advance, metered ones by the usage of the period that is over.</summary>
    public static IEnumerable<Line> Of(
        StripeCall call, JsonObject? subscription, string customer, IEnumerable<PlannedItem> items, (long Start, long End) next, (long Start, long End)? over)
    {
        foreach (var item in items)
        {
            if (Prices.IsMetered(item.Price))
            {
                if (over is { } period)
                {
                    yield return Metered(call, subscription, customer, item, period);
                }

                continue;
            }

            yield return new Line
            {
                Amount = Prices.Amount(item.Price, item.Quantity),
                Description = Words(call, item.Price, item.Quantity),
                Start = next.Start,
                End = next.End,
                Price = item.Price,
                Quantity = item.Quantity,
                Item = item.Id,
                Subscription = subscription?.Id(),
            };
        }
    }

    /// <summary>Metered items alone, for the period that is over or broken off.</summary>
    public static IEnumerable<Line> OfUsage(StripeCall call, JsonObject subscription, IEnumerable<PlannedItem> items, (long Start, long End) over) =>
        items.Where(item => Prices.IsMetered(item.Price)).Select(item => Metered(call, subscription, subscription.Text("customer")!, item, over));

    /// <summary>A trial's lines: nothing is due.</summary>
    public static IEnumerable<Line> OfTrial(StripeCall call, JsonObject? subscription, IEnumerable<PlannedItem> items, (long Start, long End) trial) =>
        items.Where(item => !Prices.IsMetered(item.Price)).Select(item => new Line
        {
            Amount = 0,
            Description = $"Trial period for {ProductName(call, item.Price)}",
            Start = trial.Start,
            End = trial.End,
            Price = item.Price,
            Quantity = item.Quantity,
            Item = item.Id,
            Subscription = subscription?.Id(),
        });

    /// <summary>A line of a price that is sold once.</summary>
    public static Line Once(StripeCall call, JsonObject price, long quantity) => new()
    {
        Amount = Prices.Amount(price, quantity),
        Description = ProductName(call, price),
        Start = call.Now,
        End = call.Now,
        Price = price,
        Quantity = quantity,
    };

    public static string ProductName(StripeCall call, JsonObject price) => call.World.Find(price.Text("product"))?.Text("name") ?? price.Text("product")!;

    public static string Words(StripeCall call, JsonObject price, long quantity) =>
        string.Create(CultureInfo.InvariantCulture, $"{quantity} × {ProductName(call, price)} (at {Prices.Words(price)})");

    public static JsonObject Write(StripeCall call, Line line, string? invoice, string currency)
    {
        var made = Skeletons.New("line_item").With(
            ("id", Ids.New("il_1")), ("amount", line.Amount), ("subtotal", line.Amount), ("currency", currency), ("description", line.Description),
            ("discountable", line.Discountable), ("invoice", invoice), ("metadata", line.Metadata ?? []), ("quantity", line.Quantity),
            ("quantity_decimal", line.Quantity.ToString(CultureInfo.InvariantCulture)), ("subscription", line.Subscription),
            ("period", new JsonObject { ["end"] = line.End, ["start"] = line.Start }), ("parent", Parent(line)), ("pricing", Pricing(line.Price)));
        return made;
    }

    public static JsonObject? Pricing(JsonObject? price) => price is null ? null : new JsonObject
    {
        ["price_details"] = new JsonObject { ["price"] = price.Id(), ["product"] = price.Text("product") },
        ["type"] = "price_details",
        ["unit_amount_decimal"] = price.Text("unit_amount_decimal"),
    };

    private static JsonObject? Parent(Line line)
    {
        var credited = line.Credits is not { } credits ? null : new JsonObject
        {
            ["credited_items"] = new JsonObject { ["invoice"] = credits.Invoice, ["invoice_line_items"] = new JsonArray(credits.Line) },
        };
        var details = line.Proration ? credited ?? new JsonObject { ["credited_items"] = null } : null;
        return line.Item is not null ? new JsonObject
        {
            ["invoice_item_details"] = null,
            ["subscription_item_details"] = new JsonObject
            {
                ["invoice_item"] = line.InvoiceItem,
                ["proration"] = line.Proration,
                ["proration_details"] = details,
                ["subscription"] = line.Subscription,
                ["subscription_item"] = line.Item,
            },
            ["type"] = "subscription_item_details",
        }
        : line.InvoiceItem is not null ? new JsonObject
        {
            ["invoice_item_details"] = new JsonObject
            {
                ["invoice_item"] = line.InvoiceItem,
                ["proration"] = line.Proration,
                ["proration_details"] = details,
                ["subscription"] = line.Subscription,
            },
            ["subscription_item_details"] = null,
            ["type"] = "invoice_item_details",
        }
        : null;
    }

    private static Line Metered(StripeCall call, JsonObject? subscription, string customer, PlannedItem item, (long Start, long End) over)
    {
        var quantity = MeterUsage.Sum(call, item.Price.Text("recurring", "meter")!, customer, over.Start, over.End);
        return new Line
        {
            Amount = Prices.Amount(item.Price, quantity),
            Description = Words(call, item.Price, quantity),
            Start = over.Start,
            End = over.End,
            Price = item.Price,
            Quantity = quantity,
            Item = item.Id,
            Subscription = subscription?.Id(),
        };
    }
}
