using Ledgerline;
using Ledgerline.Billing;
using Ledgerline.Persistence.Audit;
using Ledgerline.Plans;
using Ledgerline.Usage;
using Ledgerline.Usage.Recorded;
using Tests.Billing.Subscriptions;
using Tests.Persistence;
using Tests.Wallet;
using Tests.World;
using Xunit;

namespace Tests.Billing;

/// <summary>Whatever is wrong with payments, plans and what is billed by use: the audit says so, in a sentence that names it, and nothing else.</summary>
public sealed class BillingAuditTests
{
    [Theory, EveryDatabase]
    public async Task Each_payment_has_its_effect_once_and_nobody_has_what_nobody_paid(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        var sub = await subscriber.Subscribe("pro_monthly");
        await shop.Shop.Pay((await subscriber.Ask(HttpMethod.Post, "/api/billing/checkout/pro")).GetProperty("session_id").GetString()!);
        await shop.Heard();
        await Quiet(shop);
        var (account, payment) = (subscriber.Account, await shop.Row<string>("SELECT payment_intent_id FROM payments"));
        var (order, session) = await shop.Row<(string, string)>("SELECT id, session_id FROM checkout_orders");

        Assert.Empty((await Audit(shop, "SELECT 1")).Differences);
        await Finds(
            $"9999 usd of payment {payment} of account {account} have gone back where 5000 usd were paid.",
            "UPDATE payments SET refunded_minor = 9999, amount_minor = 5000, status = 'refunded'");
        await Finds(
            $"Payment {payment} of account {account} says succeeded where 100 are refunded and 0 disputed.", "UPDATE payments SET refunded_minor = 100");
        await Finds(
            $"9999 usd were paid by account {account} for subscription sub_x, which it does not have.", "UPDATE payments SET subscription_id = 'sub_x'");
        await Finds(
            $"3000 usd of order {order} of account {account} have gone back where 1999 usd were paid.",
            "UPDATE checkout_orders SET refunded_minor = 3000, price_minor = 1999");
        await Finds(
            $"Order {order} of account {account} is paid and brought 2000 credit where 2001 credit were bought.", "UPDATE checkout_orders SET credits = 2001");
        await Finds(
            $"Account {account} has 2000 credit of purchase:{session} and no paid order says so.",
            "UPDATE checkout_orders SET status = 'open', granted_at = NULL");
        await Finds(
            $"Account {account} has 2 live subscriptions of voice_features where one may be, and no job ends the others.",
            """
            INSERT INTO subscriptions (account_id, id, customer_id, product, status, period_start, period_end, cancel_at_period_end, created_at, updated_at)
            SELECT account_id, 'sub_second', customer_id, product, status, period_start, period_end, cancel_at_period_end, created_at, updated_at FROM subscriptions
            """);
        await Finds($"Subscription {sub} of account {account} is active and gives nothing of voice_features.", "DELETE FROM entitlements");
        await Finds(
            $"Account {account} is given plan pro_monthly of voice_features by subscription sub_x, which it does not have.",
            "UPDATE subscriptions SET id = 'sub_x', product = NULL",
            also: "UPDATE payments SET subscription_id = 'sub_x'",
            instead: sub);
        await Finds(
            $"Account {account} is given enterprise_monthly (active) of voice_features, and subscription {sub}, from which it comes, says something else.",
            "UPDATE entitlements SET plan_id = 'enterprise_monthly'");
        await Finds(
            $"Account {account} is given pro_monthly (active) of voice_features, and subscription {sub}, from which it comes, says something else.",
            "UPDATE subscriptions SET status = 'canceled'");
        await Finds(
            $"Account {account} is given pro_monthly (active) of voice_features, and subscription {sub}, from which it comes, says something else.",
            "UPDATE entitlements SET period_end = period_end + 86400000");

        async Task Finds(string sentence, string sql, string? also = null, string? instead = null) => Assert.Equal(
            [instead is null ? sentence : sentence.Replace("sub_x", instead, StringComparison.Ordinal)],
            (await Audit(shop, sql, also)).Differences);
    }

