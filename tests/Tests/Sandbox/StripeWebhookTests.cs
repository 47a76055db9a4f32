using System.Net;
using System.Text;
using Newtonsoft.Json.Linq;
using Sandbox.Stripe;
using Tests.Specs;
using Xunit;

namespace Tests.Sandbox;

/// <summary>Events on their way to the server: signed, repeated, and as crooked as they are asked to be.</summary>
public sealed class StripeWebhookTests
{
    private const string Secret = "whsec_sandbox";

    // The body of the signature test that Stripe's own .NET library carries, byte for byte.
    private const string VectorBody = """
        {
          "id": "evt_123",
          "object": "event",
          "account": "acct_123",
          "api_version": "2017-05-25",
          "created": 1533204620,
          "data": {
            "object": {
              "id": "cus_123",
              "object": "customer",
              "created": 123456789,
              "email": "test@stripe.com",
              "livemode": false,
              "metadata": {}
            }
          },
          "livemode": false,
          "pending_webhooks": 1,
          "request": {
            "id": "req_123",
            "idempotency_key": "idempotency-key-123"
          },
          "type": "customer.created"
        }

        """;

    [Fact]
    public async Task APaidCheckoutIsToldAndSigned()
    {
        await using var stripe = await StripeSandbox.Start();
        await stripe.Paid();
        var told = await stripe.Webhooks.Wait("checkout.session.completed");

        Assert.Equal("/api/billing/webhook", told.Path);
        Assert.True(Verifies(told, Secret));
        Assert.InRange(stripe.Clock.GetUtcNow().ToUnixTimeSeconds() - Time(told), 0, 60);
        var session = told.Event["data"]!["object"]!;
        Assert.Equal(("checkout.session", "paid", "order-1", false), ((string)session["object"]!, (string)session["payment_status"]!, (string)session["metadata"]!["order_id"]!, (bool)told.Event["livemode"]!));
        Assert.Equal(("2026-08-26.dahlia", 1), ((string)told.Event["api_version"]!, (int)told.Event["pending_webhooks"]!));
        Assert.Null(told.Event["request"]!["id"]);
        Assert.Contains("\n  \"id\"", Encoding.UTF8.GetString(told.Body), StringComparison.Ordinal);
        await stripe.Webhooks.Wait(_ => true, 5);
        Assert.Equal((await stripe.EventTypes()).Order(), stripe.Webhooks.Received.Select(one => one.Type).Order());
    }

    [Fact]
    public async Task AnEventNamesTheRequestThatCausedIt()
    {
        await using var stripe = await StripeSandbox.Start();
        var made = await stripe.Send(HttpMethod.Post, "/v1/customers", [], "key-1");
        var told = await stripe.Webhooks.Wait("customer.created");
        Assert.Equal((made.Headers.GetValues("Request-Id").Single(), "key-1"), ((string)told.Event["request"]!["id"]!, (string)told.Event["request"]!["idempotency_key"]!));
    }

    [Fact]
    public async Task SeveralSecretsMakeSeveralSignatures()
    {
        await using var stripe = await StripeSandbox.Start(options => options.StripeWebhookSecret = "whsec_new, whsec_old,");
        await stripe.Post("/v1/customers");
        var told = await stripe.Webhooks.Wait("customer.created");
        Assert.Equal(2, told.Signature.Split(",v1=").Length - 1);
        Assert.True(Verifies(told, "whsec_new"));
        Assert.True(Verifies(told, "whsec_old"));
        Assert.False(Verifies(told, "whsec_new, whsec_old,"));
    }

