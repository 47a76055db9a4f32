using System.Net;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Plans;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>The catalogue as it stands at Stripe: made once, taken over when a plan changes, the operator's own prices first.</summary>
public sealed class CatalogueTests
{
    [Fact]
    public async Task Every_plan_that_is_sold_has_its_price_and_a_second_start_makes_nothing_more()
    {
        await using var shop = await PlanShop.Open();
        await shop.Synced();
        foreach (var (plan, cents, interval) in new[]
        {
            ("basic_monthly", 4999, "month"), ("pro_monthly", 9999, "month"), ("enterprise_monthly", 29999, "month"),
            ("business_basic", 4999, "month"), ("business_professional", 9900, "month"), ("business_enterprise", 29900, "month"),
            ("basic_yearly", 49990, "year"), ("business_professional_yearly", 99000, "year"), ("chat_pro", 999, "month"),
        })
        {
            var price = (await shop.Stripe($"prices?lookup_keys[]={plan}")).GetProperty("data")[0];
            Assert.Equal((cents, interval, "usd"), (
                price.GetProperty("unit_amount").GetInt32(), price.GetProperty("recurring").GetProperty("interval").GetString(), price.GetProperty("currency").GetString()));
        }

        var meters = (await shop.Stripe("billing/meters?limit=100")).GetProperty("data").EnumerateArray().ToDictionary(meter => meter.GetProperty("id").GetString()!, meter => meter.GetProperty("event_name").GetString());
        foreach (var (key, cents, counted) in new[]
        {
            ("usage_based", "5", "voice_call"), ("usage_based.sms", "1", "sms"), ("usage_based.transcription", "2", "transcription"), ("usage_based.custom_scenario", "500", "custom_scenario"),
        })
        {
            var price = (await shop.Stripe($"prices?lookup_keys[]={key}")).GetProperty("data")[0];
            Assert.Equal((cents, $"ledgerline_{counted}"), (price.GetProperty("unit_amount_decimal").GetString(), meters[price.GetProperty("recurring").GetProperty("meter").GetString()!]));
        }

        Assert.Empty((await shop.Stripe("prices?lookup_keys[]=chat_basic")).GetProperty("data").EnumerateArray());
        Assert.Empty((await shop.Stripe("prices?lookup_keys[]=mobile_weekly")).GetProperty("data").EnumerateArray());
        var made = await Counts(shop);
        using var second = await shop.World.StartNode();
        await shop.Synced();
        Assert.Equal(made, await Counts(shop));
    }

    [Theory, EveryDatabase]
    public async Task A_new_version_takes_the_key_over_and_who_subscribed_keeps_what_was_promised(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("basic_monthly");
        var old = await shop.Price("basic_monthly");
        await shop.Synced();

        await Change(shop, "basic_monthly", Money.Usd(5999), 50);
        await TestWorld.Until(async () => await shop.Price("basic_monthly") != old, "the new price is at Stripe");
        await shop.Synced();

        Assert.Equal(JsonValueKind.Null, (await shop.Stripe($"prices/{old}")).GetProperty("lookup_key").ValueKind);
        Assert.Equal(4999, (await shop.Stripe($"prices/{old}")).GetProperty("unit_amount").GetInt32());
        await shop.PassMonth();
        Assert.Equal("4999 succeeded Payment for basic_monthly, 4999 succeeded Payment for basic_monthly", await subscriber.Paid());
        Assert.Equal(100, (await subscriber.Status()).GetProperty("features").GetProperty("voice_minutes").GetInt32());

        var later = await shop.NewSubscriber();
        Assert.Equal(HttpStatusCode.BadRequest, (await later.TrySubscribe("basic_monthly", price: old)).Status);
        await later.Subscribe("basic_monthly");
        Assert.Equal(50, (await later.Status()).GetProperty("features").GetProperty("voice_minutes").GetInt32());
    }

    [Fact]
    public async Task A_version_that_costs_the_same_keeps_the_price_and_still_alters_nobody_s_plan()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("basic_monthly");
        var price = await shop.Price("basic_monthly");
        await Change(shop, "basic_monthly", Money.Usd(4999), 7);
        await shop.Synced();

        Assert.Equal(price, await shop.Price("basic_monthly"));
        await shop.PassMonth();
        Assert.Equal(100, (await subscriber.Status()).GetProperty("features").GetProperty("voice_minutes").GetInt32());
        var later = await shop.NewSubscriber();
        await later.Subscribe("basic_monthly");
        Assert.Equal(7, (await later.Status()).GetProperty("features").GetProperty("voice_minutes").GetInt32());
    }

    [Fact]
    public async Task The_operator_s_own_price_wins_and_one_in_another_currency_is_not_taken()
    {
        await using var first = await PlanShop.Open(settings: new() { ["STRIPE_SYNC_CATALOGUE"] = "false" });
        Assert.Equal(0, await first.Row<long>("SELECT count(*) FROM plan_prices"));
        var product = (await first.StripePost("products", ("name", "Ours"))).GetProperty("id").GetString()!;
        var own = (await first.StripePost("prices", ("product", product), ("currency", "usd"), ("unit_amount", "4200"), ("recurring[interval]", "month"))).GetProperty("id").GetString()!;
        var foreign = (await first.StripePost("prices", ("product", product), ("currency", "eur"), ("unit_amount", "4999"), ("recurring[interval]", "month"))).GetProperty("id").GetString()!;

        first.World.Set("STRIPE_PRICE_BASIC_MONTHLY", own);
        first.World.Set("STRIPE_PRICE_PRO_MONTHLY", foreign);
        using var node = await first.World.StartNode();
        var subscriber = (await first.NewSubscriber()).At(node);

        Assert.Equal(HttpStatusCode.OK, (await subscriber.TrySubscribe("basic_monthly", price: own)).Status);
        await first.Heard();
        Assert.Equal("4200 succeeded Payment for basic_monthly", await subscriber.Paid());
        var (status, answer) = await subscriber.TrySubscribe("pro_monthly", price: foreign);
        Assert.Equal((HttpStatusCode.BadRequest, "Failed to create subscription: price does not belong to plan"), (status, answer.GetProperty("detail").GetString()));
    }

    private static async Task<(int, int, int)> Counts(PlanShop shop) => (
        (await shop.Stripe("products?limit=100")).GetProperty("data").GetArrayLength(),
        (await shop.Stripe("prices?limit=100")).GetProperty("data").GetArrayLength(),
        (await shop.Stripe("billing/meters?limit=100")).GetProperty("data").GetArrayLength());

    private static Task Change(PlanShop shop, string plan, Money price, int voiceMinutes) => shop.Get<PlanCatalog>().Change(
        new AccountId(Guid.NewGuid()),
        plan,
        before => new PlanDraft(before.Id, before.Name, before.Type, before.Product, price, JsonSerializer.SerializeToElement(new { voice_minutes = voiceMinutes })) { IsCore = before.IsCore },
        CancellationToken.None);
}