    [Theory, EveryDatabase]
    public async Task What_is_billed_by_use_is_what_was_used(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("usage_based");
        await shop.World.Database.Write(transaction => shop.Get<ServiceUsage>().Record(
            transaction, new NewServiceUse(subscriber.Account, MeteredService.VoiceCall, 7) { UnitPrice = 0.1m }));
        await Quiet(shop);
        var (account, use) = (subscriber.Account, await shop.Row<long>("SELECT id FROM service_usage"));

        Assert.Empty((await Audit(shop, "SELECT 1")).Differences);
        await Finds($"Usage {use} of account {account} says 71 cents for voice_call where its exact cost rounds to 70.", "UPDATE service_usage SET total_cents = 71", "UPDATE metered_usage SET own_cents = 71");
        await Finds($"7 of voice_call, usage {use} of account {account}, are to be billed and no meter was told or will be.", "DELETE FROM metered_usage");
        await Finds($"7 of voice_call, usage {use} of account {account}, are billed and were not used.", "DELETE FROM service_usage");
        await Finds(
            $"70 of voice_call are billed as usage {use} of account {account} where 7 of voice_call were used, or at another price.",
            "UPDATE metered_usage SET amount = 70");
        await Finds(
            $"7 of voice_call are billed as usage {use} of account {account} where 7 of voice_call were used, or at another price.",
            "UPDATE metered_usage SET own_cents = 700");
        await Finds($"7 of voice_call, usage {use} of account {account}, wait for their meter and no job will tell it.", "UPDATE metered_usage SET reported_at = NULL");
        Assert.Equal(
            [$"7 of voice_call, usage {use} of account {account}, will not be billed: Stripe said no."],
            (await Audit(shop, "UPDATE metered_usage SET reported_at = NULL, problem = 'Stripe said no.'")).Warnings);

        async Task Finds(string sentence, string sql, string? also = null) => Assert.Equal([sentence], (await Audit(shop, sql, also)).Differences);
    }

    [Theory, EveryDatabase]
    public async Task What_stands_as_used_of_an_allowance_is_what_was_reserved(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var (subscriber, caller) = (await shop.NewSubscriber(), await shop.NewSubscriber());
        await subscriber.Subscribe("pro_monthly");
        var entitlements = shop.Get<Entitlements>();
        Assert.True((await entitlements.Reserve(subscriber.Account, Want.Message, "one", TimeSpan.FromMinutes(5))).Verdict.IsAllowed);
        Assert.True((await entitlements.Reserve(caller.Account, Want.Call(), "trial", TimeSpan.FromMinutes(5))).Verdict.IsAllowed);
        await shop.World.Database.Write(transaction => entitlements.AddCalls(transaction, caller.Account, "bought"));
        await Quiet(shop);
        var start = await shop.Row<long>("SELECT period_start FROM quota_uses");

        Assert.Empty((await Audit(shop, "SELECT 1")).Differences);
        await Finds(
            $"3 of quota sms_messages stand as used by account {subscriber.Account} in the period {start} where its reservations add to 1.", "UPDATE quota_uses SET used = 3");
        await Finds(
            $"0 of quota sms_messages stand as used by account {subscriber.Account} in the period {start} where its reservations add to 1.", "DELETE FROM quota_uses");
        await Finds(
            $"2 trial calls stand as used by account {caller.Account} where its reservations are 1.",
            $"UPDATE allowances SET trial_used = 2 WHERE account_id = '{caller.Account}'");
        await Finds($"1 calls of purchase bought stand as used by account {caller.Account} where its reservations are 0.", "UPDATE addon_calls SET used = 1");
        foreach (var (window, counter) in new[] { ("day", "calls_today"), ("week", "calls_week"), ("month", "calls_month") })
        {
            foreach (var number in new[] { 0, 2 })
            {
                await Finds(
                    $"{number} calls stand as made this {window} by account {caller.Account} where its reservations are 1.",
                    $"UPDATE allowances SET {counter} = {number} WHERE account_id = '{caller.Account}'");
            }
        }

        async Task Finds(string sentence, string sql) => Assert.Equal([sentence], (await Audit(shop, sql)).Differences);
    }

    [Fact]
    public async Task The_verb_ends_with_1_and_prints_the_difference()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("basic_monthly");
        await shop.Heard();
        await shop.World.Database.Write(transaction => transaction.Execute("UPDATE payments SET refunded_minor = 9999"));

        var (code, lines) = await Verb(shop);
        Assert.Equal((1, 3), (code, lines.Count));
        Assert.StartsWith("9999 usd of payment ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("2 differences: ", lines[2], StringComparison.Ordinal);

        await shop.World.Database.Write(transaction => transaction.Execute("UPDATE payments SET refunded_minor = 0"));
        Assert.Equal(0, (await Verb(shop)).Code);
    }

    private static Task<(int Code, IReadOnlyList<string> Lines)> Verb(PlanShop shop) => Verbs.Run(shop.World.FirstNode, ["audit"], TextWriter.Null);

    // Jobs of what was done so far would change what a tampered row says.
    private static async Task Quiet(PlanShop shop)
    {
        await shop.Heard();
        await TestWorld.Until(async () => await shop.Row<long>("SELECT COUNT(*) FROM jobs WHERE lane IS NOT NULL") == 0, "nothing waits in a lane");
    }

    private static Task<AuditReport> Audit(PlanShop shop, string sql, string? also = null) => Corrupted.Audit(
        shop.World.Database,
        sql,
        async (session, report) =>
        {
            if (also is not null)
            {
                await session.Execute(also);
            }

            var now = shop.World.Clock.GetUtcNow();
            await UsageAudit.Inspect(session, report, now);
            await PlansAudit.Inspect(session, report, "(SELECT account_id, id AS use_key, seconds FROM reservations WHERE 1 = 0)", now);
            await BillingAudit.Inspect(session, report, UsageAudit.BilledUses, now);
        });
}
