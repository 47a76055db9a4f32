using System.Net;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>What Stripe tells of money: each invoice and each payment is one record, in whatever shape and however often it is told.</summary>
public sealed class PaymentEventTests
{
    private const string Webhook = "/payments/stripe-webhook";

    [Theory, EveryDatabase]
    public async Task One_paid_invoice_told_forty_times_over_two_nodes_and_three_addresses_is_one_payment(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        using var second = await shop.World.StartNode();
        var subscriber = await shop.NewSubscriber();
        await shop.Shop.HoldWebhooks();
        await subscriber.Subscribe("basic_monthly");
        var bodies = new[] { await shop.Shop.EventBody("invoice.paid"), await shop.Shop.EventBody("customer.subscription.created") };

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i =>
            shop.Shop.Deliver(bodies[i % 2], Shop.WebhookPaths[i % 3], i % 4 < 2 ? shop.World.Client : second)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        await shop.Shop.ReleaseWebhooks();
        await shop.Heard();
        Assert.Equal("4999 succeeded Payment for basic_monthly", await subscriber.Paid());
        Assert.Equal(2, await shop.Row<long>("SELECT count(*) FROM provider_events WHERE type IN ('invoice.paid', 'customer.subscription.created')"));
    }

    [Theory]
    [InlineData("2024-06-20")]
    [InlineData("2026-08-26.dahlia")]
    public async Task Invoices_of_both_generations_are_one_payment_each(string version)
    {
        await using var shop = await PlanShop.Open();
        await shop.World.Control("/_sandbox/stripe/webhooks", new { api_version = version });
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("basic_monthly");
        await shop.PassMonth();
        await shop.PassMonth();

        await TestWorld.Until(async () => (await subscriber.History()).Length == 3, "three invoices are three payments");
        Assert.All(await subscriber.History(), record => Assert.Equal(4999, record.GetProperty("amount").GetInt64()));
        Assert.Equal("active", await subscriber.StatusWord());
        Assert.Equal("basic_monthly", await subscriber.Plan());
    }

    [Fact]
    public async Task Invoices_without_a_payment_with_a_null_one_and_in_the_old_shape_are_taken_as_they_were_told()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        var id = await subscriber.Subscribe("basic_monthly");
        await shop.Heard();
        var customer = await shop.CustomerOf(subscriber.Account);
        var payments = new[] { "", "\"payment_intent\":null,", "\"payment_intent\":\"pi_told\"," };

        for (var i = 0; i < payments.Length; i++)
        {
            // Stripe does not know these any more, and it did tell them.
            var invoice = i == 2
                ? $$"""{"id":"in_told{{i}}","object":"invoice","status":"paid","customer":"{{customer}}","currency":"usd","amount_paid":{{100 + i}},"amount_due":{{100 + i}},"created":1795852800,{{payments[i]}}"parent":{"type":"subscription_details","subscription_details":{"subscription":"{{id}}"} } }"""
                : $$"""{"id":"in_told{{i}}","object":"invoice","status":"paid","customer":"{{customer}}","currency":"usd","amount_paid":{{100 + i}},"amount_due":{{100 + i}},"created":1795852800,{{payments[i]}}"subscription":"{{id}}"}""";
            foreach (var type in new[] { "invoice.payment_succeeded", "invoice.paid" })
            {
                Assert.Equal((HttpStatusCode.OK, """{"success":true,"processed":true}"""), await shop.Shop.Deliver(shop.Shop.Event(type, invoice), Webhook));
            }
        }

        var records = (await subscriber.History()).Where(record => record.GetProperty("stripe_invoice_id").GetString()!.StartsWith("in_told", StringComparison.Ordinal));
        Assert.Equal([100, 101, 102], records.Select(record => record.GetProperty("amount").GetInt64()).Order());
        Assert.Equal("active", await subscriber.StatusWord());
    }

    [Fact]
    public async Task A_payment_made_once_is_a_payment_made_once_and_a_credit_pack_is_none()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("basic_monthly");
        await shop.Heard();
        var customer = (await shop.CustomerOf(subscriber.Account))!;

        var payment = await shop.StripePost(
            "payment_intents", ("amount", "1234"), ("currency", "usd"), ("customer", customer), ("payment_method", "pm_card_visa"), ("confirm", "true"),
            ("description", "Speech Assistant Service"), ("automatic_payment_methods[enabled]", "true"), ("automatic_payment_methods[allow_redirects]", "never"));
        await shop.Heard();
        Assert.Equal("4999 succeeded Payment for basic_monthly, 1234 succeeded Speech Assistant Service", await subscriber.Paid());
        Assert.Equal("one_time", (await subscriber.History())[0].GetProperty("payment_type").GetString());
        await shop.World.Control("/_sandbox/stripe/refunds", new { payment_intent = payment.GetProperty("id").GetString() });
        await shop.Heard();
        Assert.Equal("4999 succeeded Payment for basic_monthly, 1234 refunded Speech Assistant Service", await subscriber.Paid());

        var checkout = await subscriber.Ask(HttpMethod.Post, "/api/billing/checkout/pro");
        await shop.Shop.Pay(checkout.GetProperty("session_id").GetString()!);
        await shop.Heard();
        Assert.Equal(2, (await subscriber.History()).Length);
    }
}
