using System.Globalization;
using System.Text.Json.Nodes;
using Sandbox.Stripe.Billing;

namespace Sandbox.Stripe;

/// <summary>Products and prices, also those that a Checkout session brings along. A price's amount never changes.</summary>
internal static class Catalogue
{
    public static void Map(StripeApi api)
    {
        api.Post("/v1/products", CreateProduct);
        api.Get("/v1/products", ListProducts);
        api.Get("/v1/products/{id}", call => call.Addressed("product", "id"));
        api.Post("/v1/products/{id}", UpdateProduct);
        api.Delete("/v1/products/{id}", DeleteProduct);
        api.Post("/v1/prices", CreatePrice, "currency_options custom_unit_amount tiers tiers_mode transform_quantity");
        api.Get("/v1/prices", ListPrices);
        api.Get("/v1/prices/{price}", call => call.Addressed("price", "price"));
        api.Post("/v1/prices/{price}", UpdatePrice, "currency_options");
    }

    /// <summary>A price from <c>price_data</c>: real, but not for sale elsewhere.</summary>
    public static JsonObject PriceOf(StripeCall call, Params data)
    {
        var product = Product(call, data, active: false);
        return MakePrice(call, data, product).With(("active", false));
    }

    private static JsonObject CreateProduct(StripeCall call)
    {
        if (call.Params.Text("id") is { } id && call.World.Find(id) is not null)
        {
            throw StripeError.Invalid($"Product already exists with the id '{id}'.", "id", "resource_already_exists");
        }

        var data = call.Params.Child("default_price_data");
        var price = call.Params.Has("default_price_data");
        if (price)
        {
            CheckAmount(data);
        }

        var made = MakeProduct(call, call.Params, active: true);
        call.Emit("product.created", made);
        if (price)
        {
            var first = MakePrice(call, data, made);
            made["default_price"] = first.Id();
            call.Emit("price.created", first);
        }

        return made;
    }

    private static JsonObject ListProducts(StripeCall call)
    {
        var ids = call.Params.Texts("ids");
        return Listing.Of(call, call.World.All("product")
            .Where(one => call.Params.Flag("active") is not { } active || one.Flag("active") == active)
            .Where(one => ids.Count == 0 || ids.Contains(one.Id()))
            .Where(one => call.Params.Text("type") is not { } type || one.Text("type") == type)
            .Where(one => call.Params.Text("url") is not { } url || one.Text("url") == url), "/v1/products");
    }

    private static JsonObject UpdateProduct(StripeCall call)
    {
        var product = call.Addressed("product", "id");
        var price = call.Named("price", "default_price");
        call.Change(product, "product.updated", () =>
        {
            call.Params.CopyTo(product, "active", "description", "images", "marketing_features", "name", "package_dimensions", "shippable",
                "statement_descriptor", "tax_code", "unit_label", "url");
            call.Params.MergeMetadata(product);
            product["default_price"] = price?.Id() ?? product.Text("default_price");
            product["updated"] = call.Now;
        });
        return product;
    }

    private static JsonObject DeleteProduct(StripeCall call)
    {
        var product = call.Addressed("product", "id");
        if (call.World.All("price").Any(price => price.Text("product") == product.Id()))
        {
            throw StripeError.Invalid("This product cannot be deleted because it has one or more user-created prices.", "id");
        }

        call.Emit("product.deleted", product);
        return StripeWorld.Delete(product);
    }

    private static JsonObject CreatePrice(StripeCall call)
    {
        CheckAmount(call.Params);
        if (call.Params.Text("lookup_key") is { } key)
        {
            TakeLookupKey(call, key, null);
        }

        var made = MakePrice(call, call.Params, Product(call, call.Params, active: true));
        call.Params.CopyTo(made, "active", "nickname", "lookup_key");
        call.Params.MergeMetadata(made);
        call.Emit("price.created", made);
        return made;
    }

    private static JsonObject ListPrices(StripeCall call)
    {
        var keys = call.Params.Texts("lookup_keys");
        if (keys.Count > 10)
        {
            throw StripeError.Invalid("You can give up to 10 lookup_keys.", "lookup_keys");
        }

        var recurring = call.Params.Child("recurring");
        return Listing.Of(call, call.World.All("price")
            .Where(one => keys.Count == 0 || keys.Contains(one.Text("lookup_key") ?? ""))
            .Where(one => call.Params.Flag("active") is not { } active || one.Flag("active") == active)
            .Where(one => call.Params.Text("currency") is not { } currency || one.Text("currency") == currency)
            .Where(one => call.Params.Text("product") is not { } product || one.Text("product") == product)
            .Where(one => call.Params.Text("type") is not { } type || one.Text("type") == type)
            .Where(one => recurring.Values.All(want => one.Child("recurring") is { } period && JsonNode.DeepEquals(period[want.Key], want.Value))), "/v1/prices");
    }

    private static JsonObject UpdatePrice(StripeCall call)
    {
        var price = call.Addressed("price", "price");
        if (call.Params.Text("lookup_key") is { } key)
        {
            TakeLookupKey(call, key, price);
        }

        call.Change(price, "price.updated", () =>
        {
            call.Params.CopyTo(price, "active", "nickname", "lookup_key", "tax_behavior");
            call.Params.MergeMetadata(price);
        });
        Subscriptions.PriceChanged(call, price);
        return price;
    }

