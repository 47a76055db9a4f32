using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ledgerline.Plans;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>What Stripe tells: twice, late, out of order, too early, in the shapes of two generations. It all ends in Stripe's truth.</summary>
public sealed class SubscriptionEventTests
{
    private const string Webhook = "/payments/stripe-webhook";

    [Theory, EveryDatabase]
    public async Task The_event_alone_lets_the_next_call_through_and_is_told_on_the_open_stream(string engine)
    {
        await using var shop = await PlanShop.Open(engine, new() { ["TRIAL_CALLS_BUSINESS"] = "0" });
        var subscriber = await shop.NewSubscriber();
        var (_, opened) = await subscriber.TrySubscribe("business_basic", card: null);
        var entitlements = shop.Get<Entitlements>();
        Assert.False((await entitlements.May(subscriber.Account, Want.Call())).IsAllowed);

        await shop.World.Control($"/_sandbox/stripe/subscriptions/{opened.GetProperty("subscription_id").GetString()}/pay", new { card = "4242424242424242" });
        await shop.Heard();

        Assert.True((await entitlements.May(subscriber.Account, Want.Call())).IsAllowed);
        var told = await shop.Rows<string>($"SELECT data FROM stream_events WHERE account_id = '{subscriber.Account}' AND type = 'subscription_updated' ORDER BY id");
        var last = JsonDocument.Parse(told[^1]).RootElement;
        Assert.Equal(("active", "business_basic", "calls"), (last.GetProperty("status").GetString(), last.GetProperty("plan_name").GetString(), last.GetProperty("product").GetString()));
    }

    [Theory, EveryDatabase]
    public async Task Events_that_overtake_our_own_call_are_no_second_subscription(string engine)
    {
        var gate = new AnswerGate(HttpMethod.Post, "/v1/subscriptions");
        await using var shop = await PlanShop.Open(engine, adjust: gate.Install);
        var subscriber = await shop.NewSubscriber();
        var price = await shop.Price("pro_monthly");
        gate.Close();

        var subscribing = subscriber.TrySubscribe("pro_monthly", price: price);
        await gate.Given;
        await subscriber.Has("pro_monthly");
        await shop.Heard();
        Assert.Equal("9999 succeeded Payment for pro_monthly", await subscriber.Paid());
        gate.Open();

        Assert.Equal(HttpStatusCode.OK, (await subscribing).Status);
        Assert.Equal("9999 succeeded Payment for pro_monthly", await subscriber.Paid());
        Assert.Equal(1, await shop.Row<long>("SELECT count(*) FROM subscriptions"));
    }

    [Theory, EveryDatabase]
    public async Task A_late_older_update_does_not_revive_what_is_over(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        var id = await subscriber.Subscribe("basic_monthly");
        await shop.Heard();
        await shop.Shop.HoldWebhooks();
        await shop.StripePost($"subscriptions/{id}", ("description", "something changes"));
        var older = await shop.Shop.EventBody("customer.subscription.updated");
        await shop.Shop.ReleaseWebhooks();
        await shop.Heard();
        await subscriber.Ask(HttpMethod.Post, "/payments/cancel-subscription?at_period_end=false");
        await shop.PassMonth();
        Assert.Null(await subscriber.Plan());

        var told = JsonNode.Parse(older)!;
        told["id"] = "evt_late";
        Assert.Equal(HttpStatusCode.OK, (await shop.Shop.Deliver(told.ToJsonString(), Webhook)).Status);

        Assert.Null(await subscriber.Plan());
        Assert.Equal("no_subscription", await subscriber.StatusWord());
    }

    [Fact]
    public async Task What_Stripe_cannot_show_any_more_is_believed_by_its_newest_word()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("business_basic");
        await shop.Heard();
        var customer = await shop.CustomerOf(subscriber.Account);
        var price = await shop.Price("pro_monthly");
        var now = shop.World.Clock.GetUtcNow();

        async Task Tell(string type, string status, int seconds) => Assert.Equal(HttpStatusCode.OK, (await shop.Shop.Deliver(
            shop.Shop.Event($"customer.subscription.{type}", $$"""
                {"id":"sub_told","object":"subscription","status":"{{status}}","customer":"{{customer}}","created":{{now.ToUnixTimeSeconds()}},
                "current_period_start":{{now.ToUnixTimeSeconds()}},"current_period_end":{{now.AddDays(30).ToUnixTimeSeconds()}},"cancel_at_period_end":false,
                "items":{"object":"list","data":[{"id":"si_told","price":{"id":"{{price}}"} }]} }
                """, created: now.AddSeconds(seconds)), Webhook)).Status);

