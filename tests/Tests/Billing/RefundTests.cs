using System.Net;
using Tests.Persistence;
using Xunit;

namespace Tests.Billing;

/// <summary>Money that goes back takes its credits along, whatever was spent, in whatever order it is told.</summary>
public sealed class RefundTests
{
    [Theory, EveryDatabase]
    public async Task A_full_refund_takes_all_credits_back_once(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        var (session, payment) = await customer.Buy();
        await Refund(shop, payment);
        await shop.Heard();

        Assert.Equal("purchase 2000, refund -2000", await customer.History());
        Assert.Equal(0, await customer.Credits());
        Assert.Equal(0, await customer.Owed());
        var row = (await customer.Rows())[0];
        Assert.Equal((payment, "Refund of pro package: 2000 credits taken back"), (row.StripePaymentId, row.Description));
        foreach (var type in new[] { "charge.refunded", "refund.created", "refund.updated", "checkout.session.completed" })
        {
            Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(await shop.EventBody(type))).Status);
        }

        Assert.Equal("purchase 2000, refund -2000", await customer.History());
        Assert.Equal("completed", (await customer.Verify(session)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Parts_take_whole_credits_in_proportion_and_the_last_part_takes_the_rest()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var (_, payment) = await customer.Buy("starter");

        // 500 credits for 499 cents: 100 cents are 100.2 credits.
        await Refund(shop, payment, 100);
        await shop.Heard();
        Assert.Equal(400, await customer.Credits());
        await Refund(shop, payment, 100);
        await shop.Heard();
        Assert.Equal(300, await customer.Credits());
        await Refund(shop, payment, 299);
        await shop.Heard();
        Assert.Equal("purchase 500, refund -100, refund -100, refund -300", await customer.History());
        Assert.Equal(0, await customer.Credits());
    }

    [Theory, EveryDatabase]
    public async Task A_refund_that_fails_later_gives_the_credits_back_once(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        var (_, payment) = await customer.Buy();
        var refund = await Refund(shop, payment, 1499);
        await shop.Heard();
        Assert.Equal(0, await customer.Credits());

        await shop.World.Control($"/_sandbox/stripe/refunds/{refund}/fail", new { });
        await shop.Heard();
        Assert.Equal(2000, await customer.Credits());
        Assert.Equal("purchase 2000, refund -2000, refund 2000", await customer.History());
        Assert.Equal("Refund of pro package undone: 2000 credits given back", (await customer.Rows())[0].Description);
    }

    [Theory, EveryDatabase]
    public async Task What_was_spent_is_owed_and_the_next_purchase_pays_it_first(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        var (_, payment) = await customer.Buy();
        await customer.Spend(1500);
        await Refund(shop, payment);
        await shop.Heard();

        Assert.Equal(0, await customer.Credits());
        Assert.Equal(1500, await customer.Owed());
        Assert.Equal("Refund of pro package: 500 credits taken back, 1500 were spent already and are owed", (await customer.Rows())[0].Description);

        await customer.Buy("starter");
        Assert.Equal((0, 1000), (await customer.Credits(), await customer.Owed()));
        await customer.Buy();
        Assert.Equal((1000, 0), (await customer.Credits(), await customer.Owed()));
        Assert.Equal(1000, (await customer.Rows()).Sum(row => row.Amount));
    }

    [Theory, EveryDatabase]
    public async Task A_refund_that_is_told_before_its_purchase_is_not_lost(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        var session = await customer.Checkout();
        await shop.HoldWebhooks();
        var payment = (await shop.Pay(session)).GetProperty("payment_intent").GetString()!;
        await Refund(shop, payment, 1000);

        foreach (var type in new[] { "charge.refunded", "refund.updated", "refund.created", "checkout.session.completed" })
        {
            Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(await shop.EventBody(type))).Status);
        }

        // 1000 of 1499 cents: 1334 of 2000 credits.
        Assert.Equal(666, await customer.Credits());
        Assert.Equal("purchase 2000, refund -1334", await customer.History());
    }

    [Theory, EveryDatabase]
    public async Task Many_parts_told_at_once_in_any_order_end_where_Stripe_ends(string engine)
    {
        await using var shop = await Shop.Open(engine);
        using var second = await shop.World.StartNode();
        var customer = await shop.NewCustomer();
        var (_, payment) = await customer.Buy();
        await shop.HoldWebhooks();
        var refunds = new List<string>();
        for (var part = 1; part <= 6; part++)
        {
            refunds.Add(await Refund(shop, payment, 100 * part / 2));
        }

        await shop.World.Control($"/_sandbox/stripe/refunds/{refunds[5]}/fail", new { });
        var bodies = (await shop.World.Control("/_sandbox/webhooks?provider=stripe&limit=1000")).EnumerateArray()
            .Where(delivery => delivery.GetProperty("state").GetString() != "delivered")
            .Select(delivery => delivery.GetProperty("body").GetString()!).ToList();
        Assert.True(bodies.Count > 15);

        var answers = await Task.WhenAll(bodies.Select((body, i) =>
            shop.Deliver(body, Shop.WebhookPaths[i % 3], i % 2 == 0 ? shop.World.Client : second)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        // 50 + 100 + 150 + 200 + 250 cents are gone, the 300 came back: 1000 of 2000 × 750 ÷ 1499, rounded down.
        Assert.Equal(2000 - 1000, await customer.Credits());
        Assert.Equal(750, await shop.Row<long>("SELECT refunded_minor FROM checkout_orders"));
    }

    [Theory, EveryDatabase]
    public async Task An_answer_of_Stripes_that_is_old_by_now_never_undoes_a_newer_one(string engine)
    {
        var gate = new AnswerGate(HttpMethod.Get, "/v1/refunds");
        await using var shop = await Shop.Open(engine, adjust: gate.Install);
        var customer = await shop.NewCustomer();
        var (_, payment) = await customer.Buy();
        await shop.HoldWebhooks();
        await Refund(shop, payment, 500);
        var first = await shop.EventBody("refund.created");

        gate.Close();
        var slow = shop.Deliver(first);
        await gate.Given;
        await Refund(shop, payment);
        Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(await shop.EventBody("refund.created"))).Status);
        Assert.Equal(0, await customer.Credits());

        gate.Open();
        Assert.Equal(HttpStatusCode.OK, (await slow).Status);
        Assert.Equal("purchase 2000, refund -2000", await customer.History());
    }

    [Fact]
    public async Task A_refund_event_without_a_payment_intent_is_found_by_its_charge_and_expanded_objects_are_read()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var (_, payment) = await customer.Buy();
        await shop.HoldWebhooks();
        await Refund(shop, payment, 1499);
        var charge = (await shop.Stripe("payment_intents/" + payment)).GetProperty("latest_charge").GetString();

        var old = $$"""{"id":"re_old","object":"refund","amount":1499,"currency":"usd","charge":{"id":"{{charge}}","object":"charge"},"payment_intent":null,"status":"succeeded"}""";
        Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(shop.Event("charge.refund.updated", old))).Status);
        Assert.Equal(0, await customer.Credits());
    }

    [Fact]
    public async Task A_refund_of_something_that_was_not_bought_here_is_stored_and_acknowledged()
    {
        await using var shop = await Shop.Open();
        var body = shop.Event("charge.refunded", """{"id":"ch_other","object":"charge","payment_intent":"pi_other","amount_refunded":5}""");
        Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(body)).Status);
        Assert.Equal("kept", await shop.Row<string>("SELECT status FROM provider_events"));
    }

    private static async Task<string> Refund(Shop shop, string payment, long? amount = null) =>
        (await shop.World.Control("/_sandbox/stripe/refunds", new { payment_intent = payment, amount })).GetProperty("id").GetString()!;
}
