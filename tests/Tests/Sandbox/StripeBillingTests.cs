using System.Net;
using System.Text.Json.Nodes;
using Xunit;
using static Tests.Sandbox.StripeShop;

namespace Tests.Sandbox;

/// <summary>Subscriptions and invoices around their renewals: what is told in which order and shape, and what is refused.</summary>
public sealed class StripeBillingTests
{
    [Fact]
    public async Task ABeginningIsToldInOrder()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Subscriber();
        var price = await stripe.Price(2000);
        var before = (await stripe.Told()).Count;
        var subscription = await stripe.Subscribe(customer, price);
        var told = (await stripe.Told()).Skip(before).ToList();
        Assert.Equal(
        [
            "invoice.created", "payment_intent.created", "invoice.finalized", "charge.succeeded", "payment_intent.succeeded", "invoice_payment.paid",
            "customer.subscription.created", "invoice.paid", "invoice.payment_succeeded",
        ], told.Select(one => one.Type));
        Assert.Equal("active", (string?)(await stripe.Object(told.Single(one => one.Type == "customer.subscription.created")))["status"]);
        Assert.Equal("paid", (string?)(await stripe.Object(told.Single(one => one.Type == "invoice.paid")))["status"]);
        await stripe.Webhooks.Wait("invoice.payment_succeeded");

