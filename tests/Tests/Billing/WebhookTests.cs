using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tests.House;
using Tests.Persistence;
using Xunit;

namespace Tests.Billing;

/// <summary>Who is believed at the webhook addresses, and what happens to everything that arrives there.</summary>
public sealed class WebhookTests
{
    private const string BadSignature = """{"detail":"Invalid signature"}""";
    private const string BadPayload = """{"detail":"Invalid payload"}""";

    public static TheoryData<string> Vectors => [.. Cases().Select(one => one.GetProperty("name").GetString()!)];

    [Theory, MemberData(nameof(Vectors))]
    public async Task The_published_vectors_pass_and_fail_through_the_real_route(string name)
    {
        var vector = Cases().Single(one => one.GetProperty("name").GetString() == name);
        var now = DateTimeOffset.FromUnixTimeSeconds(vector.GetProperty("now").GetInt64());
        await using var shop = await Shop.Open(
            settings: new() { ["STRIPE_WEBHOOK_SECRET"] = vector.GetProperty("secret").GetString() },
            adjust: builder => builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(new StoppedClock(now))));

        var body = vector.GetProperty("body").GetString()!;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/billing/webhook") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Stripe-Signature", vector.GetProperty("header").GetString());
        using var answer = await shop.World.Client.SendAsync(request);

        var expected = vector.GetProperty("ok").GetBoolean() ? (HttpStatusCode.OK, """{"status":"ok"}""") : (HttpStatusCode.BadRequest, BadSignature);
        Assert.Equal(expected, (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        Assert.Equal(vector.GetProperty("ok").GetBoolean() ? 1 : 0, await shop.Row<long>("SELECT COUNT(*) FROM provider_events"));
    }

    [Fact]
    public async Task Forged_stale_and_empty_secret_signatures_are_refused_and_change_nothing()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        await shop.HoldWebhooks();
        var session = await customer.Checkout();
        await shop.Pay(session);
        var body = await shop.EventBody("checkout.session.completed");
        var now = shop.World.Clock.GetUtcNow();

        foreach (var path in Shop.WebhookPaths)
        {
            var refusal = path == "/webhook/stripe" ? """{"error":"Invalid signature"}""" : BadSignature;
            (HttpStatusCode, string)[] answers =
            [
                await shop.Deliver(body, path, secret: ""),
                await shop.Deliver(body, path, secret: "whsec_other"),
                await shop.Deliver(body, path, secret: null),
                await shop.Deliver(body, path, at: now.AddSeconds(-302)),
                await shop.Deliver(body, path, at: now.AddSeconds(302)),
            ];
            Assert.All(answers, answer => Assert.Equal((HttpStatusCode.BadRequest, refusal), answer));
        }

        Assert.Equal(0, await shop.Row<long>("SELECT COUNT(*) FROM provider_events"));
        Assert.Equal(0, await customer.Credits());
    }

    [Fact]
    public async Task Each_address_has_its_own_secrets_and_during_a_rotation_two()
    {
        await using var shop = await Shop.Open(settings: new()
        {
            ["STRIPE_WEBHOOK_SECRET"] = "whsec_shared",
            ["STRIPE_WEBHOOK_SECRET_CREDITS"] = " whsec_old, ,whsec_new,",
            ["STRIPE_WEBHOOK_SECRET_CHAT"] = ",",
        });
        (string Path, string Secret, bool Believed)[] cases =
        [
            ("/api/billing/webhook", "whsec_old", true), ("/api/billing/webhook", "whsec_new", true), ("/api/billing/webhook", "whsec_shared", false),
            ("/api/billing/webhook", "", false), ("/payments/stripe-webhook", "whsec_shared", true), ("/payments/stripe-webhook", "whsec_old", false),
            ("/webhook/stripe", "whsec_shared", true), ("/webhook/stripe", "", false), ("/webhook/stripe", Shop.Secret, false),
        ];
        foreach (var (path, secret, believed) in cases)
        {
            var (status, _) = await shop.Deliver(shop.Event("product.created", "{}"), path, secret: secret);
            Assert.Equal(believed ? HttpStatusCode.OK : HttpStatusCode.BadRequest, status);
        }
    }

    [Fact]
    public async Task Without_a_secret_the_address_is_off_but_takes_the_documented_test_command_in_Development()
    {
        // A real key in Development: the sandbox's secret is not believed.
        await using var shop = await Shop.Open(settings: new() { ["STRIPE_SECRET_KEY"] = "sk_test_own", ["STRIPE_BASE_URL"] = "http://127.0.0.1:9" });
        var body = shop.Event("checkout.session.completed", """{"id":"cs_test_1"}""");
        foreach (var secret in new[] { "", Shop.Secret })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await shop.Deliver(body, secret: secret)).Status);
        }

        const string documented = """{"id":"evt_test_123","type":"test.event","data":{"object":"test"}}""";
        Assert.Equal((HttpStatusCode.OK, """{"success":true,"processed":true}"""), await shop.Deliver(documented, "/payments/stripe-webhook", secret: null));
        Assert.Equal((HttpStatusCode.OK, """{"success":true,"processed":true}"""), await shop.Deliver(documented, "/payments/stripe-webhook", secret: null));
        Assert.Equal((HttpStatusCode.OK, """{"status":"success"}"""), await shop.Deliver("", "/webhook/stripe", secret: null));
        Assert.Equal((HttpStatusCode.BadRequest, BadSignature), await shop.Deliver(body, secret: null));
        Assert.Equal((HttpStatusCode.BadRequest, BadSignature), await shop.Deliver("{", secret: null));
        Assert.Equal(["evt_test_123", "evt_test_empty"], await shop.Rows<string>("SELECT event_id FROM provider_events WHERE status = 'kept' ORDER BY event_id"));
    }

    [Fact]
    public async Task With_a_secret_the_test_command_needs_a_signature_too()
    {
        await using var shop = await Shop.Open(settings: new() { ["STRIPE_WEBHOOK_SECRET"] = "whsec_own" });
        const string documented = """{"id":"evt_test_123","type":"test.event","data":{"object":"test"}}""";
        Assert.Equal(HttpStatusCode.BadRequest, (await shop.Deliver(documented, secret: null)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await shop.Deliver("", secret: null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(documented, secret: "whsec_own")).Status);
    }

    [Fact]
    public async Task Outside_Development_an_address_without_a_secret_is_not_there()
    {
        await using var shop = await Shop.Open(adjust: builder => builder.Environment.EnvironmentName = "Production", settings: new()
        {
            ["BIND"] = "127.0.0.1",
            ["SECRET_KEY"] = "a secret of at least thirty-two characters, for this test only",
        });
        foreach (var path in Shop.WebhookPaths)
        {
            foreach (var secret in new[] { null, "", Shop.Secret })
            {
                Assert.Equal((HttpStatusCode.NotFound, """{"detail":"Not Found"}"""), await shop.Deliver("{}", path, secret: secret));
            }

            Assert.Contains(shop.World.Logs.All, line => line.Contains($"{path} is off", StringComparison.Ordinal));
        }

        var (status, body) = await (await shop.NewCustomer()).Send(HttpMethod.Post, "/api/billing/checkout/pro");
        Assert.Equal((HttpStatusCode.InternalServerError, """{"detail":"Payment error: payments are not configured"}"""), (status, body.ToString()));
    }

    [Fact]
    public async Task Half_of_Stripe_stops_the_start_with_one_sentence()
    {
        await using var shop = await Shop.Open(adjust: builder => builder.Environment.EnvironmentName = "Production", settings: new()
        {
            ["BIND"] = "127.0.0.1",
            ["SECRET_KEY"] = "a secret of at least thirty-two characters, for this test only",
            ["STRIPE_SECRET_KEY"] = "sk_live_1",
        });
        Assert.Contains(
            "STRIPE_SECRET_KEY is set without STRIPE_WEBHOOK_SECRET: set both, or neither to switch payments off.",
            Ledgerline.StartupChecks.Faults(shop.World.Services));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"evt\"")]
    [InlineData("""{"type":"charge.refunded"}""")]
    [InlineData("""{"id":"evt_1"}""")]
    [InlineData("""{"id":"","type":"charge.refunded"}""")]
    [InlineData("""{"id":7,"type":"charge.refunded"}""")]
    [InlineData("""{"id":"evt_\u0000","type":"charge.refunded"}""")]
    [InlineData("""{"id":"evt_\ud800","type":"charge.refunded"}""")]
    [InlineData("""{"id":"evt_1","type":"charge.refunded","livemode":true,"data":{"object":{}}}""")]
    public async Task A_signed_body_that_is_no_event_of_ours_is_refused(string body)
    {
        await using var shop = await Shop.Open();
        Assert.Equal((HttpStatusCode.BadRequest, BadPayload), await shop.Deliver(body));
        Assert.Equal((HttpStatusCode.BadRequest, """{"error":"Invalid payload"}"""), await shop.Deliver(body, "/webhook/stripe"));
        Assert.Equal(0, await shop.Row<long>("SELECT COUNT(*) FROM provider_events"));
    }

    [Theory, EveryDatabase]
    public async Task Whatever_Stripe_may_tell_some_day_is_stored_and_acknowledged(string engine)
    {
        await using var shop = await Shop.Open(engine);
        string[] bodies =
        [
            shop.Event("moon.landed", """{"id":"moon_1"}"""),
            shop.Event("charge.refunded", "{}"),
            shop.Event("charge.refunded", "\"ch_1\""),
            shop.Event("charge.refunded", """{"payment_intent":7,"charge":{"id":null}}"""),
            shop.Event("charge.dispute.created", """{"payment_intent":null,"charge":"ch_none"}"""),
            shop.Event("checkout.session.completed", "{}"),
            shop.Event("checkout.session.completed", "[]"),
            """{"id":"evt_bare","type":"checkout.session.completed"}""",
            """{"id":"evt_old","type":"charge.refunded","created":"yesterday","api_version":null,"data":[]}""",
            """{"id":"evt_far","type":"charge.refunded","created":99999999999999,"data":{"object":{"payment_intent":"pi_\ud800"}}}""",
        ];
        foreach (var body in bodies)
        {
            Assert.Equal((HttpStatusCode.OK, """{"status":"ok"}"""), await shop.Deliver(body));
        }

        Assert.Equal(bodies.Length, await shop.Row<long>("SELECT COUNT(*) FROM provider_events WHERE status = 'kept'"));
        Assert.Equal(bodies[0], await shop.Row<string>("SELECT body FROM provider_events WHERE type = 'moon.landed'"));
    }

    [Fact]
    public async Task A_body_over_a_megabyte_is_refused()
    {
        await using var shop = await Shop.Open();
        var body = shop.Event("moon.landed", $"\"{new string('m', 1024 * 1024)}\"");
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, """{"detail":"Request body too large"}"""), await shop.Deliver(body));
    }

    [Theory, EveryDatabase]
    public async Task While_Stripe_cannot_be_asked_nothing_is_acknowledged_and_the_repeat_succeeds(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        await shop.HoldWebhooks();
        var session = await customer.Checkout();
        await shop.Pay(session);
        var body = await shop.EventBody("checkout.session.completed");
        await shop.Fault(new { provider = "stripe", path = "/v1/checkout/sessions", times = 3, drop = true });

        var (status, text) = await shop.Deliver(body);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"detail":"The event could not be taken now: send it again later"}"""), (status, text));
        Assert.Equal(0, await shop.Row<long>("SELECT COUNT(*) FROM provider_events"));

        Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(body)).Status);
        Assert.Equal("purchase 2000", await customer.History());
    }

    [Theory, EveryDatabase]
    public async Task Our_own_failure_is_a_500_and_the_repeat_succeeds(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        await shop.HoldWebhooks();
        var session = await customer.Checkout();
        await shop.Pay(session);
        var body = await shop.EventBody("checkout.session.completed");

        await shop.World.Database.Write(transaction => transaction.Execute("ALTER TABLE ledger_entries RENAME TO ledger_entries_gone"));
        var (status, _) = await shop.Deliver(body);
        await shop.World.Database.Write(transaction => transaction.Execute("ALTER TABLE ledger_entries_gone RENAME TO ledger_entries"));

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Equal(0, await shop.Row<long>("SELECT COUNT(*) FROM provider_events"));
        Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(body)).Status);
        Assert.Equal("purchase 2000", await customer.History());
    }

    [Fact]
    public async Task Older_generations_with_expanded_objects_are_read_too()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var session = await customer.Checkout();
        await shop.World.Control("/_sandbox/stripe/webhooks", new { api_version = "2020-08-27", duplicate = 2, reorder = true });
        await shop.Pay(session);
        await shop.Heard();
        Assert.Equal("purchase 2000", await customer.History());
    }

    private static IEnumerable<JsonElement> Cases() =>
        JsonDocument.Parse(File.ReadAllText(Repository.Path("tests", "specs", "stripe-signatures.json"))).RootElement
            .GetProperty("cases").EnumerateArray();

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
