using System.Net;
using System.Text.Json;
using Ledgerline.Billing.Subscriptions;
using Ledgerline.Providers.Stripe;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>What cannot be subscribed to, and the sentence that says what was wrong and what would be right. One shop serves them all.</summary>
public sealed class SubscribeRefusalTests(SubscribeRefusalTests.OpenShop open) : IClassFixture<SubscribeRefusalTests.OpenShop>
{
    private const string Create = "/payments/create-subscription";
    private const string What = "Failed to create subscription: ";

    private PlanShop Shop => open.Shop;

    [Theory]
    [InlineData("pm_card_chargeDeclined", "the card was declined; use another card, or ask the bank that issued it")]
    [InlineData("pm_card_chargeCustomerFail", "the card was declined; use another card, or ask the bank that issued it")]
    [InlineData("pm_card_chargeDeclinedStolenCard", "the card was declined; use another card, or ask the bank that issued it")]
    [InlineData("pm_card_chargeDeclinedInsufficientFunds", "the card has insufficient funds; use another card, or try again when there is money on it")]
    [InlineData("pm_card_chargeDeclinedExpiredCard", "the card has expired; use one that is still valid")]
    [InlineData("pm_card_chargeDeclinedIncorrectCvc", "the card's security code is wrong; enter the card again with the right one")]
    [InlineData("pm_card_chargeDeclinedProcessingError", "the card's bank could not be asked; try again in a few minutes, or use another card")]
    [InlineData("pm_nobody", "there is no such payment method; enter the card again")]
    [InlineData("no card", "the payment method is none; it has letters, digits, - and _, and at most 200 of them")]
    public async Task A_card_that_does_not_pay_gives_nothing_leaves_nothing_and_is_told_why(string card, string sentence)
    {
        var subscriber = await Shop.NewSubscriber();

        var (status, answer) = await subscriber.TrySubscribe("pro_monthly", card);

        Assert.Equal((HttpStatusCode.BadRequest, What + sentence), (status, answer.GetProperty("detail").GetString()));
        Assert.Empty(await subscriber.AtStripe());
        Assert.Null(await subscriber.Plan());
        await Shop.Heard();
        Assert.Empty(await subscriber.Mails());
        // And another card does it.
        await subscriber.Subscribe("pro_monthly");
        Assert.Equal("pro_monthly", await subscriber.Plan());
    }