    [Fact]
    public void TheSignerAgreesWithStripesOwnVector()
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(1533204620);
        Assert.Equal("t=1533204620,v1=2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7", StripeSignature.Header("webhook_secret", at, VectorBody));
        Assert.NotEqual(StripeSignature.Header("webhook_secret", at, VectorBody), StripeSignature.Header("webhook_secret", at, VectorBody + "this_changes_the_json"));
    }

    [Fact]
    public async Task WhatIsNotTakenIsSentAgainOnTheClock()
    {
        await using var stripe = await StripeSandbox.Start();
        stripe.Webhooks.Status = 500;
        await stripe.Post("/v1/customers");
        await stripe.Webhooks.Wait("customer.created");
        await World.TestWorld.Until(async () => (await stripe.Get("/v1/events?delivery_success=false")).Data.Count == 1, "the event is listed as not delivered");
        Assert.Empty((await stripe.Get("/v1/events?delivery_success=true")).Data);

        stripe.Webhooks.Status = 200;
        stripe.Clock.Advance(TimeSpan.FromHours(1));
        var both = await stripe.Webhooks.Wait(one => one.Type == "customer.created", 2);
        Assert.Equal(both[0].Body, both[1].Body);
        Assert.True(Time(both[1]) - Time(both[0]) >= 3600);
        Assert.True(Verifies(both[1], Secret));
        await World.TestWorld.Until(async () => (await stripe.Get("/v1/events?delivery_success=true")).Data.Count == 1, "the event is listed as delivered");
        Assert.Equal(0, (await stripe.Get($"/v1/events/{both[0].Id}")).Number("pending_webhooks"));
    }

    [Fact]
    public async Task AnEventIsSentOnceMore()
    {
        await using var stripe = await StripeSandbox.Start();
        await stripe.Post("/v1/customers");
        var first = await stripe.Webhooks.Wait("customer.created");
        await stripe.Control($"/stripe/events/{first.Id}/resend");
        var both = await stripe.Webhooks.Wait(one => one.Id == first.Id, 2);
        Assert.Equal(both[0].Body, both[1].Body);
        Assert.Equal(HttpStatusCode.NotFound, (await stripe.TryControl("/stripe/events/evt_none/resend")).Status);
        using var seen = await stripe.Http.GetAsync("/_sandbox/stripe/events");
        await World.TestWorld.Until(async () => JArray.Parse(await stripe.Http.GetStringAsync("/_sandbox/stripe/events"))[0]["deliveries"]![0]!["attempts"]!.Count() == 2, "two attempts");
    }

    [Fact]
    public async Task WebhooksAreDoubledReversedAndHeldBack()
    {
        await using var stripe = await StripeSandbox.Start();
        await stripe.Control("/stripe/webhooks", new { duplicate = true });
        await stripe.Post("/v1/customers");
        var copies = await stripe.Webhooks.Wait(one => one.Type == "customer.created", 2);
        Assert.Equal(copies[0].Id, copies[1].Id);

        await stripe.Control("/stripe/webhooks", new { hold = true });
        await stripe.Post("/v1/products", ("name", "held"));
        await stripe.Get("/v1/products");
        Assert.DoesNotContain(stripe.Webhooks.Received, one => one.Type == "product.created");
        await stripe.Control("/stripe/webhooks", new { reorder = true });
        await stripe.Webhooks.Wait("product.created");
        var session = await stripe.CheckoutSession();
        await stripe.Webhooks.Wait(one => one.Type == "product.created", 2);
        await stripe.Control($"/stripe/checkout/{session.Id}");
        var paid = await stripe.Webhooks.Wait(one => one.Type is "payment_intent.created" or "charge.succeeded" or "payment_intent.succeeded" or "checkout.session.completed", 4);
        Assert.Equal(["checkout.session.completed", "payment_intent.succeeded", "charge.succeeded", "payment_intent.created"], paid.Select(one => one.Type));
    }

    [Fact]
    public async Task ADelayIsWaitedForOnTheClock()
    {
        await using var stripe = await StripeSandbox.Start();
        await stripe.Control("/stripe/webhooks", new { delay_ms = 3_600_000 });
        await stripe.Post("/v1/customers");
        var made = stripe.Clock.GetUtcNow().ToUnixTimeSeconds();
        stripe.Clock.Advance(TimeSpan.FromHours(2));
        var told = await stripe.Webhooks.Wait("customer.created");
        Assert.True(Time(told) - made >= 3600);
    }

    [Fact]
    public async Task AnEventCanBeWronglySignedOldOrOfAnotherVersion()
    {
        await using var stripe = await StripeSandbox.Start();
        await stripe.Control("/stripe/webhooks", new { wrong_signature = true });
        await stripe.Post("/v1/customers");
        Assert.False(Verifies(await stripe.Webhooks.Wait("customer.created"), Secret));

        await stripe.Control("/stripe/webhooks", new { old_timestamp = true });
        await stripe.Post("/v1/products", ("name", "x"));
        var old = await stripe.Webhooks.Wait("product.created");
        Assert.True(Verifies(old, Secret));
        Assert.InRange(stripe.Clock.GetUtcNow().ToUnixTimeSeconds() - Time(old), 590, 700);

        await stripe.Control("/stripe/webhooks", new { api_version = "2020-08-27" });
        await stripe.Post("/v1/prices", ("currency", "usd"), ("unit_amount", 1), ("product_data[name]", "y"));
        Assert.Equal("2020-08-27", (string)(await stripe.Webhooks.Wait("price.created")).Event["api_version"]!);

        await stripe.Control("/stripe/webhooks");
        await stripe.Post("/v1/setup_intents");
        var normal = await stripe.Webhooks.Wait("setup_intent.created");
        Assert.True(Verifies(normal, Secret));
        Assert.Equal("2026-08-26.dahlia", (string)normal.Event["api_version"]!);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.TryControl("/stripe/webhooks", new { duplicate = "often" })).Status);
    }

    [Fact]
    public async Task AnEndpointGetsWhatItAskedForWithItsOwnSecret()
    {
        await using var stripe = await StripeSandbox.Start();
        var url = stripe.Webhooks.Address + "/second";
        var made = await stripe.Post("/v1/webhook_endpoints", ("url", url), ("enabled_events[]", "customer.created"), ("api_version", "2026-08-26.dahlia"), ("description", "second"));
        var secret = made.Text("secret");
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        Assert.Null((await stripe.Get($"/v1/webhook_endpoints/{made.Id}"))["secret"]);
        Assert.Null((await stripe.Get("/v1/webhook_endpoints")).Data.Single()["secret"]);

        await stripe.Post("/v1/products", ("name", "x"));
        await stripe.Post("/v1/customers");
        var both = await stripe.Webhooks.Wait(one => one.Type == "customer.created", 2);
        Assert.Equal(both[0].Id, both[1].Id);
        var own = both.Single(one => one.Path == "/second");
        Assert.True(Verifies(own, secret));
        Assert.False(Verifies(own, Secret));
        Assert.Equal(2, (int)own.Event["pending_webhooks"]!);
        Assert.Single(stripe.Webhooks.Received, one => one.Type == "product.created");
        await stripe.Control($"/stripe/events/{own.Id}/resend");
        await stripe.Webhooks.Wait(one => one.Id == own.Id && one.Path == "/second", 2);

        await stripe.Post($"/v1/webhook_endpoints/{made.Id}", ("disabled", true));
        await stripe.Post($"/v1/webhook_endpoints/{made.Id}", ("disabled", false), ("enabled_events[]", "*"));
        await stripe.Post("/v1/setup_intents");
        await stripe.Webhooks.Wait(one => one.Type == "setup_intent.created" && one.Path == "/second");
        Assert.True((bool)(await stripe.Delete($"/v1/webhook_endpoints/{made.Id}"))["deleted"]!);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post("/v1/webhook_endpoints", ("url", "nowhere"), ("enabled_events[]", "*"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.Post("/v1/webhook_endpoints", ("url", url), ("enabled_events[]", "customer.born"))).Status);
    }

    [Fact]
    public async Task EventsAreListedByTypeForThirtyDays()
    {
        await using var stripe = await StripeSandbox.Start();
        await stripe.Paid();
        var some = await stripe.Get("/v1/events?types[]=charge.succeeded&types[]=checkout.session.completed");
        Assert.Equal(["checkout.session.completed", "charge.succeeded"], some.Data.Select(one => (string)one["type"]!));
        Assert.Equal(2, (await stripe.Get("/v1/events?type=payment_intent.*")).Data.Count);
        var one = await stripe.Get($"/v1/events/{(string)some.Data[0]["id"]!}");
        Assert.Null(await StripeEvents.Check(Encoding.UTF8.GetBytes(one.Body.ToJsonString())));
        stripe.Clock.Advance(TimeSpan.FromDays(31));
        Assert.Empty((await stripe.Get("/v1/events")).Data);
    }

    [Fact]
    public async Task FaultsMeetStripeToo()
    {
        await using var stripe = await StripeSandbox.Start();
        await stripe.Control("/faults", new { provider = "stripe", path = "/v1/customers", times = 1, status = 500, when = "after" });
        var lost = await stripe.Send(HttpMethod.Post, "/v1/customers", [], "key-1");
        Assert.Equal((HttpStatusCode.InternalServerError, "api_error"), (lost.Status, (string)lost.Error["type"]!));
        var found = await stripe.Send(HttpMethod.Post, "/v1/customers", [], "key-1");
        Assert.Equal("true", found.Headers.GetValues("Idempotent-Replayed").Single());
        await stripe.Control("/faults", new { provider = "stripe", times = 1, status = 429 });
        var busy = await stripe.Post("/v1/customers");
        Assert.Equal(((HttpStatusCode)429, "rate_limit"), (busy.Status, (string)busy.Error["code"]!));
        Assert.Single((await stripe.Get("/v1/customers")).Data);
    }

    private static long Time(ReceivedWebhook told) => long.Parse(told.Signature.Split(',')[0]["t=".Length..]);

    private static bool Verifies(ReceivedWebhook told, string secret)
    {
        var parts = told.Signature.Split(',');
        var expected = StripeSignature.Sign(secret, parts[0]["t=".Length..], Encoding.UTF8.GetString(told.Body));
        return parts.Skip(1).Contains("v1=" + expected);
    }
}
