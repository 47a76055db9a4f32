using System.Net;
using Ledgerline.Plans;
using Tests.Persistence;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>Subscribing: with a card, without one, with a bank that asks; once, however often it is sent.</summary>
public sealed class SubscribeTests
{
    private const string Create = "/payments/create-subscription";

    [Theory, EveryDatabase]
    public async Task A_card_that_pays_gives_the_plan_at_once(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        Assert.Equal(
            """{"has_subscription":false,"plan_name":null,"plan_type":null,"status":"no_subscription","current_period_start":null,"current_period_end":null,"cancel_at_period_end":false,"features":{},"current_usage":{}}""",
            (await subscriber.Status()).ToString());

        var (status, answer) = await subscriber.TrySubscribe("pro_monthly");

        Assert.Equal(HttpStatusCode.OK, status);
        var id = answer.GetProperty("subscription_id").GetString()!;
        Assert.Equal(
            $$"""{"success":true,"subscription_id":"{{id}}","client_secret":null,"requires_action":false,"message":"Subscription created successfully"}""",
            answer.ToString());
        Assert.Equal("pro_monthly", await subscriber.Plan());
        var there = Assert.Single(await subscriber.AtStripe());
        Assert.Equal((id, "active"), (there.GetProperty("id").GetString(), there.GetProperty("status").GetString()));

        var shown = await subscriber.Status();
        Assert.True(shown.GetProperty("has_subscription").GetBoolean());
        Assert.Equal(("pro_monthly", "monthly", "active"), (shown.GetProperty("plan_name").GetString(), shown.GetProperty("plan_type").GetString(), shown.GetProperty("status").GetString()));
        Assert.Equal(500, shown.GetProperty("features").GetProperty("voice_minutes").GetInt32());
        var item = there.GetProperty("items").GetProperty("data")[0];
        Assert.Equal(item.GetProperty("current_period_end").GetInt64(), shown.GetProperty("current_period_end").GetDateTimeOffset().ToUnixTimeSeconds());

        await shop.Heard();
        var history = await subscriber.Ask(HttpMethod.Get, "/payments/billing-history");
        Assert.Equal(1, history.GetProperty("total_records").GetInt64());
        var record = Assert.Single(history.GetProperty("billing_history").EnumerateArray());
        Assert.Equal((9999, "usd", "succeeded", "subscription", "Payment for pro_monthly"), (
            record.GetProperty("amount").GetInt64(), record.GetProperty("currency").GetString(), record.GetProperty("status").GetString(),
            record.GetProperty("payment_type").GetString(), record.GetProperty("description").GetString()));
        Assert.Equal(there.GetProperty("latest_invoice").GetString(), record.GetProperty("stripe_invoice_id").GetString());
        Assert.InRange(record.GetProperty("id").GetInt64(), 1, 1L << 53);
    }

    [Theory, EveryDatabase]
    public async Task Without_a_card_the_browser_pays_and_the_webhook_gives_the_plan(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();

        var (status, answer) = await subscriber.TrySubscribe("basic_monthly", card: null);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(answer.GetProperty("requires_action").GetBoolean());
        Assert.Contains("_secret_", answer.GetProperty("client_secret").GetString(), StringComparison.Ordinal);
        Assert.Null(await subscriber.Plan());
        Assert.False((await subscriber.Status()).GetProperty("has_subscription").GetBoolean());
        Assert.Empty(await subscriber.History());

        // The same again is the same subscription, with the same payment waiting.
        var (_, again) = await subscriber.TrySubscribe("basic_monthly", card: null);
        Assert.Equal(answer.ToString(), again.ToString());

        var id = answer.GetProperty("subscription_id").GetString()!;
        await shop.World.Control($"/_sandbox/stripe/subscriptions/{id}/pay", new { card = "4242424242424242" });

        // No request of the customer's, only the event.
        await subscriber.Has("basic_monthly");
        await shop.Heard();
        Assert.Equal("active", await subscriber.StatusWord());
        Assert.Equal("4999 succeeded Payment for basic_monthly", await subscriber.Paid());
    }

    [Fact]
    public async Task A_bank_that_asks_is_answered_with_the_secret_and_the_plan_waits()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();

        var (status, answer) = await subscriber.TrySubscribe("pro_monthly", "pm_card_authenticationRequired");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(answer.GetProperty("requires_action").GetBoolean());
        Assert.NotNull(answer.GetProperty("client_secret").GetString());
        Assert.Null(await subscriber.Plan());

        // A double click while the customer talks to the bank takes nothing away from them.
        var (_, again) = await subscriber.TrySubscribe("pro_monthly", "pm_card_authenticationRequired");
        Assert.Equal(answer.GetProperty("subscription_id").GetString(), again.GetProperty("subscription_id").GetString());