    [Theory]
    [InlineData("promotion_code", "NOBODY", "there is no such promotion code; check its spelling, or leave it out")]
    [InlineData("promotion_code", "promo_nobody", "there is no such promotion code; check its spelling, or leave it out")]
    [InlineData("promotion_code", "OVER", "the promotion code has expired or was used up; leave it out, or use another")]
    [InlineData("promotion_code", "LARGE", "the promotion code is not, or no longer, for this account and plan; leave it out, or use another")]
    [InlineData("promotion_code", "not one!", "the promotion code is none; it has letters, digits, - and _, and at most 200 of them")]
    [InlineData("coupon", "nothing", "there is no such coupon; check its spelling, or leave it out")]
    [InlineData("coupon", "once", "the coupon has expired or was used up; leave it out, or use another")]
    [InlineData("coupon", "euros", "the coupon is not for this plan or its currency; leave it out, or use another")]
    public async Task A_discount_that_is_none_is_told_and_nothing_is_bought(string kind, string word, string sentence)
    {
        var subscriber = await Shop.NewSubscriber();
        await open.Discounts();

        var (status, answer) = await subscriber.Send(HttpMethod.Post, Create, new Dictionary<string, string>
        {
            ["price_id"] = await Shop.Price("pro_monthly"),
            ["plan_name"] = "pro_monthly",
            ["payment_method_id"] = "pm_card_visa",
            [kind] = word,
        });

        Assert.Equal((HttpStatusCode.BadRequest, What + sentence), (status, answer.GetProperty("detail").GetString()));
        Assert.Empty(await subscriber.AtStripe());
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_with_a_sentence()
    {
        var subscriber = await Shop.NewSubscriber();
        var basic = await Shop.Price("basic_monthly");

        foreach (var (plan, price, sentence) in new[]
        {
            ("pro_monthly", basic, What + "price does not belong to plan"),
            ("pro_monthly", "price_of_nobody", What + "price does not belong to plan"),
            ("nothing_monthly", basic, What + "there is no such plan"),
            ("../etc", basic, What + "there is no such plan"),
            ("", basic, What + "there is no such plan"),
            ("chat_basic", basic, What + "price does not belong to plan"),
            ("mobile_weekly", basic, What + "price does not belong to plan"),
        })
        {
            var (status, answer) = await subscriber.TrySubscribe(plan, price: price);
            Assert.Equal((HttpStatusCode.BadRequest, sentence), (status, answer.GetProperty("detail").GetString()));
        }

        foreach (var body in new object[] { new { plan_name = "pro_monthly" }, new { price_id = basic }, new { plan_name = 7, price_id = basic } })
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await subscriber.Send(HttpMethod.Post, Create, body)).Status);
        }

        // A card of somebody else's.
        var other = await Shop.NewSubscriber();
        await other.Subscribe("basic_monthly");
        var foreign = (await Shop.Stripe($"customers/{await Shop.CustomerOf(other.Account)}/payment_methods")).GetProperty("data")[0].GetProperty("id").GetString();
        var (refused, _) = await subscriber.TrySubscribe("basic_monthly", foreign);
        Assert.Equal(HttpStatusCode.BadRequest, refused);
        Assert.Empty(await subscriber.AtStripe());
        Assert.Equal(HttpStatusCode.Unauthorized, (await Shop.World.Client.PostAsync(Create, null)).StatusCode);
    }

    [Fact]
    public async Task A_price_of_the_operator_s_that_Stripe_does_not_know_is_a_sentence()
    {
        await using var shop = await PlanShop.Open(settings: new() { ["STRIPE_SYNC_CATALOGUE"] = "false", ["STRIPE_PRICE_BASIC_MONTHLY"] = "price_of_nobody" });
        var subscriber = await shop.NewSubscriber();
        var (status, answer) = await subscriber.TrySubscribe("basic_monthly", price: "price_of_nobody");
        Assert.Equal((HttpStatusCode.BadRequest, "Failed to create subscription: the plan's price is not known to the payment provider; please tell support"), (status, answer.GetProperty("detail").GetString()));
    }

    [Fact]
    public void Without_Stripe_the_routes_say_so()
    {
        var refusal = PaymentRefusal.Of("Failed to create subscription", StripeFailure.Off());
        Assert.Equal(503, refusal.Status);
        Assert.Contains("payments are not configured", JsonSerializer.Serialize(((IValueHttpResult)refusal).Value), StringComparison.Ordinal);
    }

    public sealed class OpenShop : IAsyncLifetime
    {
        private bool hasDiscounts;

        internal PlanShop Shop { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Shop = await PlanShop.Open();

        public ValueTask DisposeAsync() => Shop.DisposeAsync();

        // OVER was switched off at Stripe, LARGE wants an order of a thousand dollars, once was redeemed by its one customer.
        internal async Task Discounts()
        {
            if (hasDiscounts)
            {
                return;
            }

            hasDiscounts = true;
            await Shop.StripePost("coupons", ("id", "half"), ("percent_off", "50"), ("duration", "once"));
            await Shop.StripePost("coupons", ("id", "euros"), ("amount_off", "500"), ("currency", "eur"), ("duration", "once"));
            await Shop.StripePost("coupons", ("id", "once"), ("percent_off", "50"), ("duration", "once"), ("max_redemptions", "1"));
            await Shop.StripePost("promotion_codes", ("promotion[type]", "coupon"), ("promotion[coupon]", "half"), ("code", "OVER"), ("active", "false"));
            await Shop.StripePost(
                "promotion_codes", ("promotion[type]", "coupon"), ("promotion[coupon]", "half"), ("code", "LARGE"),
                ("restrictions[minimum_amount]", "100000"), ("restrictions[minimum_amount_currency]", "usd"));
            await (await Shop.NewSubscriber()).Ask(
                HttpMethod.Post, Create, new { price_id = await Shop.Price("pro_monthly"), plan_name = "pro_monthly", payment_method_id = "pm_card_visa", coupon = "once" });
        }
    }
}