        var open = await stripe.Subscribe(customer, price, ("payment_behavior", "default_incomplete"));
        var created = (await stripe.Told("customer.subscription.created"))[^1];
        Assert.Equal("incomplete", (string?)(await stripe.Object(created))["status"]);
        await stripe.Control($"/stripe/subscriptions/{open.Id}/pay");
        var updated = await stripe.Get($"/v1/events/{(await stripe.Told("customer.subscription.updated"))[^1].Id}");
        Assert.Equal(("incomplete", "active"), (updated.Text("data", "previous_attributes", "status"), updated.Text("data", "object", "status")));
        Assert.NotEqual(subscription.Id, open.Id);
    }

    [Fact]
    public async Task AnEarlierGenerationGetsItsShapes()
    {
        await using var stripe = await StripeSandbox.Start();
        await stripe.Control("/stripe/webhooks", new { api_version = "2024-06-20" });
        var subscription = await stripe.Subscribe(await stripe.Subscriber(), await stripe.Price(2000));
        var told = JsonNode.Parse((await stripe.Webhooks.Wait("customer.subscription.created")).Body)!;
        var inside = told["data"]!["object"]!;
        Assert.Equal("2024-06-20", (string?)told["api_version"]);
        Assert.Equal(subscription.Period(), ((long)inside["current_period_start"]!, (long)inside["current_period_end"]!));
        Assert.Null(inside["items"]!["data"]![0]!["current_period_end"]);
        var invoice = JsonNode.Parse((await stripe.Webhooks.Wait("invoice.paid")).Body)!["data"]!["object"]!;
        Assert.Equal(subscription.Id, (string?)invoice["subscription"]);
        Assert.StartsWith("pi_", (string?)invoice["payment_intent"], StringComparison.Ordinal);
        Assert.True((bool)invoice["paid"]!);
        Assert.Null(invoice["parent"]);
        Assert.Equal(2000, (long)invoice["lines"]!["data"]![0]!["price"]!["unit_amount"]!);
        Assert.False((bool)invoice["lines"]!["data"]![0]!["proration"]!);
        var intent = JsonNode.Parse((await stripe.Webhooks.Wait("payment_intent.succeeded")).Body)!["data"]!["object"]!;
        Assert.Equal(subscription.Text("latest_invoice"), (string?)intent["invoice"]);
        // What the API answers stays as its caller's version has it.
        Assert.Null((await stripe.Subscription(subscription.Id))["current_period_end"]);
    }

    [Fact]
    public async Task AnInvoiceIsMadeByHand()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Subscriber();
        await stripe.Post("/v1/invoiceitems", ("customer", customer), ("amount", 2500), ("currency", "usd"), ("description", "Set-up"));
        var draft = await stripe.Post("/v1/invoices", ("customer", customer), ("pending_invoice_items_behavior", "include"), ("metadata[order]", "5"));
        Assert.Equal(("draft", 2500L, 0L), (draft.Text("status"), draft.Number("amount_due"), draft.Number("amount_paid")));
        await stripe.Post("/v1/invoiceitems", ("customer", customer), ("amount", -500), ("currency", "usd"), ("invoice", draft.Id));
        Assert.Equal(2000, (await stripe.Get($"/v1/invoices/{draft.Id}")).Number("total"));
        var open = await stripe.Post($"/v1/invoices/{draft.Id}/finalize");
        Assert.Equal("open", open.Text("status"));
        Assert.Matches("^[0-9A-F]{8}-0001$", open.Text("number"));
        using var page = await stripe.Http.GetAsync(open.Text("hosted_invoice_url"));
        Assert.Contains("Set-up", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.StartsWith("%PDF-1.4", await stripe.Http.GetStringAsync(open.Text("invoice_pdf")), StringComparison.Ordinal);
        var paid = await stripe.Post($"/v1/invoices/{draft.Id}/pay");
        Assert.Equal(("paid", 2000L, 0L), (paid.Text("status"), paid.Number("amount_paid"), paid.Number("amount_remaining")));
        Assert.Equal("Invoice is already paid", (string?)(await stripe.Post($"/v1/invoices/{draft.Id}/pay")).Error["message"]);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post($"/v1/invoices/{draft.Id}/void")).Status);

        var other = await stripe.Post("/v1/invoices", ("customer", customer));
        Assert.Equal("paid", (await stripe.Post($"/v1/invoices/{other.Id}/pay")).Text("status"));
    }

    [Fact]
    public async Task AVoidedInvoiceCannotBePaid()
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(card: null), await stripe.Price(2000), ("payment_behavior", "default_incomplete"));
        var invoice = subscription.Text("latest_invoice");
        var unpaid = await stripe.Post($"/v1/invoices/{invoice}/pay");
        Assert.Equal((400, "resource_missing"), ((int)unpaid.Status, (string)unpaid.Error["code"]!));
        Assert.Equal("void", (await stripe.Post($"/v1/invoices/{invoice}/void")).Text("status"));
        Assert.Equal("incomplete_expired", (await stripe.Subscription(subscription.Id)).Text("status"));
        Assert.Equal(HttpStatusCode.Conflict, (await stripe.TryControl($"/stripe/invoices/{invoice}/pay", new { card = "pm_card_visa" })).Status);
        Assert.Equal("canceled", (string?)(await stripe.Get("/v1/payment_intents")).Data[0]["status"]);
    }

    [Fact]
    public async Task ACheckoutSellsASubscription()
    {
        await using var stripe = await StripeSandbox.Start();
        var price = await stripe.Price(2000);
        var session = await stripe.Post("/v1/checkout/sessions", ("mode", "subscription"), ("line_items[0][price]", price), ("line_items[0][quantity]", 2),
            ("success_url", "https://shop.example/"), ("subscription_data[metadata][account_id]", "4"));
        Assert.Equal(4000, session.Number("amount_total"));
        var declined = await stripe.Control($"/stripe/checkout/{session.Id}", new { card = "4000000000000341" });
        Assert.Equal("card_declined", (string?)declined["error"]!["code"]);
        Assert.Empty((await stripe.Get("/v1/subscriptions?status=all")).Data);
        var paid = await stripe.Control($"/stripe/checkout/{session.Id}", new { email = "new@example.com" });
        Assert.Equal("paid", (string?)paid["payment_status"]);
        var subscription = await stripe.Subscription((string)paid["subscription"]!);
        Assert.Equal(("active", 2L, "4"), (subscription.Text("status"), subscription.Number("items", "data", "0", "quantity"), subscription.Text("metadata", "account_id")));
        Assert.Equal("new@example.com", (await stripe.Get($"/v1/customers/{subscription.Text("customer")}")).Text("email"));
        var told = (await stripe.Told()).Select(one => one.Type).ToList();
        Assert.True(told.IndexOf("customer.subscription.created") < told.IndexOf("checkout.session.completed"));
        Assert.True(told.IndexOf("invoice.paid") < told.IndexOf("checkout.session.completed"));
        stripe.Advance(32 * Day);
        Assert.Equal(4000, (long)(await stripe.Invoices(subscription.Id))[1]["amount_paid"]!);
    }

    [Fact]
    public async Task ADisputingCardDisputesASubscriptionsPaymentToo()
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber("pm_card_createDispute"), await stripe.Price(2000));
        Assert.Equal("active", subscription.Text("status"));
        Assert.Single(await stripe.Told("charge.dispute.created"));
    }

    [Fact]
    public async Task UsageCountsUntilTheInvoiceIsFinal()
    {
        await using var stripe = await StripeSandbox.Start();
        var meter = await stripe.Post("/v1/billing/meters", ("display_name", "Minutes"), ("event_name", "minutes"), ("default_aggregation[formula]", "sum"),
            ("customer_mapping[event_payload_key]", "stripe_customer_id"), ("customer_mapping[type]", "by_id"), ("value_settings[event_payload_key]", "value"));
        var price = await stripe.Post("/v1/prices", ("currency", "usd"), ("unit_amount_decimal", "0.5"), ("recurring[interval]", "month"), ("recurring[usage_type]", "metered"),
            ("recurring[meter]", meter.Id), ("product_data[name]", "Minutes"));
        Assert.Equal(("0.5", null), (price.Text("unit_amount_decimal"), price["unit_amount"]));
        var customer = await stripe.Subscriber();
        var subscription = await stripe.Subscribe(customer, price.Id, ("items[1][price]", await stripe.Price(1000)));
        var end = subscription.Period().End;
        await Use(100, stripe.Now());
        stripe.AdvanceTo(end + 600);
        await Use(101, end - 1);
        await Use(7, end);
        stripe.AdvanceTo(end + 2 * Hour);
        var renewal = (await stripe.Invoices(subscription.Id))[1];
        Assert.Equal([101L, 1000L], renewal["lines"]!["data"]!.AsArray().Select(line => (long)line!["amount"]!));
        await Use(50, end - 1);
        stripe.AdvanceTo(end + 33 * Day);
        Assert.Equal([4L, 1000L], (await stripe.Invoices(subscription.Id))[2]["lines"]!["data"]!.AsArray().Select(line => (long)line!["amount"]!));

        async Task Use(long value, long at) => Assert.Equal(HttpStatusCode.OK, (await stripe.Post("/v1/billing/meter_events", ("event_name", "minutes"),
            ("payload[stripe_customer_id]", customer), ("payload[value]", value), ("timestamp", at))).Status);
    }

    [Fact]
    public async Task ATrialCanEndNow()
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(), await stripe.Price(2000), ("trial_period_days", 30));
        stripe.Advance(2 * Day);
        var ended = await stripe.Post($"/v1/subscriptions/{subscription.Id}", ("trial_end", "now"));
        Assert.Equal("active", ended.Text("status"));
        Assert.Equal(Utc(ended.Number("billing_cycle_anchor")).AddMonths(1), Utc(ended.Period().End));
        Assert.Equal(2000, (await stripe.Get($"/v1/invoices/{ended.Text("latest_invoice")}")).Number("amount_paid"));
        stripe.Advance(29 * Day);
        Assert.Equal(2, (await stripe.Invoices(subscription.Id)).Count);
    }

    [Fact]
    public async Task MomentsMayBeNamed()
    {
        await using var stripe = await StripeSandbox.Start();
        var (customer, price) = (await stripe.Subscriber(), await stripe.Price(3000));
        var now = stripe.Now();
        var trial = await stripe.Subscribe(customer, price, ("trial_end", now + 5 * Day));
        Assert.Equal(now + 5 * Day, trial.Number("billing_cycle_anchor"));
        var longer = await stripe.Post($"/v1/subscriptions/{trial.Id}", ("trial_end", now + 9 * Day));
        Assert.Equal((now + 9 * Day, now + 9 * Day), (longer.Period().End, longer.Number("billing_cycle_anchor")));
        var ending = await stripe.Post($"/v1/subscriptions/{trial.Id}", ("cancel_at", now + 20 * Day));
        Assert.Equal((now + 20 * Day, false), (ending.Number("cancel_at"), (bool)ending["cancel_at_period_end"]!));
        Assert.Equal(400, (int)(await stripe.Post($"/v1/subscriptions/{trial.Id}", ("cancel_at", now - 5))).Status);

        var anchored = await stripe.Subscribe(customer, price, ("billing_cycle_anchor", now + 10 * Day));
        var first = (await stripe.Invoices(anchored.Id))[0];
        var begun = anchored.Number("created");
        var whole = now + 10 * Day - new DateTimeOffset(Utc(now + 10 * Day).AddMonths(-1)).ToUnixTimeSeconds();
        Assert.Equal((long)Math.Round(3000m * (now + 10 * Day - begun) / whole, MidpointRounding.AwayFromZero), (long)first["total"]!);
        var free = await stripe.Subscribe(customer, await stripe.Price(4000), ("billing_cycle_anchor", now + 10 * Day), ("proration_behavior", "none"));
        Assert.Equal(0, (long)(await stripe.Invoices(free.Id))[0]["total"]!);

        stripe.AdvanceTo(now + 21 * Day);
        Assert.Equal(now + 20 * Day, (await stripe.Subscription(trial.Id)).Number("ended_at"));
        Assert.Equal(3000, (long)(await stripe.Invoices(anchored.Id))[1]["total"]!);
        Assert.Equal(Utc(now + 10 * Day).AddMonths(1), Utc((await stripe.Subscription(anchored.Id)).Period().End));
        var reset = await stripe.Post($"/v1/subscriptions/{anchored.Id}", ("billing_cycle_anchor", "now"), ("proration_behavior", "none"));
        Assert.Equal(reset.Number("billing_cycle_anchor"), reset.Period().Start);
        Assert.Equal(3, (await stripe.Invoices(anchored.Id)).Count);
    }

    [Fact]
    public async Task AnEndHasNoInvoiceToPreview()
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(), await stripe.Price(2000));
        Assert.Equal(2000, (await stripe.Post("/v1/invoices/create_preview", ("subscription", subscription.Id))).Number("total"));
        var ending = await stripe.Post("/v1/invoices/create_preview", ("subscription", subscription.Id), ("subscription_details[cancel_at_period_end]", true));
        Assert.Equal((404, "invoice_upcoming_none"), ((int)ending.Status, (string)ending.Error["code"]!));
        await stripe.Post($"/v1/subscriptions/{subscription.Id}", ("cancel_at_period_end", true));
        Assert.Equal(HttpStatusCode.NotFound, (await stripe.Post("/v1/invoices/create_preview", ("subscription", subscription.Id))).Status);
        var kept = await stripe.Post("/v1/invoices/create_preview", ("subscription", subscription.Id), ("subscription_details[cancel_at_period_end]", false));
        Assert.Equal(2000, kept.Number("total"));
    }

    [Fact]
    public async Task WithoutACardNothingIsCharged()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Subscriber(card: null);
        var refused = await stripe.Post("/v1/subscriptions", ("customer", customer), ("items[0][price]", await stripe.Price(2000)));
        Assert.Equal((400, "resource_missing"), ((int)refused.Status, (string)refused.Error["code"]!));
        Assert.Empty((await stripe.Get("/v1/subscriptions?status=all")).Data);
    }

    [Fact]
    public async Task ACardIsAskedForWhenATrialBegins()
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(card: null), await stripe.Price(2000), ("trial_period_days", 7), ("payment_behavior", "default_incomplete"),
            ("payment_settings[save_default_payment_method]", "on_subscription"), ("expand[]", "pending_setup_intent"));
        var setup = subscription.Text("pending_setup_intent", "id");
        await stripe.Control($"/stripe/setup_intents/{setup}", new { card = "4000002500003155" });
        await stripe.Control($"/stripe/setup_intents/{setup}/authenticate", new { outcome = "succeeded" });
        var now = await stripe.Subscription(subscription.Id);
        Assert.Null(now["pending_setup_intent"]);
        Assert.Equal("3155", (await stripe.Get($"/v1/payment_methods/{now.Text("default_payment_method")}")).Text("card", "last4"));
        stripe.Advance(8 * Day);
        Assert.Equal("paid", (string?)(await stripe.Invoices(subscription.Id))[1]["status"]);
    }

    [Fact]
    public async Task ANameOfAPriceMovesAndItsSubscriptionsShowIt()
    {
        await using var stripe = await StripeSandbox.Start();
        var price = await stripe.Price(2000, more: [("lookup_key", "pro")]);
        var subscription = await stripe.Subscribe(await stripe.Subscriber(), price);
        Assert.Equal("pro", subscription.Text("items", "data", "0", "price", "lookup_key"));
        var next = await stripe.Price(2500, more: [("lookup_key", "pro"), ("transfer_lookup_key", true)]);
        Assert.Equal(next, (string?)(await stripe.Get("/v1/prices?lookup_keys[]=pro")).Data.Single()["id"]);
        Assert.Null((await stripe.Subscription(subscription.Id)).At("items", "data", "0", "price", "lookup_key"));
        Assert.Single((await stripe.Get($"/v1/subscriptions?price={price}")).Data);
        await stripe.Post($"/v1/prices/{price}", ("active", false));
        Assert.Equal(400, (int)(await stripe.Post("/v1/subscriptions", ("customer", subscription.Text("customer")), ("items[0][price]", price))).Status);
        stripe.Advance(32 * Day);
        Assert.Equal(2000, (long)(await stripe.Invoices(subscription.Id))[1]["amount_paid"]!);
    }

    [Theory]
    [InlineData("/v1/subscriptions", "customer={customer}", 400, "parameter_missing", "items")]
    [InlineData("/v1/subscriptions", "customer=cus_none&items[0][price]={price}", 400, "resource_missing", "customer")]
    [InlineData("/v1/subscriptions", "customer={customer}&items[0][price]=price_none", 400, "resource_missing", "items[0][price]")]
    [InlineData("/v1/subscriptions", "customer={customer}&items[0][price]={price}&trial_period_days=0", 400, "parameter_invalid_integer", "trial_period_days")]
    [InlineData("/v1/subscriptions", "customer={customer}&items[0][price]={price}&items[1][price]={year}", 400, null, "items")]
    [InlineData("/v1/subscriptions", "customer={customer}&items[0][price]={price}&items[1][price]={price}", 400, null, "items")]
    [InlineData("/v1/subscriptions", "customer={customer}&items[0][price]={price}&default_payment_method=pm_none", 400, "resource_missing", "default_payment_method")]
    [InlineData("/v1/subscriptions", "customer={customer}&items[0][price]={price}&coupon=x", 400, "parameter_unknown", "coupon")]
    [InlineData("/v1/subscriptions", "customer={customer}&items[0][price]={price}&collection_method=send_invoice", 400, "sandbox_not_played", "collection_method=send_invoice")]
    [InlineData("/v1/subscriptions", "customer={customer}&items[0][price]={price}&discounts[0][coupon]=none", 400, "resource_missing", "discounts[0][coupon]")]
    [InlineData("/v1/invoices/create_preview", "customer={customer}", 400, "parameter_missing", "subscription_details[items]")]
    [InlineData("/v1/coupons", "percent_off=120", 400, null, "percent_off")]
    [InlineData("/v1/coupons", "percent_off=10&duration=repeating", 400, null, "duration_in_months")]
    [InlineData("/v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=none", 400, "resource_missing", "promotion[coupon]")]
    [InlineData("/v1/billing/meter_events", "event_name=none&payload[value]=1", 400, "resource_missing", "event_name")]
    [InlineData("/v1/billing_portal/sessions", "customer=cus_none", 400, "resource_missing", "customer")]
    [InlineData("/v1/billing_portal/sessions", "customer={customer}&flow_data[type]=subscription_cancel", 400, "parameter_missing", "flow_data[subscription_cancel][subscription]")]
    [InlineData("/v1/prices", "currency=usd&product_data[name]=x&unit_amount=5&recurring[interval]=month&recurring[usage_type]=metered", 400, "parameter_missing", "recurring[meter]")]
    [InlineData("/v1/checkout/sessions", "mode=subscription&success_url=https://a.example&line_items[0][quantity]=1&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=900&line_items[0][price_data][product_data][name]=x", 400, null, "line_items")]
    [InlineData("/v1/checkout/sessions", "mode=subscription&success_url=https://a.example&line_items[0][quantity]=1&line_items[0][price]={price}&payment_intent_data[description]=x", 400, null, "payment_intent_data")]
    public async Task WhatIsWrongIsRefusedInStripesWords(string path, string form, int status, string? code, string param)
    {
        await using var stripe = await StripeSandbox.Start();
        var (customer, price, year) = (await stripe.Subscriber(), await stripe.Price(2000), await stripe.Price(9000, "year"));
        var fields = form.Replace("{customer}", customer, StringComparison.Ordinal).Replace("{price}", price, StringComparison.Ordinal).Replace("{year}", year, StringComparison.Ordinal)
            .Split('&').Select(field => field.Split('=', 2)).Select(pair => (pair[0], (object)pair[1])).ToArray();
        var refused = await stripe.Post(path, fields);
        Assert.Equal((status, "invalid_request_error", code, param), ((int)refused.Status, (string)refused.Error["type"]!, (string?)refused.Error["code"], (string?)refused.Error["param"]));
        Assert.Empty((await stripe.Get("/v1/subscriptions?status=all")).Data);
    }
}
