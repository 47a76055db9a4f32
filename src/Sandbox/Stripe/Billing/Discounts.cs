using System.Text.Json.Nodes;

namespace Sandbox.Stripe.Billing;

/// <summary>A coupon that is used: on a subscription, a Checkout session or an invoice, and what it takes off their lines.</summary>
internal static class Discounts
{
    /// <summary>The discounts that a call's <c>discounts</c> asks for, made but not yet anybody's.</summary>
    /// <param name="call">Gives <c>discounts[n][coupon | promotion_code | discount]</c>.</param>
    /// <param name="given">Its entries.</param>
    /// <param name="customer">Whose they will be; a code may be for one customer only.</param>
    /// <param name="currency">An amount off is in one currency.</param>
    /// <param name="subtotal">What the order comes to before them.</param>
    public static IReadOnlyList<JsonObject> Asked(StripeCall call, IReadOnlyList<Params> given, string? customer, string currency, long subtotal) =>
        [.. given.Select(one => Asked(call, one, customer, currency, subtotal))];

    /// <summary>The same from a code that was typed on a page.</summary>
    public static JsonObject Typed(StripeCall call, string word, string? customer, string currency, long subtotal)
    {
        var code = PromotionCodes.Typed(call, word) ?? throw StripeError.Invalid($"This code is invalid: {word}", "promotion_code", "promotion_code_invalid");
        PromotionCodes.Check(call, code, customer, currency, subtotal, "promotion_code");
        return Make(call, call.World.Find("coupon", code.Text("promotion", "coupon")), code, currency, "promotion_code");
    }

    /// <summary>From here on they count: the coupon is redeemed and the discount is told.</summary>
    public static void Keep(StripeCall call, IEnumerable<JsonObject> discounts, JsonObject? subscription, string? customer, string? session = null)
    {
        foreach (var discount in discounts.Where(one => call.World.Find(one.Id()) is null))
        {
            discount.With(("subscription", subscription?.Id()), ("customer", customer), ("checkout_session", session));
            if (call.World.Find("coupon", discount.Text("source", "coupon")) is { } coupon)
            {
                Coupons.Redeem(coupon);
            }

            if (call.World.Find("promotion_code", discount.Text("promotion_code")) is { } code)
            {
                PromotionCodes.Redeem(code);
            }

            call.World.Add(discount);
            call.Emit("customer.discount.created", discount);
        }
    }

    /// <summary>A subscription's discounts that still count; one that is over is taken away.</summary>
    public static IReadOnlyList<JsonObject> Of(StripeCall call, JsonObject subscription, bool tidy = true)
    {
        var standing = subscription.Texts("discounts").Select(id => call.World.Find("discount", id)!).ToList();
        foreach (var over in standing.Where(one => one.LongOrNull("end") <= call.Now).ToList())
        {
            standing.Remove(over);
            if (tidy)
            {
                Remove(call, subscription, over);
            }
        }

        return standing;
    }

    /// <summary>A coupon for once is used up by the first invoice that it made smaller.</summary>
    public static void UseUp(StripeCall call, JsonObject subscription, JsonObject invoice)
    {
        var used = invoice["total_discount_amounts"]!.AsArray().Where(one => one!.AsObject().Long("amount") > 0).Select(one => (string)one!["discount"]!).ToHashSet();
        foreach (var discount in Of(call, subscription).Where(one => used.Contains(one.Id()) && Coupon(call, one).Text("duration") == "once").ToList())
        {
            Remove(call, subscription, discount);
        }
    }

    public static void Remove(StripeCall call, JsonObject subscription, JsonObject discount)
    {
        var left = subscription.Texts("discounts").Where(id => id != discount.Id());
        subscription["discounts"] = new JsonArray([.. left.Select(id => (JsonNode)id)]);
        call.Emit("customer.discount.deleted", discount);
    }

