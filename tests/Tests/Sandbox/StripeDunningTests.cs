using Xunit;
using static Tests.Sandbox.StripeShop;

namespace Tests.Sandbox;

/// <summary>Renewals that are not paid: retries, what becomes of the subscription, and the bank that asks.</summary>
public sealed class StripeDunningTests
{
    [Fact]
    public async Task RetriesComeOnTheirDaysThenTheSubscriptionIsCanceled()
    {
        await using var stripe = await StripeSandbox.Start();
        var (subscription, _) = await Failing(stripe);
        var first = subscription.Period().End + Hour;

        stripe.AdvanceTo(first + Day / 2);
        var late = await stripe.Subscription(subscription.Id);
        Assert.Equal("past_due", late.Text("status"));
        var open = (await stripe.Invoices(subscription.Id))[1];
        Assert.Equal(("open", 1L, first + Day), ((string)open["status"]!, (long)open["attempt_count"]!, (long)open["next_payment_attempt"]!));

        stripe.AdvanceTo(first + 20 * Day);
        Assert.Equal([first, first + Day, first + 3 * Day, first + 5 * Day, first + 7 * Day], (await stripe.Told("invoice.payment_failed")).Select(one => one.Created));
        var over = await stripe.Subscription(subscription.Id);
        Assert.Equal(("canceled", first + 7 * Day, "payment_failed"), (over.Text("status"), over.Number("ended_at"), over.Text("cancellation_details", "reason")));
        var last = await stripe.Object((await stripe.Told("invoice.payment_failed"))[^1]);
        Assert.Equal(5, (long)last["attempt_count"]!);
        Assert.Null(last["next_payment_attempt"]);
        stripe.Advance(90 * Day);
        Assert.Equal(2, (await stripe.Invoices(subscription.Id)).Count);
    }

    [Fact]
    public async Task AnotherCardPaysTheNextRetry()
    {
        await using var stripe = await StripeSandbox.Start();
        var (subscription, customer) = await Failing(stripe);
        stripe.AdvanceTo(subscription.Period().End + 2 * Hour);
        Assert.Equal("past_due", (await stripe.Subscription(subscription.Id)).Text("status"));
        await stripe.UseCard(customer, "pm_card_mastercard");
        stripe.Advance(Day);
        Assert.Equal("active", (await stripe.Subscription(subscription.Id)).Text("status"));
        var paid = (await stripe.Invoices(subscription.Id))[1];
        Assert.Equal(("paid", 2L), ((string)paid["status"]!, (long)paid["attempt_count"]!));
        Assert.Equal(2000, (long)(await stripe.Get($"/v1/invoice_payments?invoice={(string)paid["id"]!}")).Data.Single()["amount_paid"]!);
    }

    [Fact]
    public async Task TheAccountMayChooseUnpaid()
    {
        await using var stripe = await StripeSandbox.Start();
        await stripe.Control("/stripe/dunning", new { retry_days = new[] { 2 }, then = "unpaid" });
        var (subscription, customer) = await Failing(stripe);
        stripe.Advance(40 * Day);
        Assert.Equal("unpaid", (await stripe.Subscription(subscription.Id)).Text("status"));
        stripe.Advance(31 * Day);
        var draft = (await stripe.Invoices(subscription.Id))[^1];
        Assert.Equal(("draft", false), ((string)draft["status"]!, (bool)draft["auto_advance"]!));

        await stripe.UseCard(customer, "pm_card_visa");
        Assert.Equal("paid", (await stripe.Post($"/v1/invoices/{(string)draft["id"]!}/pay")).Text("status"));
        Assert.Equal("active", (await stripe.Subscription(subscription.Id)).Text("status"));
    }

    [Fact]
    public async Task ABankThatAsksTheAbsentCustomerWaitsForThem()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Subscriber();
        var subscription = await stripe.Subscribe(customer, await stripe.Price(2000));
        await stripe.UseCard(customer, "pm_card_authenticationRequired");
        stripe.AdvanceTo(subscription.Period().End + 2 * Hour);
        Assert.Equal("past_due", (await stripe.Subscription(subscription.Id)).Text("status"));
        var asked = Assert.Single(await stripe.Told("invoice.payment_action_required"));
        Assert.Single(await stripe.Told("invoice.payment_failed"));

        var payment = (await stripe.Get($"/v1/invoice_payments?invoice={asked.ObjectId}")).Data.Single();
        var intent = (string)payment["payment"]!["payment_intent"]!;
        Assert.Equal("requires_action", (await stripe.Get($"/v1/payment_intents/{intent}")).Text("status"));
        await stripe.Control($"/stripe/payment_intents/{intent}/authenticate", new { outcome = "succeeded" });
        Assert.Equal("active", (await stripe.Subscription(subscription.Id)).Text("status"));
        Assert.Equal("paid", (await stripe.Get($"/v1/invoices/{asked.ObjectId}")).Text("status"));
    }

    [Fact]
    public async Task AFirstInvoiceIsPaidAsABrowserWould()
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(card: null), await stripe.Price(2000),
            ("payment_behavior", "default_incomplete"), ("payment_settings[save_default_payment_method]", "on_subscription"));
        var invoice = subscription.Text("latest_invoice");
        var declined = await stripe.Control($"/stripe/invoices/{invoice}/pay", new { card = "4000000000000002" });
        Assert.Equal(("card_declined", "incomplete"), ((string)declined["error"]!["code"]!, (string)declined["subscription_status"]!));
        var asked = await stripe.Control($"/stripe/invoices/{invoice}/pay", new { card = "4000002500003155" });
        Assert.Equal(("confirm", "requires_action"), ((string)asked["next_action"]!, (string)asked["payment_intent_status"]!));
        Assert.Equal("open", (string)(await stripe.Control($"/stripe/invoices/{invoice}/pay", new { confirm = false }))["status"]!);
        var paid = await stripe.Control($"/stripe/subscriptions/{subscription.Id}/pay", new { card = "pm_card_authenticationRequiredOnSetup", confirm = true });
        Assert.Equal(("paid", "active"), ((string)paid["status"]!, (string)paid["subscription_status"]!));
        var now = await stripe.Subscription(subscription.Id);
        Assert.Equal("3155", (await stripe.Get($"/v1/payment_methods/{now.Text("default_payment_method")}")).Text("card", "last4"));

        stripe.Advance(32 * Day);
        Assert.Equal("paid", (string?)(await stripe.Invoices(subscription.Id))[1]["status"]);
    }

    [Fact]
    public async Task WhatMayNotBeIncompleteIsNotMade()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Subscriber("pm_card_chargeCustomerFail");
        var price = await stripe.Price(2000);
        var refused = await stripe.Post("/v1/subscriptions", ("customer", customer), ("items[0][price]", price), ("payment_behavior", "error_if_incomplete"));
        Assert.Equal((402, "card_declined"), ((int)refused.Status, (string)refused.Error["code"]!));
        Assert.Empty((await stripe.Get("/v1/subscriptions?status=all")).Data);
        Assert.Empty((await stripe.Get("/v1/invoices")).Data);
        var incomplete = await stripe.Subscribe(customer, price);
        Assert.Equal("incomplete", incomplete.Text("status"));
    }

    private static async Task<(StripeAnswer Subscription, string Customer)> Failing(StripeSandbox stripe)
    {
        var customer = await stripe.Subscriber();
        var subscription = await stripe.Subscribe(customer, await stripe.Price(2000));
        await stripe.UseCard(customer, "pm_card_chargeCustomerFail");
        return (subscription, customer);
    }
}
