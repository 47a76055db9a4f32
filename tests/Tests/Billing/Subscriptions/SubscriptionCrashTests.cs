using System.Net;
using Ledgerline.Persistence;
using Soak;
using Tests.World;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>Stripe has done it and we could not write it down: nothing is paid twice, and the next attempt finds it.</summary>
public sealed class SubscriptionCrashTests
{
    public static TheoryData<string, string> Faults
    {
        get
        {
            var faults = new TheoryData<string, string>();
            foreach (var engine in new[] { "sqlite", "postgres", "turso" })
            {
                foreach (var statement in new[] { "INSERT INTO subscriptions", "INSERT INTO payments", "UPDATE stripe_objects SET version", Transaction.Commit })
                {
                    faults.Add(engine, statement);
                }
            }

            return faults;
        }
    }

    [Theory, MemberData(nameof(Faults))]
    public async Task A_fault_between_Stripe_s_answer_and_our_commit_leaves_nothing_paid_twice(string engine, string statement)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        var price = await shop.Price("basic_monthly");
        await shop.Synced();
        await shop.Shop.HoldWebhooks();
        var (saved, thrown) = (false, false);
        shop.World.Database.Engine.Watch = sql =>
        {
            saved |= sql.Contains("INSERT INTO payments", StringComparison.Ordinal) || sql.Contains("INSERT INTO subscriptions", StringComparison.Ordinal);
            if (saved && !thrown && sql.Contains(statement, StringComparison.Ordinal))
            {
                thrown = true;
                throw new IOException("The database went away.");
            }
        };

        var failed = await subscriber.TrySubscribe("basic_monthly", price: price, key: "mine");
        shop.World.Database.Engine.Watch = null;
        Assert.True(thrown);
        Assert.True(failed.Status >= HttpStatusCode.InternalServerError, $"{failed.Status}");
        Assert.Single(await subscriber.AtStripe());