    /// <summary>
    /// Takes them off the lines, one after the other, and writes what each took: percentages of each line, an amount spread over all of
    /// them. Answers what is left of the subtotal.
    /// </summary>
    public static long Apply(StripeCall call, JsonObject invoice, IReadOnlyList<JsonObject> discounts)
    {
        var lines = invoice.List("lines");
        var left = lines.ToDictionary(line => line, line => line.Long("amount"));
        var amounts = new JsonArray();
        foreach (var discount in discounts)
        {
            long taken = 0;
            foreach (var (line, off) in Off(Coupon(call, discount), [.. lines.Where(line => line.Flag("discountable") && left[line] > 0)], left))
            {
                left[line] -= off;
                taken += off;
                line["discount_amounts"]!.AsArray().Add(new JsonObject { ["amount"] = off, ["discount"] = discount.Id() });
            }

            amounts.Add(new JsonObject { ["amount"] = taken, ["discount"] = discount.Id() });
        }

        invoice.With(("total_discount_amounts", amounts), ("discounts", new JsonArray([.. discounts.Select(one => (JsonNode)one.Id())])));
        return left.Values.Sum();
    }

    /// <summary>What percentages leave of an amount: prorations of the classic mode are net of them.</summary>
    public static decimal Net(StripeCall call, IReadOnlyList<JsonObject> discounts, decimal amount) =>
        discounts.Aggregate(amount, (left, discount) => left * (1 - (Coupon(call, discount)["percent_off"]?.GetValue<decimal>() ?? 0) / 100));

    /// <summary>The coupon as it was redeemed: a deleted one goes on counting for those who have it.</summary>
    public static JsonObject Coupon(StripeCall call, JsonObject discount) => call.World.Billing.CouponOf[discount.Id()];

    private static IEnumerable<(JsonObject Line, long Off)> Off(
        JsonObject coupon, IReadOnlyList<JsonObject> lines, Dictionary<JsonObject, long> left)
    {
        if (coupon.Child("applies_to")?.Texts("products") is { Count: > 0 } products)
        {
            lines = [.. lines.Where(line => products.Contains(line.Child("pricing")?.Text("price_details", "product") ?? ""))];
        }

        if (coupon["percent_off"] is { } percent)
        {
            return [.. lines.Select(line => (line, Prices.Round(left[line] * percent.GetValue<decimal>() / 100)))];
        }

        var whole = lines.Sum(line => left[line]);
        var rest = Math.Min(coupon.Long("amount_off"), whole);
        var spread = new List<(JsonObject, long)>();
        foreach (var line in lines)
        {
            // The share of what is still to be spread, so that the last line takes the remainder.
            var off = whole == 0 ? 0 : Prices.Round((decimal)rest * left[line] / whole);
            (whole, rest) = (whole - left[line], rest - off);
            spread.Add((line, off));
        }

        return spread;
    }

    private static JsonObject Asked(StripeCall call, Params given, string? customer, string currency, long subtotal)
    {
        if (call.Named("discount", given, "discount") is { } standing)
        {
            return standing;
        }

        if (call.Named("promotion_code", given, "promotion_code") is { } code)
        {
            PromotionCodes.Check(call, code, customer, currency, subtotal, given.PathOf("promotion_code"));
            return Make(call, call.World.Find("coupon", code.Text("promotion", "coupon")), code, currency, given.PathOf("promotion_code"));
        }

        var coupon = call.Named("coupon", given, "coupon")
            ?? throw StripeError.Invalid("Each discount names a coupon, a promotion_code or a discount.", given.PathOf("coupon"), "parameter_missing");
        return Make(call, coupon, null, currency, given.PathOf("coupon"));
    }

    private static JsonObject Make(StripeCall call, JsonObject? coupon, JsonObject? code, string currency, string param)
    {
        if (coupon is null || !coupon.Flag("valid"))
        {
            throw StripeError.Invalid($"Coupon expired: {coupon?.Id()}", param, "coupon_expired");
        }

        if (coupon.Text("currency") is { } only && only != currency)
        {
            throw StripeError.Invalid($"This coupon is in {only}; the order is in {currency}.", param);
        }

        var made = Skeletons.New("discount").With(("id", Core.Ids.New("di_1")), ("start", call.Now), ("promotion_code", code?.Id()));
        made.Child("source")!["coupon"] = coupon.Id();
        call.World.Billing.CouponOf[made.Id()] = coupon.Copy();
        if (coupon.LongOrNull("duration_in_months") is { } months)
        {
            made["end"] = BillingCycle.AddMonths(call.Now, months);
        }

        return made;
    }
}
