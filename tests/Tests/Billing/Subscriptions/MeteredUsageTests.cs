using System.Text.Json;
using Ledgerline.Plans;
using Ledgerline.Usage.Recorded;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>What pay-as-you-go subscribers use reaches Stripe's meters, once, and stands on the next invoice.</summary>
public sealed class MeteredUsageTests
{
    [Theory, EveryDatabase]
    public async Task Use_is_reported_once_and_billed_with_the_next_invoice(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("usage_based");
        await shop.Synced();

        // Stripe is away at first, and once it does not say that it has taken it.
        await shop.Shop.Fault(new { provider = "stripe", path = "/v1/billing/meter_events", times = 4, status = 503 });
        await Use(shop, subscriber, UsedService.VoiceCall, 23, "usage:1");
        await Use(shop, subscriber, UsedService.VoiceCall, 2, "usage:2");
        await Use(shop, subscriber, UsedService.VoiceCall, 2, "usage:2");
        await Use(shop, subscriber, UsedService.Sms, 7, "usage:3");
        await Use(shop, subscriber, UsedService.CustomScenario, 1, "usage:4");
        await Reported(shop, 4);

        await shop.PassMonth();
        await TestWorld.Until(async () => (await subscriber.History()).Length == 1, "the month is billed");
        // 25 minutes at 5 cents, 7 messages at 1, one scenario at 500.
        Assert.Equal(125 + 7 + 500, (await subscriber.History())[0].GetProperty("amount").GetInt64());
        Assert.Equal("usage_based", await subscriber.Plan());
    }

    [Fact]
    public async Task What_Stripe_has_counted_and_we_did_not_note_is_not_counted_again()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("usage_based");
        await shop.Synced();
        await shop.Shop.Fault(new { provider = "stripe", path = "/v1/billing/meter_events", times = 3, drop = true, when = "after" });

        await Use(shop, subscriber, UsedService.VoiceCall, 10, "usage:lost");
        await Reported(shop, 1);

        await shop.PassMonth();
        await TestWorld.Until(async () => (await subscriber.History()).Length == 1, "the month is billed");
        Assert.Equal(50, (await subscriber.History())[0].GetProperty("amount").GetInt64());
    }

    [Fact]
    public async Task When_it_ends_at_once_what_was_used_is_billed_and_nothing_more_can_be_used()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("usage_based");
        await Use(shop, subscriber, UsedService.VoiceCall, 100, "usage:last");
        await Reported(shop, 1);
        await shop.Pass(TimeSpan.FromMinutes(1));

        await subscriber.Ask(HttpMethod.Post, "/payments/cancel-subscription?at_period_end=false");

        await TestWorld.Until(async () => (await subscriber.History()).Any(record => record.GetProperty("amount").GetInt64() == 500), "the last minutes are billed");
        Assert.Null(await subscriber.Plan());
    }

    [Theory, EveryDatabase]
    public async Task What_is_used_before_anybody_hears_of_the_end_stands_on_the_next_invoice(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        var id = await subscriber.Subscribe("usage_based");
        await Use(shop, subscriber, UsedService.VoiceCall, 100, "usage:counted");
        await Reported(shop, 1);
        await shop.Pass(TimeSpan.FromMinutes(1));
        await shop.Shop.HoldWebhooks();
        await SavedCardTests.AtStripe(shop.Shop, HttpMethod.Delete, $"subscriptions/{id}?invoice_now=true");
        await Use(shop, subscriber, UsedService.VoiceCall, 3, "usage:late");
        await Reported(shop, 2);

        await shop.Shop.ReleaseWebhooks();
        await subscriber.Has(null);
        await shop.Pass(TimeSpan.FromMinutes(2));

        var customer = await shop.CustomerOf(subscriber.Account);
        Assert.Equal(15, Assert.Single((await shop.Stripe($"invoiceitems?customer={customer}")).GetProperty("data").EnumerateArray()).GetProperty("amount").GetInt64());
        Assert.Equal([(3L, 15L), (100L, null)], await shop.Rows<(long, long?)>("SELECT amount, own_cents FROM metered_usage WHERE reported_at IS NOT NULL ORDER BY amount"));
        await TestWorld.Until(async () => (await subscriber.History()).Any(record => record.GetProperty("amount").GetInt64() == 500), "what the meter counted is billed");
    }

    [Theory, EveryDatabase]
    public async Task An_operators_own_price_is_billed_as_it_is_shown(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        await shop.World.Database.Write(transaction => transaction.Execute("UPDATE accounts SET is_admin = true WHERE account_id = @Account", new { subscriber.Account }));
        await subscriber.Subscribe("usage_based");
        await shop.Synced();
        // Stripe has taken the first one and says so too late.
        await shop.Shop.Fault(new { provider = "stripe", path = "/v1/invoiceitems", times = 3, drop = true, when = "after" });

        var costs = new List<long>();
        foreach (var (price, amount) in new[] { ("0.125", 3), ("0", 5), ("0.05", 4), ("0.0001", 2) })
        {
            var recorded = await subscriber.Ask(HttpMethod.Post, "/payments/record-usage", JsonSerializer.Deserialize<JsonElement>(
                $$"""{"service_type":"voice_call","usage_amount":{{amount}},"usage_unit":"minutes","cost_per_unit":{{price}} }"""));
            costs.Add(recorded.GetProperty("total_cost").GetInt64());
        }

        Assert.Equal([38, 0, 20, 0], costs);
        await Reported(shop, 2);
        // What has the plan's own price is counted, the rest stands there as an amount.
        Assert.Equal([(3L, 38L), (4L, null)], await shop.Rows<(long, long?)>("SELECT amount, own_cents FROM metered_usage ORDER BY amount"));

        await shop.PassMonth();
        await TestWorld.Until(async () => (await subscriber.History()).Length == 1, "the month is billed");
        Assert.Equal(38 + 20, (await subscriber.History())[0].GetProperty("amount").GetInt64());
        Assert.Equal(1, (await shop.Stripe("invoiceitems?limit=100")).GetProperty("data").GetArrayLength());
    }

    private static Task Use(PlanShop shop, Subscriber subscriber, string service, long amount, string id) => shop.World.Database.Write(transaction =>
        shop.Get<ServiceUsage>().Record(transaction, new NewServiceUse(subscriber.Account, service, amount) { Resource = id }));

    // A failed job waits before it is tried again.
    private static Task Reported(PlanShop shop, int count) => TestWorld.Until(
        async () =>
        {
            if (await shop.Row<long>("SELECT count(*) FROM metered_usage WHERE reported_at IS NOT NULL") == count)
            {
                return true;
            }

            var next = await shop.Row<long?>("SELECT MIN(run_at) FROM jobs WHERE kind LIKE 'MeteredUsageDue%' AND status = 'ready' AND attempt > 0");
            if (next > shop.World.Clock.GetUtcNow().ToUnixTimeMilliseconds())
            {
                shop.World.Clock.SetNow(DateTimeOffset.FromUnixTimeMilliseconds(next.Value + 1));
            }

            return false;
        },
        $"{count} uses are reported");
}
