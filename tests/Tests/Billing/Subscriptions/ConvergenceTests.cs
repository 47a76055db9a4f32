using System.Net;
using System.Text.Json;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>Events in any order, any number of times, and held back for any time lead to the books that the ordered run leads to.</summary>
public sealed class ConvergenceTests(ITestOutputHelper output)
{
    private const string Webhook = "/payments/stripe-webhook";

    private static readonly string[] Plans = ["basic_monthly", "pro_monthly", "enterprise_monthly"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_story_told_in_disorder_ends_as_the_story_told_in_order(int seed)
    {
        output.WriteLine($"seed {seed}");
        var ordered = await Story(seed, disorder: false);
        var shuffled = await Story(seed, disorder: true);
        Assert.Equal(ordered, shuffled);
    }

    [Theory, EveryDatabase]
    public async Task What_is_believed_does_not_depend_on_the_order_in_which_it_was_told(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("business_basic");
        var (customer, price) = (await shop.CustomerOf(subscriber.Account), await shop.Price("pro_monthly"));
        await shop.Heard();
        // The same for all that is told, however long the telling takes.
        var start = shop.World.Clock.GetUtcNow().AddDays(-1).ToUnixTimeSeconds();
        for (var seed = 1; seed <= 8; seed++)
        {
            var random = new Random(seed);
            var words = Enumerable.Range(0, 6).Select(_ => new[] { "active", "past_due", "trialing", "unpaid" }[random.Next(4)]).ToList();
            if (seed % 2 == 0)
            {
                words.Add("canceled");
            }

            var ends = new List<string>();
            foreach (var shuffled in new[] { false, true })
            {
                var id = $"sub_told{seed}{shuffled}";
                var events = words.Select((word, at) => Told(shop, id, customer!, price, word, start, at)).ToArray();
                if (shuffled)
                {
                    events = [.. events, .. events];
                    random.Shuffle(events);
                }

                foreach (var body in events)
                {
                    var answer = await shop.Shop.Deliver(body, Webhook);
                    Assert.True(answer.Status == HttpStatusCode.OK, $"seed {seed}: {answer}");
                }

                ends.Add(await shop.Row<string>($"SELECT status || ' ' || period_end || ' ' || cancel_at_period_end FROM subscriptions WHERE id = '{id}'"));
            }

            Assert.True(ends[0] == ends[1], $"seed {seed}: ordered {ends[0]}, shuffled {ends[1]}");
        }
    }

    [Fact]
    public async Task A_spare_plan_that_Stripe_does_not_end_is_not_forgotten()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("business_basic");
        var (customer, price) = (await shop.CustomerOf(subscriber.Account), await shop.Price("pro_monthly"));
        await shop.Heard();
        var start = shop.World.Clock.GetUtcNow().AddDays(-1).ToUnixTimeSeconds();
        foreach (var id in new[] { "sub_first", "sub_second" })
        {
            // Nobody at Stripe knows it, so nobody there ends it.
            var answer = await shop.Shop.Deliver(Told(shop, id, customer!, price, "active", start, 1), Webhook);
            Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
        }

        await TestWorld.Until(
            async () => (await shop.Rows<string>("SELECT last_error FROM jobs WHERE lane LIKE 'plans %' AND last_error IS NOT NULL")).Count > 0,
            "the job has failed and comes again");
    }

    private static string Told(PlanShop shop, string id, string customer, string price, string status, long start, int at)
    {
        var body = $$"""
            {"id":"{{id}}","object":"subscription","status":"{{status}}","customer":"{{customer}}","created":{{start}},"current_period_start":{{start}},
            "current_period_end":{{start + 1000 + at}},"cancel_at_period_end":{{(at % 2 == 0 ? "true" : "false")}},"items":{"object":"list","data":[{"id":"si_1","price":{"id":"{{price}}"} }]} }
            """;
        return shop.Shop.Event(
            status == "canceled" ? "customer.subscription.deleted" : "customer.subscription.updated", body, $"evt_{id}_{at}", DateTimeOffset.FromUnixTimeSeconds(start + at));
    }

    // Subscribes, changes, misses payments, pays, cancels, as the seed says; what is at the end, without times and ids.
    private static async Task<string> Story(int seed, bool disorder)
    {
        await using var shop = await PlanShop.Open();
        var (random, road) = (new Random(seed), new Random(seed * 7919));
        var subscriber = await shop.NewSubscriber();
        var id = await subscriber.Subscribe(Plans[random.Next(Plans.Length)]);
        for (var step = 0; step < 5; step++)
        {
            if (disorder)
            {
                await shop.World.Control("/_sandbox/stripe/webhooks", new { duplicate = road.Next(3), reorder = road.Next(2) == 0, hold = true });
            }

            switch (random.Next(5))
            {
                case 0:
                    await subscriber.TrySubscribe(Plans[random.Next(Plans.Length)], card: "pm_card_visa");
                    break;
                // What is over has no card any more.
                case 1 when (await shop.Stripe($"subscriptions/{id}")).GetProperty("ended_at").ValueKind == JsonValueKind.Null:
                    var method = (await shop.StripePost("payment_methods/pm_card_chargeCustomerFail/attach", ("customer", (await shop.CustomerOf(subscriber.Account))!))).GetProperty("id").GetString()!;
                    await shop.StripePost($"subscriptions/{id}", ("default_payment_method", method));
                    break;
                case 2:
                    await subscriber.Send(HttpMethod.Post, "/payments/cancel-subscription");
                    break;
                case 3:
                    await subscriber.Send(HttpMethod.Post, "/payments/resume-subscription");
                    break;
                default:
                    break;
            }

            shop.World.Clock.Advance(TimeSpan.FromDays(random.Next(3) == 0 ? 31 : 1));
            shop.World.Clock.Advance(TimeSpan.FromHours(2));
            if (disorder)
            {
                await shop.World.Control("/_sandbox/stripe/webhooks", new { duplicate = road.Next(3), reorder = road.Next(2) == 0, hold = false });
            }

            await shop.Heard();
        }

        await shop.World.Control("/_sandbox/stripe/webhooks", new { });
        await shop.Heard();
        var subscriptions = await shop.Rows<string>("SELECT plan_id || ' ' || status || ' ' || cancel_at_period_end || ' ' || dunning_step FROM subscriptions ORDER BY created_at, id");
        var history = await subscriber.History();
        var there = (await shop.Stripe($"subscriptions?status=all&customer={await shop.CustomerOf(subscriber.Account)}")).GetProperty("data").EnumerateArray()
            .Select(subscription => subscription.GetProperty("status").GetString()).Reverse();
        // Prorated amounts differ by the second in which a run happens to be, and payments of one second have no order.
        var paid = history.Reverse().Select(record => $"{record.GetProperty("description").GetString()} {(record.GetProperty("amount").GetInt64() + 50) / 100}");
        return $"{string.Join(", ", subscriptions)} | {await subscriber.Plan()} | {string.Join(", ", paid.Order(StringComparer.Ordinal))} | at Stripe {string.Join(", ", there)}";
    }
}
