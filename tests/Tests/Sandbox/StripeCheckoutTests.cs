using System.Net;
using Xunit;

namespace Tests.Sandbox;

/// <summary>A credit pack through Checkout: the session, the ways it ends, and what is told about it.</summary>
public sealed class StripeCheckoutTests
{
    private static readonly string[] PaidEvents = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"];

    [Fact]
    public async Task ASessionIsAsItWasAskedFor()
    {
        await using var stripe = await StripeSandbox.Start();
        var made = await stripe.CheckoutSession(("payment_intent_data[metadata][order_id]", "order-1"), ("customer_email", "anna@example.com"));

        Assert.Equal(HttpStatusCode.OK, made.Status);
        Assert.Equal(("open", "unpaid", 1499L, "usd"), (made.Text("status"), made.Text("payment_status"), made.Number("amount_total"), made.Text("currency")));
        Assert.Equal(("order-1", "order-1", "anna@example.com"), (made.Text("client_reference_id"), made.Text("metadata", "order_id"), made.Text("customer_details", "email")));
        Assert.Equal($"{stripe.Address}stripe/c/pay/{made.Id}", made.Text("url"));
        Assert.Null(made["payment_intent"]);
        Assert.Null(made["line_items"]);
        Assert.Equal(86400, made.Number("expires_at") - made.Number("created"));

        var lines = await stripe.Get($"/v1/checkout/sessions/{made.Id}/line_items");
        Assert.Equal(("Pro Pack", 1499L), ((string)lines.Data.Single()["description"]!, (long)lines.Data.Single()["amount_total"]!));
    }

    [Fact]
    public async Task PayingCompletesTheSessionOnce()
    {
        await using var stripe = await StripeSandbox.Start();
        var session = await stripe.CheckoutSession(("payment_intent_data[metadata][order_id]", "order-1"));
        var paid = await stripe.Control($"/stripe/checkout/{session.Id}", new { card = "4242424242424242" });

        Assert.Equal(("complete", "paid"), ((string)paid["status"]!, (string)paid["payment_status"]!));
        Assert.Equal($"https://shop.example/back?from=stripe&session_id={session.Id}", (string)paid["redirect_url"]!);
        Assert.Null(paid["error"]);
        var now = await stripe.Get($"/v1/checkout/sessions/{session.Id}?expand[]=payment_intent.latest_charge&expand[]=line_items");
        Assert.Equal(("complete", "paid"), (now.Text("status"), now.Text("payment_status")));
        Assert.Null(now["url"]);
        Assert.Equal(("succeeded", 1499L, "order-1"), (now.Text("payment_intent", "status"), now.Number("payment_intent", "amount_received"), now.Text("payment_intent", "metadata", "order_id")));
        Assert.Equal(("succeeded", 1499L), (now.Text("payment_intent", "latest_charge", "status"), now.Number("payment_intent", "latest_charge", "amount_captured")));
        Assert.Equal(1, now.Number("line_items", "data", "0", "quantity"));

        var (status, again) = await stripe.TryControl($"/stripe/checkout/{session.Id}", new { card = "4242424242424242" });
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal(("session_complete", "complete"), ((string)again!["error"]!["code"]!, (string)again["status"]!));
        Assert.Single((await stripe.Get("/v1/payment_intents")).Data);
        Assert.Single((await stripe.Get("/v1/charges")).Data);
        var events = await stripe.EventTypes();
        Assert.Equal(["product.created", .. PaidEvents], events);
    }

