using System.Net;
using Tests.Billing.Subscriptions;
using Tests.Identity;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Chat;

/// <summary>Rooms whose messages stand on the next invoice, each once and only when it was answered.</summary>
public class PayAsYouGoRoomTests
{
    [Theory, EveryDatabase]
    public async Task Each_answered_message_is_billed_once_by_Stripes_meter_and_no_day_limits_it(string engine)
    {
        await using var shop = await Shop(engine);
        await Price(shop, 0.09m);
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("usage_based");
        await shop.Synced();
        var node = shop.World.Client;
        var room = await node.CreateRoom(subscriber.Token, "By use", "pay_as_you_go");

        // More than a day's messages.
        for (var number = 1; number <= 7; number++)
        {
            await node.Post(subscriber.Token, room, $"Question {number}");
        }

        var said = await node.Until(subscriber.Token, room, 14);
        Assert.Equal(7, said.Count(one => one.Answers is not null));
        Assert.Equal(0, (await node.Usage(subscriber.Token)).GetProperty("used_today").GetInt64());
        await TestWorld.Until(
            async () => await shop.Row<long>("SELECT COUNT(*) FROM metered_usage WHERE service = 'chat_message' AND reported_at IS NOT NULL") == 7, "Stripe has heard of each");
        Assert.Equal(7, await shop.Row<long>("SELECT COUNT(*) FROM service_usage WHERE service = 'chat_message' AND is_billed AND unit_price = '0.09' AND total_cents = 9"));
        Assert.Equal(7, await shop.Row<long>("SELECT COUNT(*) FROM usage_records WHERE action = 'chat_message' AND credits_micro = 0 AND output_tokens > 0"));
        var events = (await shop.World.Control("/_sandbox/requests?provider=stripe&limit=500")).EnumerateArray()
            .Where(request => request.GetProperty("path").GetString()!.EndsWith("/v1/billing/meter_events", StringComparison.Ordinal)).ToList();
        Assert.Equal(7, events.Count(one => one.GetRawText().Contains("ledgerline_chat_message", StringComparison.Ordinal)));

        await shop.PassMonth();
        await TestWorld.Until(async () => (await subscriber.History()).Length == 1, "the month is billed");
        Assert.Equal(63, (await subscriber.History())[0].GetProperty("amount").GetInt64());
    }

    [Fact]
    public async Task What_could_not_be_answered_is_not_billed()
    {
        await using var shop = await Shop("sqlite");
        await Price(shop, 0.03m);
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("usage_based");
        var node = shop.World.Client;
        var room = await node.CreateRoom(subscriber.Token, "By use", "pay_as_you_go");
        await shop.World.Control("/_sandbox/faults", new { provider = "gemini", times = 1, status = 400 });
        await node.Post(subscriber.Token, room, "Refused");
        var said = await node.Until(subscriber.Token, room, 2);
        Assert.Equal(Ledgerline.Chat.ChatOptions.Sorry, said[1].Content);
        await shop.World.Script(new { when = "Blocked", block_reason = "SAFETY" });
        await node.Post(subscriber.Token, room, "Blocked");
        await node.Until(subscriber.Token, room, 4);

        Assert.Equal(0, await shop.Row<long>("SELECT COUNT(*) FROM service_usage"));
        Assert.Equal(0, await shop.Row<long>("SELECT COUNT(*) FROM metered_usage"));
    }

    [Fact]
    public async Task A_message_is_billed_on_the_terms_on_which_it_was_accepted_though_the_plan_ends_before_its_answer()
    {
        await using var shop = await Shop("sqlite");
        await Price(shop, 0.09m);
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("usage_based");
        var node = shop.World.Client;
        var room = await node.CreateRoom(subscriber.Token, "By use", "pay_as_you_go");
        await shop.World.Script(new { when = "Late", pause_after = new[] { 0 } });
        await node.Post(subscriber.Token, room, "Late");
        await TestWorld.Until(async () => (await shop.World.Control("/_sandbox/gemini/pauses")).GetArrayLength() == 1, "the provider is asked");

        await Price(shop, 0.5m);
        await subscriber.Ask(HttpMethod.Post, "/payments/cancel-subscription?at_period_end=false");
        await subscriber.Has(null);
        using var refused = await node.Say(subscriber.Token, room, "Too late");
        Assert.Equal(HttpStatusCode.PaymentRequired, refused.StatusCode);
        await shop.World.Control("/_sandbox/gemini/release", new { });
        await node.Until(subscriber.Token, room, 2);

        Assert.Equal("0.09 9", await shop.Row<string>("SELECT unit_price || ' ' || total_cents FROM service_usage WHERE is_billed"));
        await TestWorld.Until(async () => await shop.Row<long>("SELECT COUNT(*) FROM metered_usage WHERE reported_at IS NOT NULL") == 1, "Stripe has heard of it");
        // No meter counts for a subscription that is over.
        var items = (await shop.Stripe($"invoiceitems?customer={await shop.CustomerOf(subscriber.Account)}")).GetProperty("data").EnumerateArray();
        Assert.Equal(9, Assert.Single(items).GetProperty("amount").GetInt64());
    }

    [Theory, EveryDatabase]
    public async Task Without_such_a_plan_or_such_a_price_it_is_refused_with_what_would_help(string engine)
    {
        await using var shop = await Shop(engine);
        var (other, early) = (await shop.NewSubscriber(), await shop.NewSubscriber());
        await early.Subscribe("usage_based");
        await Price(shop, 0.03m);
        var node = shop.World.Client;

        // Who subscribed before there was a price keeps the plan that was promised.
        foreach (var (who, help) in new[] { (other, "Subscribe to the plan usage_based"), (early, "Your pay-as-you-go plan has no price for chat messages.") })
        {
            var room = await node.CreateRoom(who.Token, "By use", "pay_as_you_go");
            using var refused = await node.Say(who.Token, room, "Hello");
            var detail = (await refused.Json()).GetProperty("detail");
            Assert.Equal((HttpStatusCode.PaymentRequired, "PAY_AS_YOU_GO_UNAVAILABLE"), (refused.StatusCode, detail.Text("code")));
            Assert.Contains(help, detail.Text("error"), StringComparison.Ordinal);
            Assert.Empty(await node.Read(who.Token, room));

            using var changed = await node.Send(HttpMethod.Patch, $"/chatroom/{room}", who.Token, new { pays = "allowance" });
            await Rooms.Ok(changed);
            await node.Post(who.Token, room, "Hello");
            await node.Until(who.Token, room, 2);
            Assert.Equal(1, (await node.Usage(who.Token)).GetProperty("used_today").GetInt64());
        }

        Assert.Equal(0, await shop.Row<long>("SELECT COUNT(*) FROM service_usage"));
    }

    private static Task<PlanShop> Shop(string engine) => PlanShop.Open(engine, new() { ["ENABLE_RATE_LIMITING"] = "false" });

    // As an operator does.
    private static async Task Price(PlanShop shop, decimal dollars)
    {
        var admin = await shop.NewSubscriber();
        await shop.World.Database.Write(transaction => transaction.Execute("UPDATE accounts SET is_admin = true WHERE account_id = @Account", new { admin.Account }));
        using var answer = await shop.World.Client.Send(HttpMethod.Put, "/payments/admin/subscription-plans/usage_based", admin.Token, new
        {
            pricing = new { voice_per_minute = 0.05m, sms_per_message = 0.01m, transcription_per_minute = 0.02m, custom_scenario_setup = 5.0m, chat_per_message = dollars },
        });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        await shop.Synced();
    }
}
