using System.Net;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>What went back, or is held by a bank, stands with its payment, and operators hear of it.</summary>
public sealed class MoneyBackTests
{
    [Theory, EveryDatabase]
    public async Task Refunds_and_disputes_of_an_invoice_are_seen_on_its_payment(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("pro_monthly");
        await shop.Heard();
        var payment = await shop.Row<string>("SELECT payment_intent_id FROM payments");

        await shop.World.Control("/_sandbox/stripe/refunds", new { payment_intent = payment, amount = 1000 });
        await shop.Heard();
        Assert.Equal("9999 partially_refunded Payment for pro_monthly", await subscriber.Paid());
        Assert.Equal(1000, await shop.Row<long>("SELECT refunded_minor FROM payments"));

        var dispute = (await shop.World.Control("/_sandbox/stripe/disputes", new { payment_intent = payment })).GetProperty("id").GetString();
        await shop.Heard();
        Assert.Equal("9999 disputed Payment for pro_monthly", await subscriber.Paid());
        await shop.World.Control($"/_sandbox/stripe/disputes/{dispute}/close", new { outcome = "won" });
        await shop.Heard();
        Assert.Equal("9999 partially_refunded Payment for pro_monthly", await subscriber.Paid());
        Assert.Contains(shop.World.Logs.All, line => line.Contains("was succeeded and is partially_refunded", StringComparison.Ordinal));
    }

    [Theory, EveryDatabase]
    public async Task Operators_are_told_once_of_each_step_and_a_lost_dispute_shows_as_lost(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var (subscriber, first, second) = (await shop.NewSubscriber(), await shop.NewSubscriber(), await shop.NewSubscriber());
        await shop.World.Database.Write(transaction => transaction.Execute(
            "UPDATE accounts SET is_admin = true WHERE account_id <> @Account", new { subscriber.Account }));
        await subscriber.Subscribe("pro_monthly");
        await shop.Heard();
        var payment = await shop.Row<string>("SELECT payment_intent_id FROM payments");

        await shop.World.Control("/_sandbox/stripe/refunds", new { payment_intent = payment, amount = 1000 });
        await shop.Heard();
        await shop.World.Control("/_sandbox/stripe/refunds", new { payment_intent = payment, amount = 500 });
        await shop.Heard();
        var dispute = (await shop.World.Control("/_sandbox/stripe/disputes", new { payment_intent = payment })).GetProperty("id").GetString();
        await shop.Heard();
        await shop.World.Control($"/_sandbox/stripe/disputes/{dispute}/close", new { outcome = "lost" });
        await shop.Heard();
        Assert.Equal("9999 lost Payment for pro_monthly", await subscriber.Paid());
        Assert.Equal(HttpStatusCode.OK, (await shop.Shop.Deliver(await shop.Shop.EventBody("charge.dispute.closed"))).Status);

        foreach (var @operator in new[] { first, second })
        {
            await TestWorld.Until(async () => await Subjects(@operator) is { Count: 4 }, "every step is told");
            Assert.Equal(
                [$"Payment {payment} is disputed", $"Payment {payment} is lost", $"Payment {payment} is partially_refunded", $"Payment {payment} is partially_refunded"],
                await Subjects(@operator));
        }

        Assert.DoesNotContain(await subscriber.Mails(), key => key.StartsWith("money-went-back", StringComparison.Ordinal));

        async Task<IReadOnlyList<string>> Subjects(Subscriber to) =>
        [
            .. (await shop.World.Control($"/_sandbox/messages?to={to.Email}")).EnumerateArray().Select(mail => mail.GetProperty("subject").GetString()!)
                .Where(subject => subject.StartsWith("Payment pi_", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
        ];
    }
}
