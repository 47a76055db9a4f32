using System.Net;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Billing;

/// <summary>While a bank holds the money, it holds the credits; what is won comes back.</summary>
public sealed class DisputeTests
{
    [Theory, EveryDatabase]
    public async Task A_dispute_takes_the_credits_and_winning_it_gives_them_back_once(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        var (_, payment) = await customer.Buy();
        var dispute = await Open(shop, payment);
        await shop.Heard();
        Assert.Equal("purchase 2000, refund -2000", await customer.History());
        Assert.Equal("Dispute of pro package: 2000 credits taken back", (await customer.Rows())[0].Description);

        await Close(shop, dispute, "won");
        await shop.Heard();
        Assert.Equal("purchase 2000, refund -2000, refund 2000", await customer.History());
        Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(await shop.EventBody("charge.dispute.created"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(await shop.EventBody("charge.dispute.closed"))).Status);
        Assert.Equal(2000, await customer.Credits());
    }

    [Fact]
    public async Task A_lost_dispute_keeps_the_credits_and_what_was_spent_is_owed()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var (_, payment) = await customer.Buy();
        await customer.Spend(300);
        var dispute = await Open(shop, payment);
        await Close(shop, dispute, "lost");
        await shop.Heard();

        Assert.Equal("purchase 2000, usage -300, refund -1700", await customer.History());
        Assert.Equal((0, 300), (await customer.Credits(), await customer.Owed()));
    }

    [Fact]
    public async Task Operators_hear_of_a_packs_refund_and_of_both_ends_of_its_dispute()
    {
        await using var shop = await Shop.Open();
        var (customer, @operator) = (await shop.NewCustomer(), await shop.NewCustomer());
        await shop.World.Database.Write(transaction => transaction.Execute(
            "UPDATE accounts SET is_admin = true WHERE account_id = @Account", new { @operator.Account }));
        var (_, payment) = await customer.Buy();
        await shop.World.Control("/_sandbox/stripe/refunds", new { payment_intent = payment, amount = 100 });
        await shop.Heard();
        var dispute = await Open(shop, payment);
        await shop.Heard();
        await Close(shop, dispute, "lost");
        await shop.Heard();

        var order = await shop.Row<string>("SELECT id FROM checkout_orders");
        await TestWorld.Until(async () => await shop.Row<long>("SELECT COUNT(*) FROM notices WHERE status = 'sent'") == 3, "three mails are sent");
        Assert.Equal(
            [$"Money of order {order} has gone back", $"Order {order} is disputed", $"The dispute about order {order} is lost"],
            (await shop.World.Control("/_sandbox/messages")).EnumerateArray().Select(mail => mail.GetProperty("subject").GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_inquiry_moves_nothing()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var (_, payment) = await customer.Buy();
        var dispute = (await shop.World.Control("/_sandbox/stripe/disputes", new { payment_intent = payment, inquiry = true })).GetProperty("id").GetString()!;
        await shop.Heard();
        Assert.Equal(2000, await customer.Credits());
        await Close(shop, dispute, "lost");
        await shop.Heard();
        Assert.Equal("purchase 2000", await customer.History());
    }

    [Theory, EveryDatabase]
    public async Task Told_in_the_wrong_order_the_dispute_still_ends_as_it_ended(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        var (_, payment) = await customer.Buy();
        await shop.HoldWebhooks();
        var dispute = await Open(shop, payment);
        await Close(shop, dispute, "won");

        foreach (var type in new[] { "charge.dispute.funds_reinstated", "charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.created" })
        {
            Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(await shop.EventBody(type))).Status);
        }

        Assert.Equal(2000, await customer.Credits());
        Assert.Equal("won", await shop.Row<string>("SELECT status FROM stripe_disputes"));
    }

    [Theory, EveryDatabase]
    public async Task A_dispute_told_before_the_purchase_is_not_lost(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        var session = await customer.Checkout();
        await shop.HoldWebhooks();
        await shop.Pay(session, "4000000000000259");

        Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(await shop.EventBody("charge.dispute.created"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(await shop.EventBody("checkout.session.completed"))).Status);

        Assert.Equal("purchase 2000, refund -2000", await customer.History());
    }

    [Fact]
    public async Task Refund_and_dispute_together_never_take_more_than_was_bought()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var (_, payment) = await customer.Buy();
        await shop.World.Control("/_sandbox/stripe/refunds", new { payment_intent = payment, amount = 750 });
        await shop.Heard();
        Assert.Equal(1000, await customer.Credits());

        var dispute = await Open(shop, payment);
        await shop.Heard();
        Assert.Equal("purchase 2000, refund -1000, refund -1000", await customer.History());
        await Close(shop, dispute, "won");
        await shop.Heard();
        Assert.Equal("purchase 2000, refund -1000, refund -1000, refund 1000", await customer.History());
        Assert.Equal(
            "house:returned:dispute 0, house:returned:refund 1000000000",
            string.Join(", ", await shop.Rows<string>(
                "SELECT book || ' ' || CAST(SUM(amount_micro) AS bigint) FROM ledger_entries WHERE book LIKE 'house:returned:%' GROUP BY book ORDER BY book")));
    }

    [Fact]
    public async Task A_partial_dispute_takes_its_part()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var (_, payment) = await customer.Buy();
        var dispute = $$"""{"id":"du_part","object":"dispute","amount":750,"currency":"usd","charge":"ch_x","payment_intent":"{{payment}}","status":"needs_response"}""";
        Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(shop.Event("charge.dispute.created", dispute))).Status);
        Assert.Equal(1000, await customer.Credits());
    }

    private static async Task<string> Open(Shop shop, string payment) =>
        (await shop.World.Control("/_sandbox/stripe/disputes", new { payment_intent = payment })).GetProperty("id").GetString()!;

    private static Task Close(Shop shop, string dispute, string outcome) => shop.World.Control($"/_sandbox/stripe/disputes/{dispute}/close", new { outcome });
}