        await Tell("created", "active", 1);
        Assert.Equal("pro_monthly", await subscriber.Plan());
        await Tell("updated", "past_due", 3);
        await Tell("updated", "active", 2);
        Assert.Equal("past_due", await shop.Row<string>("SELECT status FROM subscriptions WHERE id = 'sub_told'"));
        await Tell("deleted", "canceled", 5);
        await Tell("updated", "active", 6);
        Assert.Equal("canceled", await shop.Row<string>("SELECT status FROM subscriptions WHERE id = 'sub_told'"));
    }

    [Fact]
    public async Task Events_of_a_customer_nobody_knows_yet_wait_and_have_their_effect_once()
    {
        await using var shop = await PlanShop.Open();
        var customer = (await shop.StripePost("customers", ("email", "later@example.com"))).GetProperty("id").GetString()!;
        var card = (await shop.StripePost("payment_methods/pm_card_visa/attach", ("customer", customer))).GetProperty("id").GetString()!;
        await shop.StripePost("subscriptions", ("customer", customer), ("items[0][price]", await shop.Price("pro_monthly")), ("default_payment_method", card));
        await shop.Heard();
        var subscriber = await shop.NewSubscriber();
        Assert.Equal(0, await shop.Row<long>("SELECT count(*) FROM subscriptions"));
        Assert.NotEqual(0, await shop.Row<long>("SELECT count(*) FROM provider_events WHERE status = 'waiting'"));

        // The account turns out to be this customer: here as the answer to making one.
        await shop.Shop.Fault(new { provider = "stripe", path = "/v1/customers", method = "POST", times = 1, status = 200, body = $$"""{"id":"{{customer}}","object":"customer"}""" });
        shop.World.ExpectedViolations.Add("/v1/customers");
        await subscriber.TrySubscribe("pro_monthly");

        await subscriber.Has("pro_monthly");
        Assert.Single(await subscriber.AtStripe());
        await TestWorld.Until(async () => await shop.Row<long>("SELECT count(*) FROM provider_events WHERE status = 'waiting'") == 0, "nothing waits any more");
        Assert.Equal("9999 succeeded Payment for pro_monthly", await subscriber.Paid());
    }

    [Fact]
    public async Task A_subscription_bought_on_a_payment_page_is_the_account_s()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("business_basic");
        var price = await shop.Price("chat_pro");
        var session = await shop.StripePost(
            "checkout/sessions", ("mode", "subscription"), ("customer", (await shop.CustomerOf(subscriber.Account))!), ("line_items[0][price]", price),
            ("line_items[0][quantity]", "1"), ("success_url", "http://localhost:3000/success"));
        Assert.Null(await subscriber.Plan(PlanProduct.ChatPro));

        await shop.Shop.Pay(session.GetProperty("id").GetString()!);

        await subscriber.Has("chat_pro", PlanProduct.ChatPro);
        await shop.Heard();
        Assert.Equal("applied", await shop.Row<string>("SELECT status FROM provider_events WHERE type = 'checkout.session.completed'"));
        // The voice product's plan is what its clients are shown.
        Assert.Equal("business_basic", (await subscriber.Status()).GetProperty("plan_name").GetString());
    }

    [Fact]
    public async Task A_second_plan_of_one_product_made_behind_our_back_replaces_the_first()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("basic_monthly");
        await shop.Pass(TimeSpan.FromMinutes(1));
        var customer = (await shop.CustomerOf(subscriber.Account))!;
        var card = (await shop.Stripe($"customers/{customer}/payment_methods")).GetProperty("data")[0].GetProperty("id").GetString()!;

        var second = await shop.StripePost(
            "subscriptions", ("customer", customer), ("items[0][price]", await shop.Price("pro_monthly")), ("default_payment_method", card));

        await subscriber.Has("pro_monthly");
        await TestWorld.Until(async () => (await subscriber.AtStripe()).Length == 1, "only one plan is paid for");
        Assert.Equal(second.GetProperty("id").GetString(), Assert.Single(await subscriber.AtStripe()).GetProperty("id").GetString());
        await shop.Heard();
        Assert.Equal("pro_monthly", await subscriber.Plan());
        Assert.Equal("active", await subscriber.StatusWord());
    }

    [Theory, EveryDatabase]
    public async Task When_Stripe_cannot_be_asked_nothing_is_acknowledged(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("basic_monthly");
        await shop.Heard();
        await shop.Synced();
        await shop.Shop.HoldWebhooks();
        await subscriber.Ask(HttpMethod.Post, "/payments/cancel-subscription");
        var body = await shop.Shop.EventBody("customer.subscription.updated");

        await shop.Shop.Fault(new { provider = "stripe", path = "/v1/subscriptions", times = 3, status = 500 });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await shop.Shop.Deliver(body, Webhook)).Status);
        Assert.Equal(HttpStatusCode.OK, (await shop.Shop.Deliver(body, Webhook)).Status);
        await shop.Shop.ReleaseWebhooks();
    }
}
