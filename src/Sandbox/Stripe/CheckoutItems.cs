using System.Text.Json.Nodes;
using Sandbox.Core;
using Sandbox.Stripe.Billing;

namespace Sandbox.Stripe;

/// <summary>What a Checkout session sells: its lines, checked before anything is made, and what its discounts leave of them.</summary>
internal static class CheckoutItems
{
    /// <summary>Takes the discounts off the session's lines and adds them up anew.</summary>
    public static void Reduce(StripeCall call, JsonObject session, IReadOnlyList<JsonObject> discounts)
    {
        call.World.Billing.Checkout[session.Id()].Discounts = discounts;
        List<JsonObject> items = [.. call.World.LineItems[session.Id()].Select(item => item!.AsObject())];
        var invoice = new JsonObject
        {
            ["lines"] = new JsonObject { ["data"] = new JsonArray([.. items.Select(item => InvoiceLines.Write(call, AsLine(call, item), null, item.Text("currency")!))]) },
        };
        var total = Discounts.Apply(call, invoice, discounts);
        foreach (var (item, line) in items.Zip(invoice.List("lines")))
        {
            var off = line["discount_amounts"]!.AsArray().Sum(one => one!.AsObject().Long("amount"));
            item.With(("amount_discount", off), ("amount_total", item.Long("amount_subtotal") - off));
        }

        var subtotal = items.Sum(item => item.Long("amount_subtotal"));
        session.With(("amount_subtotal", subtotal), ("amount_total", total), ("discounts", new JsonArray([.. discounts.Select(Shown)])));
        session.Child("total_details")!["amount_discount"] = subtotal - total;
    }

    public static JsonArray Of(StripeCall call, bool subscribes, bool trial, out string currency, out long total)
    {
        var lines = call.Params.Children("line_items");
        if (lines.Count is 0 or > 100)
        {
            throw StripeError.Invalid(
                lines.Count == 0 ? "Missing required param: line_items." : "line_items can have up to 100 entries.", "line_items", lines.Count == 0 ? "parameter_missing" : null);
        }

        // Nothing is made before all of it is known to be right.
        foreach (var line in lines)
        {
            CheckLine(call, line, subscribes);
        }

        var items = new JsonArray();
        (currency, total) = ("", 0);
        foreach (var line in lines)
        {
            var item = Item(call, line, trial);
            if (currency.Length > 0 && item.Text("currency") != currency)
            {
                throw StripeError.Invalid("All prices of a Checkout Session must have the same currency.", line.PathOf("price"));
            }

            currency = item.Text("currency")!;
            total += item.Long("amount_total");
            items.Add(item);
        }

        if (total > 0)
        {
            Currencies.CheckCharge(total, currency, "line_items");
        }

        if (subscribes && !items.Any(item => item!.AsObject().Child("price")!.Text("type") == "recurring"))
        {
            throw StripeError.Invalid("You must provide at least one recurring price in `subscription` mode when using prices.", "line_items");
        }

        return items;
    }

    private static void CheckLine(StripeCall call, Params line, bool subscribes)
    {
        if (line.Has("price") == line.Has("price_data"))
        {
            throw StripeError.Invalid(
                line.Has("price") ? "You may only specify one of these parameters: price, price_data." : "You must specify either `price` or `price_data` for each line item.",
                line.PathOf("price"), line.Has("price") ? null : "parameter_missing");
        }

        var metered = call.World.Find("price", line.Text("price")) is { } known && known.Child("recurring") is not null && Prices.IsMetered(known);
        if (metered && line.Has("quantity"))
        {
            throw StripeError.Invalid("Quantity should not be specified where usage type is `metered`. Remove quantity from the request.", line.PathOf("quantity"));
        }

        if ((line.Long("quantity") ?? (metered ? 1 : null)) is not { } quantity)
        {
            throw StripeError.Invalid($"Quantity is required. Add `quantity` to `{line.PathOf("")[..^2]}`", line.PathOf("quantity"), "parameter_missing");
        }

        if (quantity is < 1 or > 999_999)
        {
            throw StripeError.Invalid("This value must be between 1 and 999999.", line.PathOf("quantity"), "parameter_invalid_integer");
        }

        if (line.Child("adjustable_quantity").Flag("enabled") == true)
        {
            throw StripeError.NotPlayed("adjustable quantities");
        }

        if (call.Named("price", line, "price") is { } price)
        {
            if (!price.Flag("active"))
            {
                throw StripeError.Invalid("The price specified is inactive. This field only accepts active prices.", line.PathOf("price"));
            }

            if (!subscribes && price.Text("type") == "recurring")
            {
                throw StripeError.Invalid(
                    "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.", line.PathOf("price"));
            }
        }

        if (!subscribes && line.Child("price_data").Has("recurring"))
        {
            throw StripeError.Invalid(
                "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.", line.PathOf("price_data"));
        }
    }

    private static JsonObject Item(StripeCall call, Params line, bool trial)
    {
        var price = call.Named("price", line, "price") ?? Catalogue.PriceOf(call, line.Child("price_data"));
        var product = call.World.Find(price.Text("product"))!;
        var recurring = price.Child("recurring") is not null;
        var metered = recurring && Prices.IsMetered(price);
        var quantity = metered ? 0 : line.Long("quantity")!.Value;
        // What is due now: a trial and usage cost nothing yet.
        var amount = recurring && (trial || metered) ? 0 : Prices.Amount(price, quantity);
        var item = Skeletons.New("item").With(
            ("id", Ids.New("li_1")), ("amount_subtotal", amount), ("amount_total", amount), ("currency", price.Text("currency")),
            ("description", product.Text("name")), ("price", price.Copy()), ("quantity", metered ? null : quantity));
        line.MergeMetadata(item);
        return item;
    }

    private static Line AsLine(StripeCall call, JsonObject item) => new()
    {
        Amount = item.Long("amount_subtotal"),
        Description = item.Text("description") ?? "",
        Start = call.Now,
        End = call.Now,
        Price = item.Child("price"),
    };

    private static JsonObject Shown(JsonObject discount) =>
        new() { ["coupon"] = discount.Text("source", "coupon"), ["promotion_code"] = discount.Text("promotion_code") };
}
