using Ledgerline.Billing.Subscriptions;
using Ledgerline.Providers.Stripe;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>Stripe's objects in the shapes of both generations are read as the same thing.</summary>
public sealed class StripeShapesTests
{
    [Theory]
    [InlineData("""{"id":"sub_1","status":"active","current_period_start":100,"current_period_end":200,"items":{"data":[{"id":"si_1","price":{"id":"price_1"}}]}}""")]
    [InlineData("""{"id":"sub_1","status":"active","items":{"data":[{"id":"si_1","price":{"id":"price_1"},"current_period_start":100,"current_period_end":200}]}}""")]
    [InlineData("""{"id":"sub_1","status":"active","customer":{"id":"cus_1","deleted":true},"items":{"data":[{"id":"si_1","price":{"id":"price_1"},"current_period_start":100,"current_period_end":200},{"id":"si_2","price":{"id":"price_2"},"current_period_start":50,"current_period_end":150}]}}""")]
    public void A_period_is_read_from_the_subscription_or_from_its_items(string json)
    {
        var subscription = Read<StripeSubscription>(json);
        Assert.Equal((100, 200), (subscription.PeriodStart!.Value.ToUnixTimeSeconds(), subscription.PeriodEnd!.Value.ToUnixTimeSeconds()));
        Assert.Equal("price_1", subscription.AllItems[0].Price!.Id);
    }

    [Theory]
    [InlineData("""{"id":"in_1","subscription":"sub_1","payment_intent":"pi_1"}""", "sub_1", "pi_1")]
    [InlineData("""{"id":"in_1","subscription":{"id":"sub_1"},"payment_intent":{"id":"pi_1","client_secret":"s"}}""", "sub_1", "pi_1")]
    [InlineData("""{"id":"in_1","subscription":"sub_1","payment_intent":null}""", "sub_1", null)]
    [InlineData("""{"id":"in_1","subscription":"sub_1"}""", "sub_1", null)]
    [InlineData("""{"id":"in_1","parent":{"type":"subscription_details","subscription_details":{"subscription":"sub_1"}}}""", "sub_1", null)]
    [InlineData("""{"id":"in_1","parent":{"subscription_details":{"subscription":{"id":"sub_1"}}},"payments":{"data":[{"id":"inpay_2","status":"canceled","payment":{"payment_intent":"pi_0"}},{"id":"inpay_1","status":"paid","payment":{"payment_intent":{"id":"pi_1"}}}]}}""", "sub_1", "pi_1")]
    [InlineData("""{"id":"in_1","parent":null,"subscription":null,"payments":{"data":[]}}""", null, null)]
    [InlineData("""{"id":"in_1","parent":{"type":"quote_details","quote_details":{"quote":"qt_1"},"subscription_details":null}}""", null, null)]
    public void An_invoice_names_its_subscription_and_its_payment_in_several_places(string json, string? subscription, string? payment)
    {
        var invoice = Read<StripeInvoice>(json);
        Assert.Equal((subscription, payment), (invoice.SubscriptionId, invoice.PaymentIntentId));
    }

    [Theory]
    [InlineData("""{"id":"sub_1","status":"incomplete","latest_invoice":{"id":"in_1","status":"open","confirmation_secret":{"client_secret":"s","type":"payment_intent"}}}""", "s")]
    [InlineData("""{"id":"sub_1","status":"incomplete","latest_invoice":{"id":"in_1","status":"open","payment_intent":{"id":"pi_1","client_secret":"s"}}}""", "s")]
    [InlineData("""{"id":"sub_1","status":"incomplete","latest_invoice":"in_1"}""", null)]
    [InlineData("""{"id":"sub_1","status":"active","latest_invoice":{"id":"in_1","status":"paid","confirmation_secret":null}}""", null)]
    [InlineData("""{"id":"sub_1","status":"trialing","latest_invoice":null}""", null)]
    public void The_secret_of_the_first_payment_is_found_in_both(string json, string? secret) =>
        Assert.Equal(secret, OpenedSubscription.Of(Read<StripeSubscription>(json)).ClientSecret);

    [Theory]
    [InlineData("""{"id":"price_1","active":true,"currency":"usd","unit_amount":500,"recurring":{"interval":"month","interval_count":1,"usage_type":"licensed"}}""", true)]
    [InlineData("""{"id":"price_1","active":true,"currency":"USD","unit_amount":null,"unit_amount_decimal":"500.0","recurring":{"interval":"month","interval_count":1}}""", true)]
    [InlineData("""{"id":"price_1","active":false,"currency":"usd","unit_amount":500,"recurring":{"interval":"month","interval_count":1}}""", false)]
    [InlineData("""{"id":"price_1","active":true,"currency":"eur","unit_amount":500,"recurring":{"interval":"month","interval_count":1}}""", false)]
    [InlineData("""{"id":"price_1","active":true,"currency":"usd","unit_amount":501,"recurring":{"interval":"month","interval_count":1}}""", false)]
    [InlineData("""{"id":"price_1","active":true,"currency":"usd","unit_amount":500,"recurring":{"interval":"month","interval_count":3}}""", false)]
    [InlineData("""{"id":"price_1","active":true,"currency":"usd","unit_amount":500,"recurring":{"interval":"month","interval_count":1,"usage_type":"metered"}}""", false)]
    [InlineData("""{"id":"price_1","active":true,"currency":"usd","unit_amount":500,"recurring":null}""", false)]
    public void A_price_is_a_plan_s_only_when_it_asks_the_same(string json, bool same) =>
        Assert.Equal(same, new PlanPart(PlanPart.WholePlan, "basic", 500, "usd", "month").IsAskedBy(Read<StripePrice>(json)));

    // As events bring objects, which is how every answer is read too.
    private static T Read<T>(string json)
        where T : class => StripeEvent.Parse($$$"""{"id":"evt_1","type":"test","data":{"object":{{{json}}} } }""", DateTimeOffset.UnixEpoch)!.SubjectAs<T>()!;
}