        var again = await subscriber.TrySubscribe("basic_monthly", price: price, key: "mine");

        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal(Assert.Single(await subscriber.AtStripe()).GetProperty("id").GetString(), again.Body.GetProperty("subscription_id").GetString());
        await shop.Shop.ReleaseWebhooks();
        await shop.Heard();
        Assert.Equal("4999 succeeded Payment for basic_monthly", await subscriber.Paid());
        Assert.Equal("basic_monthly", await subscriber.Plan());
    }

    [Theory]
    [InlineData("mine", true)]
    [InlineData(null, true)]
    [InlineData(null, false)]
    public async Task A_node_that_is_killed_while_Stripe_works_leaves_nothing_paid_twice_and_nobody_waiting(string? key, bool isSeen)
    {
        await using var shop = await PlanShop.Open("postgres");
        await shop.Synced();
        var subscriber = await shop.NewSubscriber();
        var price = await shop.Price("basic_monthly");
        await shop.Shop.HoldWebhooks();
        await using (var node = await Node(shop))
        {
            await shop.Shop.Fault(new { provider = "stripe", path = "/v1/subscriptions", method = "POST", times = 1, when = "after", delay_ms = 60_000 });
            var hanging = subscriber.At(node.Client).TrySubscribe("basic_monthly", price: price, key: key);
            await TestWorld.Until(async () => (await subscriber.AtStripe()).Length == 1, "Stripe has done it");
            await node.Kill();
            await Assert.ThrowsAnyAsync<Exception>(() => hanging);
        }

        var asked = TimeProvider.System.GetTimestamp();
        if (!isSeen)
        {
            // As if it had been another machine: then its right has to end by itself.
            await shop.World.Database.Write(transaction => transaction.Execute("UPDATE subscription_orders SET ticket = 'of another machine'"));
        }

        var again = await subscriber.TrySubscribe("basic_monthly", price: price, key: key);

        Assert.True(again.Status == HttpStatusCode.OK, $"{again}");
        Assert.True(TimeProvider.System.GetElapsedTime(asked) < Leases.Length + TimeSpan.FromSeconds(5), $"{TimeProvider.System.GetElapsedTime(asked)}");
        Assert.Single(await subscriber.AtStripe());
        await shop.Shop.ReleaseWebhooks();
        await shop.Heard();
        Assert.Equal("4999 succeeded Payment for basic_monthly", await subscriber.Paid());
    }

    [Fact]
    public async Task A_node_that_is_killed_while_it_cancels_leaves_it_cancelled_and_the_answer_is_given_at_once()
    {
        await using var shop = await PlanShop.Open("postgres");
        await shop.Synced();
        var subscriber = await shop.NewSubscriber();
        var id = await subscriber.Subscribe("basic_monthly");
        const string cancel = "/payments/cancel-subscription";
        await using (var node = await Node(shop))
        {
            await shop.Shop.Fault(new { provider = "stripe", path = $"/v1/subscriptions/{id}", method = "POST", times = 1, when = "after", delay_ms = 60_000 });
            var hanging = subscriber.At(node.Client).Send(HttpMethod.Post, cancel, idempotencyKey: "mine");
            await TestWorld.Until(
                async () => (await shop.Stripe($"subscriptions/{id}")).GetProperty("cancel_at_period_end").GetBoolean(), "Stripe has done it");
            await node.Kill();
            await Assert.ThrowsAnyAsync<Exception>(() => hanging);
        }

        await subscriber.Ask(HttpMethod.Post, cancel, idempotencyKey: "mine");
        Assert.True((await subscriber.Status()).GetProperty("cancel_at_period_end").GetBoolean());
    }

    [Fact]
    public async Task While_Stripe_takes_its_time_the_right_to_change_the_plan_stays()
    {
        await using var shop = await PlanShop.Open();
        await shop.Synced();
        var subscriber = await shop.NewSubscriber();
        var price = await shop.Price("basic_monthly");
        var other = subscriber.At(await shop.World.StartNode());
        await shop.Shop.Fault(new { provider = "stripe", path = "/v1/subscriptions", method = "POST", times = 1, when = "before", delay_ms = 4_000 });
        var slow = subscriber.TrySubscribe("basic_monthly", price: price);
        await TestWorld.Until(async () => await shop.Row<long>("SELECT COUNT(*) FROM subscription_orders") == 1, "it has begun");
        var until = await Until();

        var waiting = other.TrySubscribe("basic_monthly", price: price);
        await TestWorld.Until(async () => await Until() > until, "it is renewed");
        Assert.False(waiting.IsCompleted);

        Assert.Equal(HttpStatusCode.OK, (await slow).Status);
        Assert.Equal(HttpStatusCode.OK, (await waiting).Status);
        Assert.Single(await subscriber.AtStripe());

        Task<long> Until() => shop.Row<long>("SELECT lease_until FROM subscription_orders");
    }

    private static Task<NodeProcess> Node(PlanShop shop) => NodeProcess.Start(
        shop.World.DatabaseUrl, shop.World.SandboxAddress,
        new() { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["STRIPE_SYNC_CATALOGUE"] = "false", ["ENABLE_RATE_LIMITING"] = "false" });

    [Theory]
    [InlineData("""{"drop":true,"when":"after","times":3}""")]
    [InlineData("""{"status":500,"when":"after","times":3}""")]
    [InlineData("""{"drop":true,"when":"after","times":1}""")]
    public async Task An_answer_that_gets_lost_is_no_second_subscription(string fault)
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        await shop.Synced();
        var told = System.Text.Json.Nodes.JsonNode.Parse(fault)!.AsObject();
        told["provider"] = "stripe";
        told["method"] = "POST";
        told["path"] = "/v1/subscriptions";
        await shop.Shop.Fault(told);

        await subscriber.TrySubscribe("pro_monthly");
        await subscriber.Subscribe("pro_monthly");

        Assert.Single(await subscriber.AtStripe());
        await shop.Heard();
        Assert.Equal("9999 succeeded Payment for pro_monthly", await subscriber.Paid());
    }
}