        await shop.World.Control($"/_sandbox/stripe/subscriptions/{answer.GetProperty("subscription_id").GetString()}/pay", new { confirm = true });
        await subscriber.Has("pro_monthly");
    }

    [Theory, EveryDatabase]
    public async Task Twenty_at_once_over_two_nodes_are_one_subscription(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        using var second = await shop.World.StartNode();
        var subscriber = await shop.NewSubscriber();
        var price = await shop.Price("basic_monthly");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            (i % 2 == 0 ? subscriber : subscriber.At(second)).TrySubscribe("basic_monthly", price: price)));

        Assert.All(answers, answer => Assert.True(answer.Status == HttpStatusCode.OK, $"{answer.Status} {answer.Body}"));
        Assert.Single(answers.Select(answer => answer.Body.GetProperty("subscription_id").GetString()).Distinct());
        Assert.Single(await subscriber.AtStripe());
        await shop.Heard();
        Assert.Equal("4999 succeeded Payment for basic_monthly", await subscriber.Paid());
        Assert.Equal(1, await shop.Row<long>("SELECT count(*) FROM subscriptions"));
    }

    [Fact]
    public async Task An_idempotency_key_answers_the_same_and_another_request_under_it_is_refused()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();

        var first = await subscriber.TrySubscribe("basic_monthly", key: "once");
        var again = await subscriber.TrySubscribe("basic_monthly", key: "once");
        var other = await subscriber.TrySubscribe("pro_monthly", key: "once");

        Assert.Equal((HttpStatusCode.OK, first.Body.ToString()), (again.Status, again.Body.ToString()));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
        Assert.Equal("basic_monthly", await subscriber.Plan());
        // A failure of the moment leaves the key free.
        await shop.Synced();
        var anew = await shop.NewSubscriber();
        await shop.Shop.Fault(new { provider = "stripe", path = "/v1/subscriptions", method = "POST", status = 503, times = 3 });
        var failed = await anew.TrySubscribe("basic_monthly", key: "twice");
        Assert.Equal((HttpStatusCode.BadRequest, "Failed to create subscription: the payment provider cannot be reached"), (failed.Status, failed.Body.GetProperty("detail").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await anew.TrySubscribe("basic_monthly", key: "twice")).Status);
        Assert.Single(await anew.AtStripe());
    }

    [Theory, EveryDatabase]
    public async Task Another_plan_of_the_product_replaces_the_first_with_proration(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        var id = await subscriber.Subscribe("basic_monthly");
        await shop.Pass(TimeSpan.FromDays(15));

        var replaced = await subscriber.Subscribe("pro_monthly");

        Assert.Equal(id, replaced);
        var there = Assert.Single(await subscriber.AtStripe());
        Assert.Equal(await shop.Price("pro_monthly"), Assert.Single(there.GetProperty("items").GetProperty("data").EnumerateArray()).GetProperty("price").GetProperty("id").GetString());
        Assert.Equal("pro_monthly", await subscriber.Plan());
        await shop.Heard();
        var records = await subscriber.History();
        Assert.Equal(2, records.Length);
        Assert.Equal("Payment for basic_monthly", records[1].GetProperty("description").GetString());
        // About half of the difference of 50 dollars, for about half of the month.
        Assert.InRange(records[0].GetProperty("amount").GetInt64(), 2300, 2700);
        Assert.Equal("Payment for pro_monthly", records[0].GetProperty("description").GetString());
    }

    [Fact]
    public async Task Plans_of_two_products_stand_side_by_side()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("business_basic");
        await subscriber.Subscribe("basic_monthly");

        Assert.Equal("business_basic", await subscriber.Plan(PlanProduct.Calls));
        Assert.Equal("basic_monthly", await subscriber.Plan());
        Assert.Equal(2, (await subscriber.AtStripe()).Length);
    }

    [Fact]
    public async Task Coupons_and_promotion_codes_make_it_cheaper()
    {
        await using var shop = await PlanShop.Open();
        await shop.StripePost("coupons", ("id", "half"), ("percent_off", "50"), ("duration", "once"));
        await shop.StripePost("promotion_codes", ("promotion[type]", "coupon"), ("promotion[coupon]", "half"), ("code", "SPRING"));
        var price = await shop.Price("pro_monthly");

        foreach (var discount in new object[]
        {
            new { price_id = price, plan_name = "pro_monthly", payment_method_id = "pm_card_visa", coupon = "half" },
            new { price_id = price, plan_name = "pro_monthly", payment_method_id = "pm_card_visa", promotion_code = "SPRING" },
        })
        {
            var subscriber = await shop.NewSubscriber();
            await subscriber.Ask(HttpMethod.Post, Create, discount);
            await shop.Heard();
            Assert.Equal("4999 succeeded Payment for pro_monthly", await subscriber.Paid());
        }
    }

    [Fact]
    public async Task Yearly_costs_ten_months_and_pay_as_you_go_costs_nothing_until_something_is_used()
    {
        await using var shop = await PlanShop.Open();
        var yearly = await shop.NewSubscriber();
        await yearly.Subscribe("pro_yearly");
        var used = await shop.NewSubscriber();
        await used.Subscribe("usage_based");
        await shop.Heard();

        Assert.Equal("99990 succeeded Payment for pro_yearly", await yearly.Paid());
        Assert.Equal("yearly", (await yearly.Status()).GetProperty("plan_type").GetString());
        Assert.Equal("usage_based", await used.Plan());
        Assert.Equal(4, Assert.Single(await used.AtStripe()).GetProperty("items").GetProperty("data").GetArrayLength());
        Assert.Equal("usage", (await used.Status()).GetProperty("plan_type").GetString());
        // From the metered plan to a fixed one and back there is one subscription all the time.
        await used.Subscribe("basic_monthly");
        Assert.Single(Assert.Single(await used.AtStripe()).GetProperty("items").GetProperty("data").EnumerateArray());
        Assert.Equal("basic_monthly", await used.Plan());
        await used.Subscribe("usage_based");
        Assert.Equal(4, Assert.Single(await used.AtStripe()).GetProperty("items").GetProperty("data").GetArrayLength());
        Assert.Equal("usage_based", await used.Plan());
    }
}