    [Fact]
    public async Task WhoPaysTwentyTimesAtOncePaysOnce()
    {
        await using var stripe = await StripeSandbox.Start();
        var session = await stripe.CheckoutSession();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => stripe.TryControl($"/stripe/checkout/{session.Id}", new { card = "4242424242424242" })));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(19, answers.Count(answer => answer.Status == HttpStatusCode.Conflict));
        Assert.Single((await stripe.Get("/v1/charges")).Data);
        Assert.Single(await stripe.EventTypes(), "checkout.session.completed");
    }

    [Fact]
    public async Task ADeclineLeavesTheSessionOpenAndTheSameIntentIsTriedAgain()
    {
        await using var stripe = await StripeSandbox.Start();
        var session = await stripe.CheckoutSession();
        var declined = await stripe.Control($"/stripe/checkout/{session.Id}", new { card = "4000000000000002" });

        Assert.Equal(("open", "unpaid"), ((string)declined["status"]!, (string)declined["payment_status"]!));
        Assert.Equal(("card_declined", "generic_decline"), ((string)declined["error"]!["code"]!, (string)declined["error"]!["decline_code"]!));
        Assert.Null(declined["redirect_url"]);

        var paid = await stripe.Control($"/stripe/checkout/{session.Id}", new { card = "4242424242424242" });
        Assert.Equal((string)declined["payment_intent"]!, (string)paid["payment_intent"]!);
        Assert.Equal("paid", (string)paid["payment_status"]!);
        var events = await stripe.EventTypes();
        Assert.Equal(["charge.failed", "payment_intent.payment_failed", "charge.succeeded"], events[2..5]);
        var intent = await stripe.Get($"/v1/payment_intents/{(string)paid["payment_intent"]!}");
        Assert.Null(intent["last_payment_error"]);
    }

    [Fact]
    public async Task TheBanksQuestionIsAnsweredYesOrNo()
    {
        await using var stripe = await StripeSandbox.Start();
        var session = await stripe.CheckoutSession();
        var path = $"/stripe/checkout/{session.Id}";
        var asked = await stripe.Control(path, new { card = "4000002500003155" });
        Assert.Equal(("open", "unpaid", "confirm"), ((string)asked["status"]!, (string)asked["payment_status"]!, (string)asked["next_action"]!));

        var refused = await stripe.Control(path, new { confirm = false });
        Assert.Equal("payment_intent_authentication_failure", (string)refused["error"]!["code"]!);
        Assert.Equal("unpaid", (string)refused["payment_status"]!);

        await stripe.Control(path, new { card = "4000002500003155" });
        var confirmed = await stripe.Control(path, new { confirm = true });
        Assert.Equal(("complete", "paid"), ((string)confirmed["status"]!, (string)confirmed["payment_status"]!));
        var charge = (await stripe.Get("/v1/charges")).Data.Single();
        Assert.Equal("authenticated", (string)charge["payment_method_details"]!["card"]!["three_d_secure"]!["result"]!);
    }

    [Theory]
    [InlineData("succeeded", "paid", "checkout.session.async_payment_succeeded", "payment_intent.succeeded")]
    [InlineData("failed", "unpaid", "checkout.session.async_payment_failed", "payment_intent.payment_failed")]
    public async Task ABankDebitCompletesUnpaidAndIsSettledLater(string outcome, string status, string told, string before)
    {
        await using var stripe = await StripeSandbox.Start();
        var session = await stripe.CheckoutSession();
        var begun = await stripe.Control($"/stripe/checkout/{session.Id}", new { card = "bank_debit" });
        Assert.Equal(("complete", "unpaid"), ((string)begun["status"]!, (string)begun["payment_status"]!));
        Assert.Contains("checkout.session.completed", await stripe.EventTypes());
        Assert.Equal("processing", (await stripe.Get($"/v1/payment_intents/{(string)begun["payment_intent"]!}")).Text("status"));

        var settled = await stripe.Control($"/stripe/checkout/{session.Id}/async", new { outcome });
        Assert.Equal(("complete", status), ((string)settled["status"]!, (string)settled["payment_status"]!));
        var events = await stripe.EventTypes();
        Assert.Equal([before, told], events[^2..]);
        Assert.Equal(HttpStatusCode.Conflict, (await stripe.TryControl($"/stripe/checkout/{session.Id}/async", new { outcome })).Status);
        Assert.Equal(events, await stripe.EventTypes());
    }

    [Fact]
    public async Task ASessionThatTakesCardsOnlyTakesNoDebit()
    {
        await using var stripe = await StripeSandbox.Start();
        var session = await stripe.CheckoutSession(("payment_method_types[]", "card"));
        var refused = await stripe.Control($"/stripe/checkout/{session.Id}", new { method = "bank_debit" });
        Assert.Equal(("open", "payment_method_not_available"), ((string)refused["status"]!, (string)refused["error"]!["code"]!));
        Assert.Empty((await stripe.Get("/v1/payment_intents")).Data);
    }

    [Fact]
    public async Task TheClockExpiresASession()
    {
        await using var stripe = await StripeSandbox.Start();
        var at = stripe.Clock.GetUtcNow().AddMinutes(45).ToUnixTimeSeconds();
        var session = await stripe.CheckoutSession(("expires_at", at));
        await stripe.Control($"/stripe/checkout/{session.Id}", new { card = "4000000000000002" });
        stripe.Clock.Advance(TimeSpan.FromMinutes(46));

        var told = await stripe.Webhooks.Wait("checkout.session.expired");
        Assert.Equal(session.Id, (string)told.Event["data"]!["object"]!["id"]!);
        var now = await stripe.Get($"/v1/checkout/sessions/{session.Id}");
        Assert.Equal("expired", now.Text("status"));
        Assert.Null(now["url"]);
        Assert.Equal("canceled", (await stripe.Get($"/v1/payment_intents/{now.Text("payment_intent")}")).Text("status"));
        var (status, answer) = await stripe.TryControl($"/stripe/checkout/{session.Id}", new { card = "4242424242424242" });
        Assert.Equal((HttpStatusCode.Conflict, "session_expired"), (status, (string)answer!["error"]!["code"]!));
        Assert.Single(await stripe.EventTypes(), "checkout.session.expired");
    }

    [Fact]
    public async Task AnOpenSessionIsExpiredByTheApiAndByTheControlRoom()
    {
        await using var stripe = await StripeSandbox.Start();
        var first = await stripe.CheckoutSession();
        Assert.Equal("expired", (await stripe.Post($"/v1/checkout/sessions/{first.Id}/expire")).Text("status"));
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post($"/v1/checkout/sessions/{first.Id}/expire")).Status);
        var second = await stripe.CheckoutSession();
        Assert.Equal("expired", (string)(await stripe.Control($"/stripe/checkout/{second.Id}/expire"))["status"]!);
        Assert.Equal(HttpStatusCode.Conflict, (await stripe.TryControl($"/stripe/checkout/{second.Id}/expire")).Status);
    }

    [Fact]
    public async Task AGuestBecomesACustomerWhenTheSessionSaysSo()
    {
        await using var stripe = await StripeSandbox.Start();
        var session = await stripe.CheckoutSession(("customer_creation", "always"), ("payment_intent_data[setup_future_usage]", "off_session"));
        await stripe.Control($"/stripe/checkout/{session.Id}", new { card = "4242424242424242", email = "anna@example.com", name = "Anna" });
        var customer = (await stripe.Get($"/v1/checkout/sessions/{session.Id}")).Text("customer");
        Assert.Equal("anna@example.com", (await stripe.Get($"/v1/customers/{customer}")).Text("email"));
        Assert.Equal("4242", (string)(await stripe.Get($"/v1/customers/{customer}/payment_methods?type=card")).Data.Single()["card"]!["last4"]!);
    }

    [Fact]
    public async Task AnOrderOfNothingNeedsNoPayment()
    {
        await using var stripe = await StripeSandbox.Start();
        var session = await stripe.Post("/v1/checkout/sessions", ("mode", "payment"), ("success_url", "https://shop.example/back"), ("line_items[0][quantity]", 3),
            ("line_items[0][price_data][currency]", "usd"), ("line_items[0][price_data][unit_amount]", 0), ("line_items[0][price_data][product_data][name]", "Gift"));
        var done = await stripe.Control($"/stripe/checkout/{session.Id}");
        Assert.Equal(("complete", "no_payment_required"), ((string)done["status"]!, (string)done["payment_status"]!));
        Assert.Null(done["payment_intent"]);
    }

    [Fact]
    public async Task APriceSellsWhatItSays()
    {
        await using var stripe = await StripeSandbox.Start();
        var product = await stripe.Post("/v1/products", ("name", "Team Pack"));
        var price = await stripe.Post("/v1/prices", ("currency", "jpy"), ("unit_amount", 1500), ("product", product.Id), ("lookup_key", "team"));
        Assert.Equal(price.Id, (string)(await stripe.Get("/v1/prices?lookup_keys[]=team")).Data.Single()["id"]!);
        var session = await stripe.Post("/v1/checkout/sessions", ("mode", "payment"), ("success_url", "chotto-voice://payment/success?session_id={CHECKOUT_SESSION_ID}"),
            ("line_items[0][price]", price.Id), ("line_items[0][quantity]", 2), ("expand[]", "line_items"));
        Assert.Equal((3000L, "jpy", "Team Pack"), (session.Number("amount_total"), session.Text("currency"), session.Text("line_items", "data", "0", "description")));
        var paid = await stripe.Control($"/stripe/checkout/{session.Id}");
        Assert.Equal($"chotto-voice://payment/success?session_id={session.Id}", (string)paid["redirect_url"]!);
    }

    [Theory]
    [InlineData("success_url", "", "success_url")]
    [InlineData("success_url", "javascript:alert(1)", "success_url")]
    [InlineData("mode", "", "mode")]
    [InlineData("mode", "subscription", "line_items")]
    [InlineData("mode", "setup", "mode=setup")]
    [InlineData("line_items[0][quantity]", "0", "line_items[0][quantity]")]
    [InlineData("line_items[0][price_data][unit_amount]", "20", "line_items")]
    [InlineData("line_items[0][price_data][unit_amount]", "-1", "line_items[0][price_data][unit_amount]")]
    [InlineData("line_items[0][price_data][unit_amount]", "4.5", "line_items[0][price_data][unit_amount]")]
    [InlineData("line_items[0][price_data][currency]", "xxx", "line_items[0][price_data][currency]")]
    [InlineData("line_items[0][price]", "price_1", "line_items[0][price]")]
    [InlineData("customer", "cus_none", "customer")]
    [InlineData("expires_at", "1", "expires_at")]
    [InlineData("automatic_tax[enabled]", "true", "automatic_tax[enabled]=true")]
    public async Task WhatCannotBeSoldIsRefused(string name, string value, string param)
    {
        await using var stripe = await StripeSandbox.Start();
        var form = new Dictionary<string, object>
        {
            ["mode"] = "payment",
            ["success_url"] = "https://shop.example/",
            ["line_items[0][quantity]"] = 1,
            ["line_items[0][price_data][currency]"] = "usd",
            ["line_items[0][price_data][unit_amount]"] = 500,
            ["line_items[0][price_data][product_data][name]"] = "Pack",
            [name] = value,
        };
        var refused = await stripe.Post("/v1/checkout/sessions", [.. form.Select(field => (field.Key, field.Value))]);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request_error", param), (refused.Status, (string)refused.Error["type"]!, (string)refused.Error["param"]!));
        Assert.Empty((await stripe.Get("/v1/checkout/sessions")).Data);
    }
}
