using System.Net;
using Xunit;
using static Tests.Sandbox.StripeShop;

namespace Tests.Sandbox;

/// <summary>What makes subscriptions cheaper, and what customers do with them themselves: coupons, codes, items, the portal.</summary>
public sealed class StripeOffersTests
{
    [Fact]
    public async Task ACouponEndsWithItsTimeAndItsUses()
    {
        await using var stripe = await StripeSandbox.Start();
        var (customer, price) = (await stripe.Subscriber(), await stripe.Price(2000));
        var single = await stripe.Post("/v1/coupons", ("percent_off", "12.5"), ("duration", "forever"), ("max_redemptions", 1));
        var soon = await stripe.Post("/v1/coupons", ("amount_off", 500), ("currency", "usd"), ("redeem_by", stripe.Now() + Day));
        var subscription = await stripe.Subscribe(customer, price, ("discounts[0][coupon]", single.Id));
        Assert.Equal(1750, (long)(await stripe.Invoices(subscription.Id))[0]["total"]!);
        var used = await stripe.Get($"/v1/coupons/{single.Id}");
        Assert.Equal((1L, false), (used.Number("times_redeemed"), (bool)used["valid"]!));
        Assert.Equal("coupon_expired", (string?)(await stripe.Post("/v1/subscriptions", ("customer", customer), ("items[0][price]", price), ("discounts[0][coupon]", single.Id))).Error["code"]);

        stripe.Advance(Day + 60);
        Assert.False((bool)(await stripe.Get($"/v1/coupons/{soon.Id}"))["valid"]!);
        Assert.Single(await stripe.Told("coupon.updated"));

        // Who has it keeps it, also when it is deleted.
        Assert.True((bool)(await stripe.Delete($"/v1/coupons/{single.Id}"))["deleted"]!);
        stripe.Advance(32 * Day);
        Assert.Equal(1750, (long)(await stripe.Invoices(subscription.Id))[1]["total"]!);
        await stripe.Post($"/v1/subscriptions/{subscription.Id}", ("discounts", ""));
        stripe.Advance(31 * Day);
        Assert.Equal(2000, (long)(await stripe.Invoices(subscription.Id))[2]["total"]!);
        Assert.Single(await stripe.Told("customer.discount.deleted"));
    }

    [Fact]
    public async Task AnAmountIsSpreadOverTheLinesItIsFor()
    {
        await using var stripe = await StripeSandbox.Start();
        var (one, other) = (await stripe.Price(1000), await stripe.Price(333));
        var product = (await stripe.Get($"/v1/prices/{other}")).Text("product");
        var all = await stripe.Post("/v1/coupons", ("amount_off", 100), ("currency", "usd"), ("duration", "forever"));
        var some = await stripe.Post("/v1/coupons", ("amount_off", 1000), ("currency", "usd"), ("duration", "forever"), ("applies_to[products][0]", product));
        (string, object)[] items = [("customer", await stripe.Subscriber()), ("subscription_details[items][0][price]", one), ("subscription_details[items][1][price]", other)];
        var spread = await stripe.Post("/v1/invoices/create_preview", [.. items, ("discounts[0][coupon]", all.Id)]);
        Assert.Equal((1233L, [75L, 25L]), (spread.Number("total"), Taken(spread)), new Pairs());
        var narrow = await stripe.Post("/v1/invoices/create_preview", [.. items, ("discounts[0][coupon]", some.Id)]);
        Assert.Equal((1000L, [0L, 333L]), (narrow.Number("total"), Taken(narrow)), new Pairs());
    }

