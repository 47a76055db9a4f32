using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sandbox.Core;
using Sandbox.Stripe;
using Xunit;
using static Tests.Sandbox.StripeShop;

namespace Tests.Sandbox;

/// <summary>What is refused changes nothing, and a card that is gone is a failed payment and no accident.</summary>
public sealed class StripeRefusedTests
{
    [Fact]
    public async Task AChangeThatNoCardPaysForIsNotMade()
    {
        await using var stripe = await StripeSandbox.Start();
        var (customer, card, subscription) = await WithOwnCard(stripe);
        await stripe.Post($"/v1/payment_methods/{card}/detach");
        await Refused(stripe, subscription, 400, "invalid_request_error", await Upgrade(stripe, subscription));

        var declined = await stripe.UseCard(customer, "pm_card_chargeCustomerFail");
        await Refused(stripe, subscription, 402, "card_error", await Upgrade(stripe, subscription));
        await stripe.UseCard(customer, "pm_card_visa");
        await Refused(stripe, subscription, 402, "card_error", [.. await Upgrade(stripe, subscription), ("default_payment_method", declined)]);

        var made = await stripe.Post($"/v1/subscriptions/{subscription.Id}", await Upgrade(stripe, subscription));
        Assert.Equal((HttpStatusCode.OK, "active"), (made.Status, made.Text("status")));
        Assert.Equal(2, (await stripe.Invoices(subscription.Id)).Count);
    }

    [Fact]
    public async Task ADiscountOfTheSameCallCountsForWhatMustBePaid()
    {
        await using var stripe = await StripeSandbox.Start();
        var free = await stripe.Post("/v1/coupons", ("percent_off", 100), ("duration", "forever"));
        var customer = await stripe.Subscriber(card: null);
        var subscription = await stripe.Subscribe(customer, await stripe.Price(1000), ("discounts[0][coupon]", free.Id));
        await Refused(stripe, subscription, 400, "invalid_request_error", [.. await Upgrade(stripe, subscription), ("billing_cycle_anchor", "now"), ("discounts", "")]);
    }