    // A lookup key belongs to one price; with transfer_lookup_key it moves.
    private static void TakeLookupKey(StripeCall call, string key, JsonObject? taker)
    {
        if (call.World.All("price").FirstOrDefault(price => price.Text("lookup_key") == key && price != taker) is not { } owner)
        {
            return;
        }

        if (call.Params.Flag("transfer_lookup_key") != true)
        {
            throw StripeError.Invalid($"A price (`{owner.Id()}`) already uses that lookup key.", "lookup_key", "resource_already_exists");
        }

        call.Change(owner, "price.updated", () => owner["lookup_key"] = null);
        Subscriptions.PriceChanged(call, owner);
    }

    private static JsonObject Product(StripeCall call, Params data, bool active)
    {
        if (data.Has("product") == data.Has("product_data"))
        {
            throw StripeError.Invalid(
                data.Has("product") ? "You may only specify one of these parameters: product, product_data." : $"You must specify either `product` or `product_data` when creating a price.",
                data.PathOf("product"), data.Has("product") ? null : "parameter_missing");
        }

        if (call.Named("product", data, "product") is { } product)
        {
            return product;
        }

        var made = MakeProduct(call, data.Child("product_data"), active);
        call.Emit("product.created", made);
        return made;
    }

    private static JsonObject MakeProduct(StripeCall call, Params data, bool active)
    {
        var name = data.Required("name");
        var made = Skeletons.New("product").With(("id", data.Text("id") ?? Sandbox.Core.Ids.New("prod_", 14)), ("name", name), ("active", active), ("created", call.Now), ("updated", call.Now));
        data.CopyTo(made, "active", "description", "images", "marketing_features", "package_dimensions", "shippable", "statement_descriptor",
            "tax_code", "type", "unit_label", "url");
        data.MergeMetadata(made);
        call.World.Add(made);
        return made;
    }

    private static JsonObject MakePrice(StripeCall call, Params data, JsonObject product)
    {
        var amount = CheckAmount(data);
        CheckRecurring(call, data.Child("recurring"));
        var made = call.Create("price", "price_1");
        // A fraction of the smallest unit has no whole amount.
        made.With(("currency", Currencies.Check(data)), ("product", product.Id()), ("unit_amount", amount == Math.Truncate(amount) ? (long)amount : null),
            ("unit_amount_decimal", amount.ToString("0.############", CultureInfo.InvariantCulture)));
        data.CopyTo(made, "tax_behavior");
        if (data.Has("recurring"))
        {
            made["type"] = "recurring";
            made["recurring"] = new JsonObject { ["interval"] = null, ["interval_count"] = 1L, ["meter"] = null, ["trial_period_days"] = null, ["usage_type"] = "licensed" };
            data.Child("recurring").CopyTo(made.Child("recurring")!, "interval", "interval_count", "meter", "trial_period_days", "usage_type");
        }

        return made;
    }

    private static decimal CheckAmount(Params data)
    {
        Currencies.Check(data);
        var (whole, text) = (data.Long("unit_amount"), data.Text("unit_amount_decimal"));
        if (whole is not null && text is not null)
        {
            throw StripeError.Invalid("You may only specify one of these parameters: unit_amount, unit_amount_decimal.", data.PathOf("unit_amount"));
        }

        decimal? amount = text is null ? whole
            : decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var parsed)
                && decimal.Round(parsed, 12) == parsed ? parsed
            : throw StripeError.Invalid("Invalid decimal: unit_amount_decimal has at most 12 decimal places.", data.PathOf("unit_amount_decimal"));
        return amount switch
        {
            null => throw StripeError.Invalid("You must specify either `unit_amount` or `unit_amount_decimal`.", data.PathOf("unit_amount"), "parameter_missing"),
            < 0 => throw StripeError.Invalid("This value must be greater than or equal to 0.", data.PathOf("unit_amount"), "parameter_invalid_integer"),
            > Currencies.Largest => throw StripeError.Invalid("Amount must be no more than $999,999.99.", data.PathOf("unit_amount"), "amount_too_large"),
            _ => amount.Value,
        };
    }

    private static void CheckRecurring(StripeCall call, Params recurring)
    {
        var longest = recurring.Text("interval") switch { "day" => 1095, "week" => 156, "month" => 36, _ => 3 };
        if (recurring.Long("interval_count") is { } count && (count < 1 || count > longest))
        {
            throw StripeError.Invalid("An interval can be up to three years long.", recurring.PathOf("interval_count"), "parameter_invalid_integer");
        }

        var metered = recurring.Text("usage_type") == "metered";
        if (metered && !recurring.Has("meter"))
        {
            throw StripeError.Invalid("All metered prices must be backed by meters. Specify `recurring[meter]`.", recurring.PathOf("meter"), "parameter_missing");
        }

        if (!metered && recurring.Has("meter"))
        {
            throw StripeError.Invalid("You can only specify `recurring[meter]` when `recurring[usage_type]=metered`.", recurring.PathOf("meter"));
        }

        if (call.Named("billing.meter", recurring, "meter") is { } meter && meter.Text("status") != "active")
        {
            throw StripeError.Invalid("The meter is not active.", recurring.PathOf("meter"));
        }
    }
}