    [Fact]
    public async Task ACodeHasConditions()
    {
        await using var stripe = await StripeSandbox.Start();
        var coupon = await stripe.Post("/v1/coupons", ("percent_off", 50));
        var (customer, price) = (await stripe.Subscriber(), await stripe.Price(2000));
        var first = await stripe.Post("/v1/promotion_codes", ("promotion[type]", "coupon"), ("promotion[coupon]", coupon.Id), ("restrictions[first_time_transaction]", true), ("code", "FIRST"));
        var large = await stripe.Post("/v1/promotion_codes", ("promotion[type]", "coupon"), ("promotion[coupon]", coupon.Id),
            ("restrictions[minimum_amount]", 5000), ("restrictions[minimum_amount_currency]", "usd"));
        var brief = await stripe.Post("/v1/promotion_codes", ("promotion[type]", "coupon"), ("promotion[coupon]", coupon.Id), ("expires_at", stripe.Now() + 600));
        Assert.Equal(8, brief.Text("code").Length);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post("/v1/promotion_codes", ("promotion[type]", "coupon"), ("promotion[coupon]", coupon.Id), ("code", "first"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, await Try(large));
        Assert.Equal(HttpStatusCode.OK, await Try(first));
        Assert.Equal(HttpStatusCode.BadRequest, await Try(first));
        stripe.Advance(700);
        Assert.Equal(HttpStatusCode.BadRequest, await Try(brief));
        Assert.Equal(2, (await stripe.Get("/v1/promotion_codes?active=true")).Data.Count);

        async Task<HttpStatusCode> Try(StripeAnswer code) =>
            (await stripe.Post("/v1/subscriptions", ("customer", customer), ("items[0][price]", price), ("discounts[0][promotion_code]", code.Id))).Status;
    }

    [Fact]
    public async Task ItemsAreChangedOneByOne()
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(), await stripe.Price(2000));
        var added = await stripe.Post("/v1/subscription_items", ("subscription", subscription.Id), ("price", await stripe.Price(500)), ("quantity", 3), ("proration_behavior", "none"));
        Assert.Equal((3L, subscription.Id), (added.Number("quantity"), added.Text("subscription")));
        Assert.Equal(2, (await stripe.Get($"/v1/subscription_items?subscription={subscription.Id}")).Data.Count);
        Assert.Equal(5, (await stripe.Post($"/v1/subscription_items/{added.Id}", ("quantity", 5), ("proration_behavior", "always_invoice"))).Number("quantity"));
        Assert.Equal(2, (await stripe.Invoices(subscription.Id)).Count);
        Assert.True((bool)(await stripe.Delete($"/v1/subscription_items/{subscription.Item()}"))["deleted"]!);
        Assert.Equal(HttpStatusCode.NotFound, (await stripe.Get($"/v1/subscription_items/{subscription.Item()}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Delete($"/v1/subscription_items/{added.Id}")).Status);
        stripe.Advance(32 * Day);
        var renewal = (await stripe.Invoices(subscription.Id))[^1];
        Assert.Equal(2500, (long)renewal["lines"]!["data"]!.AsArray()[^1]!["amount"]!);
    }

    [Fact]
    public async Task ThePortalOffersWhatItIsConfiguredFor()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Subscriber();
        var (basic, other, hidden) = (await stripe.Price(2000), await stripe.Price(3000), await stripe.Price(4000));
        var subscription = await stripe.Subscribe(customer, basic);
        var product = (await stripe.Get($"/v1/prices/{other}")).Text("product");
        var configuration = await stripe.Post("/v1/billing_portal/configurations", ("features[invoice_history][enabled]", true), ("features[payment_method_update][enabled]", false),
            ("features[subscription_update][enabled]", true), ("features[subscription_update][products][0][product]", product),
            ("features[subscription_update][products][0][prices][0]", other), ("features[subscription_update][proration_behavior]", "none"));
        Assert.Equal(HttpStatusCode.OK, configuration.Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post("/v1/billing_portal/sessions", ("customer", customer), ("configuration", configuration.Id),
            ("flow_data[type]", "subscription_cancel"), ("flow_data[subscription_cancel][subscription]", subscription.Id))).Status);
        var session = await stripe.Post("/v1/billing_portal/sessions", ("customer", customer), ("configuration", configuration.Id), ("return_url", "https://shop.example/me"));
        var page = await stripe.Http.GetStringAsync(session.Text("url"));
        Assert.Contains(other, page, StringComparison.Ordinal);
        Assert.DoesNotContain(hidden, page, StringComparison.Ordinal);
        Assert.DoesNotContain("Cancel the subscription", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.PaymentRequired, await Press(("action", "cancel"), ("subscription", subscription.Id)));
        Assert.Equal(HttpStatusCode.SeeOther, await Press(("action", "change"), ("subscription", subscription.Id), ("price", other)));
        Assert.Equal(other, (await stripe.Subscription(subscription.Id)).Text("items", "data", "0", "price", "id"));
        Assert.Equal(HttpStatusCode.NotFound, (await stripe.Http.GetAsync(session.Text("url") + "x")).StatusCode);

        async Task<HttpStatusCode> Press(params (string Name, string Value)[] form)
        {
            using var content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value)));
            using var response = await stripe.Http.PostAsync(session.Text("url"), content);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task ADeletedCustomersSubscriptionsEnd()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Subscriber();
        var subscription = await stripe.Subscribe(customer, await stripe.Price(2000));
        await stripe.Delete($"/v1/customers/{customer}");
        Assert.Equal("canceled", (await stripe.Subscription(subscription.Id)).Text("status"));
        stripe.Advance(90 * Day);
        Assert.Single(await stripe.Invoices(subscription.Id));
    }

    [Fact]
    public async Task AnInvoicesPageTakesACardAndItsBanksQuestion()
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(card: null), await stripe.Price(2000), ("payment_behavior", "default_incomplete"));
        var url = (await stripe.Get($"/v1/invoices/{subscription.Text("latest_invoice")}")).Text("hosted_invoice_url");
        Assert.Contains("Your card was declined", await Press("card", "4000 0000 0000 0002"), StringComparison.Ordinal);
        Assert.Contains("Your bank asks", await Press("card", "4000 0025 0000 3155"), StringComparison.Ordinal);
        Assert.Contains("paid", await Press("answer", "yes"), StringComparison.Ordinal);
        Assert.Equal("active", (await stripe.Subscription(subscription.Id)).Text("status"));

        async Task<string> Press(string name, string value)
        {
            using var content = new FormUrlEncodedContent([KeyValuePair.Create(name, value)]);
            using var response = await stripe.Http.PostAsync(url, content);
            return await response.Content.ReadAsStringAsync();
        }
    }

    private static long[] Taken(StripeAnswer invoice) =>
        [.. invoice["lines"]!["data"]!.AsArray().Select(line => line!["discount_amounts"]!.AsArray().Sum(one => (long)one!["amount"]!))];

    private sealed class Pairs : IEqualityComparer<(long Total, long[] Taken)>
    {
        public bool Equals((long Total, long[] Taken) one, (long Total, long[] Taken) other) => one.Total == other.Total && one.Taken.SequenceEqual(other.Taken);

        public int GetHashCode((long Total, long[] Taken) one) => one.Total.GetHashCode();
    }
}