    [Fact]
    public async Task WrongFieldsAreRefusedBeforeTheOthersAreTaken()
    {
        await using var stripe = await StripeSandbox.Start();
        var (_, _, subscription) = await WithOwnCard(stripe);
        await Refused(stripe, subscription, 400, "invalid_request_error", [("description", "New"), ("cancel_at", stripe.Now() - Day)]);
        await Refused(stripe, subscription, 400, "invalid_request_error", [("description", "New"), ("metadata[long]", new string('x', 501))]);
        var before = (await stripe.Told()).Count;
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post("/v1/payment_intents", ("amount", 1000), ("currency", "usd"), ("metadata[long]", new string('x', 501)))).Status);
        Assert.Equal(before, (await stripe.Told()).Count);
        Assert.Single((await stripe.Get("/v1/payment_intents")).Data);
    }

    [Fact]
    public async Task AnInvoiceThatCannotBeTriedIsAsItWas()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Subscriber();
        var gone = await stripe.UseCard(customer, "pm_card_visa");
        await stripe.Post($"/v1/payment_methods/{gone}/detach");
        var subscription = await stripe.Subscribe(customer, await stripe.Price(2000), ("payment_behavior", "default_incomplete"));
        var before = (await stripe.Told()).Count;
        foreach (var form in ((string, object)[][])[[], [("payment_method", gone)]])
        {
            var refused = await stripe.Post($"/v1/invoices/{subscription.Text("latest_invoice")}/pay", form);
            Assert.Equal((400, "invalid_request_error"), ((int)refused.Status, (string)refused.Error["type"]!));
        }

        var invoice = Assert.Single(await stripe.Invoices(subscription.Id));
        Assert.Equal(("open", 0L), ((string)invoice["status"]!, (long)invoice["attempt_count"]!));
        Assert.Equal("incomplete", (await stripe.Subscription(subscription.Id)).Text("status"));
        Assert.Equal(before, (await stripe.Told()).Count);
    }

    [Fact]
    public async Task ACardThatIsDetachedIsNobodysDefaultAndTheRenewalFails()
    {
        await using var stripe = await StripeSandbox.Start();
        var (customer, card, subscription) = await WithOwnCard(stripe);
        await stripe.Post($"/v1/payment_methods/{card}/detach");
        Assert.Null((await stripe.Subscription(subscription.Id))["default_payment_method"]);
        Assert.Null((await stripe.Get($"/v1/customers/{customer}")).At("invoice_settings", "default_payment_method"));
        Assert.Single(await stripe.Told("customer.subscription.updated"));

        stripe.AdvanceTo(subscription.Period().End + 2 * Hour);
        Assert.Equal("past_due", (await stripe.Subscription(subscription.Id)).Text("status"));
        Assert.Equal("open", (string?)(await stripe.Invoices(subscription.Id))[1]["status"]);
        Assert.Single(await stripe.Told("invoice.payment_failed"));

        await stripe.UseCard(customer, "pm_card_visa");
        stripe.Advance(Day);
        Assert.Equal("active", (await stripe.Subscription(subscription.Id)).Text("status"));
        Assert.Equal("paid", (string?)(await stripe.Invoices(subscription.Id))[1]["status"]);
    }

    [Fact]
    public void WhatGoesWrongInTimeStopsNothingElse()
    {
        var clock = new SandboxClock();
        using var sender = new WebhookSender(clock);
        var world = new StripeWorld(clock, new SandboxOptions(), sender, NullLogger.Instance);
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var done = new List<string>();
        lock (world.Gate)
        {
            world.At(now + 10, _ => throw StripeError.Invalid("refused"));
            world.At(now + 20, _ => throw new InvalidOperationException("broken"));
            world.At(now + 30, _ => done.Add("next"));
        }

        clock.Advance(TimeSpan.FromMinutes(1));
        lock (world.Gate)
        {
            world.Agenda.CatchUp();
            Assert.Equal(["next"], done);
        }
    }

    [Fact]
    public async Task CurrenciesAreNotCombined()
    {
        await using var stripe = await StripeSandbox.Start();
        var (customer, _, subscription) = await WithOwnCard(stripe);
        var euro = (await stripe.Post("/v1/prices", ("currency", "eur"), ("unit_amount", 2000), ("recurring[interval]", "month"), ("product_data[name]", "Euro plan"))).Id;
        await Refused(stripe, subscription, 400, "invalid_request_error", [("items[0][id]", subscription.Item()), ("items[0][price]", euro)], "combine currencies");
        await Refused(stripe, subscription, 400, "invalid_request_error",
            [("items[0][id]", subscription.Item()), ("items[0][deleted]", true), ("items[1][price]", euro)], "combine currencies");
        var another = await stripe.Post("/v1/subscriptions", ("customer", customer), ("items[0][price]", euro));
        Assert.Equal((400, "invalid_request_error"), ((int)another.Status, (string)another.Error["type"]!));
        var session = await stripe.Post("/v1/checkout/sessions", ("mode", "subscription"), ("customer", customer), ("success_url", "https://shop.example/"),
            ("line_items[0][price]", euro), ("line_items[0][quantity]", 1));
        Assert.Equal((400, "invalid_request_error"), ((int)session.Status, (string)session.Error["type"]!));
        Assert.Single((await stripe.Get("/v1/subscriptions?status=all")).Data);
    }

    private static async Task<(string Customer, string Card, StripeAnswer Subscription)> WithOwnCard(StripeSandbox stripe)
    {
        var customer = await stripe.Subscriber(card: null);
        var card = await stripe.UseCard(customer, "pm_card_visa");
        return (customer, card, await stripe.Subscribe(customer, await stripe.Price(1000), ("default_payment_method", card)));
    }

    private static async Task<(string Name, object Value)[]> Upgrade(StripeSandbox stripe, StripeAnswer subscription) =>
    [
        ("items[0][id]", subscription.Item()), ("items[0][price]", await stripe.Price(5000)), ("proration_behavior", "always_invoice"),
        ("payment_behavior", "error_if_incomplete"),
    ];

    // Refused so, with nothing changed and nothing told.
    private static async Task Refused(StripeSandbox stripe, StripeAnswer subscription, int status, string type, (string Name, object Value)[] form, string words = "")
    {
        var before = (await stripe.Subscription(subscription.Id)).Body.ToJsonString();
        var (invoices, told) = ((await stripe.Invoices(subscription.Id)).Count, (await stripe.Told()).Count);
        var refused = await stripe.Post($"/v1/subscriptions/{subscription.Id}", form);
        Assert.True((int)refused.Status == status, refused.Body.ToJsonString());
        Assert.Equal(type, (string?)refused.Error["type"]);
        Assert.Contains(words, (string?)refused.Error["message"]);
        Assert.Equal(before, (await stripe.Subscription(subscription.Id)).Body.ToJsonString());
        Assert.Equal((invoices, told), ((await stripe.Invoices(subscription.Id)).Count, (await stripe.Told()).Count));
    }
}
