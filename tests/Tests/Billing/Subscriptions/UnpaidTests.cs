using Ledgerline.Plans;
using Tests.Persistence;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>Nobody gets by cancelling, or by asking for more, what was not paid for; and nobody loses what was.</summary>
public sealed class UnpaidTests
{
    [Theory, EveryDatabase]
    public async Task Cancelling_what_is_past_due_makes_its_grace_no_longer_and_is_no_payment(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var (subscriber, id) = await shop.Unpaid();
        await subscriber.Becomes("past_due");

        await subscriber.Ask(HttpMethod.Post, "/payments/cancel-subscription?at_period_end=true");
        await shop.Heard();
        Assert.Equal("basic_monthly", await subscriber.Plan());
        await shop.Pass(TimeSpan.FromDays(3.1));
        await subscriber.Has(null);
        await shop.StripePost($"subscriptions/{id}", ("cancel_at_period_end", "false"));
        await shop.StripePost($"subscriptions/{id}", ("cancel_at_period_end", "true"));
        await shop.Heard();
        Assert.Null(await subscriber.Plan());
        Assert.DoesNotContain(await subscriber.Mails(), key => key.StartsWith("payment-recovered:", StringComparison.Ordinal));
        Assert.Equal("4999 succeeded Payment for basic_monthly", await subscriber.Paid());
    }

    [Fact]
    public async Task What_ends_at_once_ends_though_a_newer_one_waits_to_be_paid()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        var id = await subscriber.Subscribe("usage_based");
        await shop.Pass(TimeSpan.FromMinutes(1));
        await shop.StripePost(
            "subscriptions", ("customer", (await shop.CustomerOf(subscriber.Account))!), ("items[0][price]", await shop.Price("pro_monthly")),
            ("payment_behavior", "default_incomplete"));
        await shop.Heard();

        await subscriber.Ask(HttpMethod.Post, "/payments/cancel-subscription?at_period_end=false&plan_name=usage_based");

        Assert.Equal("canceled", await shop.Row<string>($"SELECT status FROM subscriptions WHERE id = '{id}'"));
        await subscriber.Has(null);
    }

    [Theory, EveryDatabase]
    public async Task An_upgrade_that_nobody_confirms_gives_nothing_and_takes_nothing(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var (subscriber, id) = await Unconfirmed(shop);

        await shop.Pass(TimeSpan.FromDays(4));
        Assert.Equal("business_basic", await subscriber.Plan(PlanProduct.Calls));
        Assert.Empty(await subscriber.Mails());

        // It can still be confirmed.
        await shop.World.Control($"/_sandbox/stripe/subscriptions/{id}/pay", new { card = "4242424242424242" });
        await subscriber.Has("business_enterprise", PlanProduct.Calls);
        await subscriber.Becomes("active");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancelling_an_upgrade_that_nobody_confirmed_leaves_what_was_paid(bool atPeriodEnd)
    {
        await using var shop = await PlanShop.Open();
        var (subscriber, _) = await Unconfirmed(shop);
        var end = await shop.Row<long>("SELECT period_end FROM subscriptions");

        await subscriber.Ask(HttpMethod.Post, $"/payments/cancel-subscription?at_period_end={(atPeriodEnd ? "true" : "false")}");
        await shop.Heard();
        Assert.Equal("business_basic", await subscriber.Plan(PlanProduct.Calls));
        Assert.DoesNotContain(await subscriber.Mails(), key => key.StartsWith("payment-recovered:", StringComparison.Ordinal));
        await shop.Heard();
        shop.World.Clock.SetNow(DateTimeOffset.FromUnixTimeMilliseconds(end) + TimeSpan.FromMinutes(1));
        await subscriber.Has(null, PlanProduct.Calls);
        Assert.Equal("4999 succeeded Payment for business_basic", await subscriber.Paid());
    }

    [Fact]
    public async Task Who_changes_back_keeps_what_was_paid_and_owes_nothing()
    {
        await using var shop = await PlanShop.Open();
        var (subscriber, _) = await Unconfirmed(shop);

        await subscriber.Ask(HttpMethod.Post, "/payments/change-plan", new { plan_name = "business_basic" });
        await subscriber.Becomes("active");
        Assert.Equal("business_basic", await subscriber.Plan(PlanProduct.Calls));
        var there = Assert.Single(await subscriber.AtStripe());
        Assert.Equal(await shop.Price("business_basic"), there.GetProperty("items").GetProperty("data")[0].GetProperty("price").GetProperty("id").GetString());
        Assert.Empty((await shop.Stripe($"invoices?customer={await shop.CustomerOf(subscriber.Account)}&status=open")).GetProperty("data").EnumerateArray());
        await shop.PayWith(subscriber, there.GetProperty("id").GetString()!, "pm_card_visa");
        await shop.PassMonth();
        Assert.Equal("4999 succeeded Payment for business_basic, 4999 succeeded Payment for business_basic", await subscriber.Paid());
    }

    private static async Task<(Subscriber Subscriber, string Id)> Unconfirmed(PlanShop shop)
    {
        var subscriber = await shop.NewSubscriber();
        var id = await subscriber.Subscribe("business_basic");
        var answer = await subscriber.Ask(
            HttpMethod.Post, "/payments/change-plan", new { plan_name = "business_enterprise", payment_method_id = "pm_card_authenticationRequired" });
        Assert.True(answer.GetProperty("requires_action").GetBoolean());
        await shop.Heard();
        Assert.Equal("business_basic", await subscriber.Plan(PlanProduct.Calls));
        return (subscriber, id);
    }
}
