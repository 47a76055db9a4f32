using System.Net;
using Xunit;

namespace Tests.Billing;

/// <summary>Stripe is down, slow, or talks nonsense: the customer reads a neutral sentence, and the books are as before.</summary>
public sealed class PaymentFailureTests
{
    private const string Unreachable = "the payment provider cannot be reached";
    private const string Refused = "the payment provider does not accept this request; please tell support";
    private const string Forbidden = "payments are not set up correctly here; please tell support";
    private const string Unusable = "the payment provider gave no usable answer";

    public static TheoryData<string, string> Troubles => new()
    {
        { """{"status":500,"times":3}""", Unreachable },
        { """{"status":503,"times":3,"when":"after"}""", Unreachable },
        { """{"status":429,"times":3}""", Unreachable },
        { """{"drop":true,"times":3}""", Unreachable },
        { """{"drop":true,"times":3,"when":"after"}""", Unreachable },
        { """{"truncate":true}""", Unreachable },
        { """{"status":401,"body":"{\"error\":{\"type\":\"invalid_request_error\",\"message\":\"Invalid API Key provided: sk_test_*****\"}}"}""", Forbidden },
        { """{"status":400,"body":"{\"error\":{\"type\":\"invalid_request_error\",\"param\":\"customer\",\"message\":\"secret words\"}}"}""", Refused },
        { """{"status":402,"body":"<html>proxy</html>"}""", Refused },
        { """{"status":404,"body":"{}"}""", Refused },
        { """{"status":404,"body":"[7]"}""", Refused },
        { """{"status":200,"body":"<html>proxy</html>"}""", Unusable },
        { """{"status":200,"body":"{}"}""", Unusable },
        { """{"status":200,"body":"null"}""", Unusable },
        { """{"status":200,"body":"{\"id\":7,\"payment_status\":\"paid\"}"}""", Unusable },
        { """{"status":200,"body":"{\"id\":\"cs_x\",\"payment_status\":\"unpaid\",\"url\":null}"}""", Unusable },
    };

    [Theory, MemberData(nameof(Troubles))]
    public async Task A_checkout_that_cannot_be_opened_is_a_neutral_500_and_may_be_tried_again(string fault, string sentence)
    {
        await using var shop = await Shop.Open();
        Expect(shop);
        var customer = await shop.NewCustomer();
        await Strike(shop, "POST", "/v1/checkout/sessions", fault);

        var (status, body) = await customer.Send(HttpMethod.Post, "/api/billing/checkout/pro", "key");
        Assert.Equal((HttpStatusCode.InternalServerError, $$"""{"detail":"Payment error: {{sentence}}"}"""), (status, body.ToString()));
        Assert.Equal("created", await shop.Row<string>("SELECT status FROM checkout_orders"));
        Assert.NotNull(await shop.Row<string>("SELECT problem FROM checkout_orders"));

        Assert.Equal(HttpStatusCode.OK, (await customer.Send(HttpMethod.Post, "/api/billing/checkout/pro", "key")).Status);
    }

    [Theory, MemberData(nameof(Troubles))]
    public async Task A_payment_that_cannot_be_verified_is_a_neutral_400_and_may_be_tried_again(string fault, string sentence)
    {
        if (fault.Contains("cs_x", StringComparison.Ordinal))
        {
            // Here it is a session after all, but another one.
            sentence = "";
        }

        await using var shop = await Shop.Open();
        Expect(shop);
        var customer = await shop.NewCustomer();
        var session = await customer.Checkout();
        await shop.HoldWebhooks();
        await shop.Pay(session);
        await Strike(shop, "GET", "/v1/checkout/sessions/", fault);

        var (status, body) = await customer.Send(HttpMethod.Get, $"/api/billing/verify/{session}");
        Assert.Equal(
            sentence == "" ? (HttpStatusCode.OK, """{"status":"pending","payment_status":"unpaid"}""")
                : (HttpStatusCode.BadRequest, $$"""{"detail":"Could not verify payment: {{sentence}}"}"""),
            (status, body.ToString()));
        Assert.Equal(0, await customer.Credits());
        Assert.Equal(2000, (await customer.Verify(session)).GetProperty("credits_added").GetInt64());
    }

    [Fact]
    public async Task A_session_that_is_not_the_one_we_asked_for_never_pays()
    {
        await using var shop = await Shop.Open();
        Expect(shop);
        var customer = await shop.NewCustomer();
        var session = await customer.Checkout();
        await shop.Fault(new { provider = "stripe", path = "/v1/checkout/sessions/", body = """{"id":"cs_other","payment_status":"paid","mode":"payment","amount_total":1499,"currency":"usd"}""" });

        Assert.Equal(HttpStatusCode.BadRequest, (await customer.Send(HttpMethod.Get, $"/api/billing/verify/{session}")).Status);
        Assert.Equal(0, await customer.Credits());
    }

    [Theory]
    [InlineData("checkout/pro")]
    [InlineData("verify/")]
    public async Task A_Stripe_that_never_answers_ends_in_time(string route)
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var session = await customer.Checkout();
        await shop.Fault(new { provider = "stripe", path = "/v1/checkout/sessions", times = 10, delay_ms = 120_000 });

        var began = shop.World.Clock.GetUtcNow();
        var asking = route == "verify/"
            ? customer.Send(HttpMethod.Get, $"/api/billing/verify/{session}")
            : customer.Send(HttpMethod.Post, $"/api/billing/{route}");
        while (!asking.IsCompleted)
        {
            await Task.WhenAny(asking, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
            shop.World.Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.True(shop.World.Clock.GetUtcNow() - began < TimeSpan.FromSeconds(60), "The desktop client waits 60 s.");
        }

        var (status, body) = await asking;
        Assert.Equal(route == "verify/" ? HttpStatusCode.BadRequest : HttpStatusCode.InternalServerError, status);
        Assert.EndsWith(Unreachable, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_was_lost_after_the_effect_makes_no_second_session()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        await shop.Fault(new { provider = "stripe", method = "POST", path = "/v1/customers", when = "after", drop = true });
        await shop.Fault(new { provider = "stripe", method = "POST", path = "/v1/checkout/sessions", when = "after", drop = true });
        await customer.Checkout();

        Assert.Equal(1, (await shop.Stripe("customers")).GetProperty("data").GetArrayLength());
        Assert.Equal(1, (await shop.Stripe("checkout/sessions")).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task A_declined_card_and_a_confirmed_one_end_as_they_should()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var session = await customer.Checkout();
        await shop.Pay(session, "4000000000000002");
        await shop.Heard();
        Assert.Equal("pending", (await customer.Verify(session)).GetProperty("status").GetString());

        await shop.Pay(session, "4000002500003155");
        await shop.World.Control($"/_sandbox/stripe/checkout/{session}", new { confirm = true });
        await shop.Heard();
        Assert.Equal("purchase 2000", await customer.History());
    }

    [Theory]
    [InlineData("https://evil.example/ok")]
    [InlineData("chotto-voice.evil.com://payment")]
    [InlineData("https://chotto-voice.evil.com/")]
    [InlineData("https://chotto.voice.evil.com/")]
    [InlineData("https://chotto.voice@evil.com/")]
    [InlineData("https://user:password@chotto.voice/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("//evil.com")]
    [InlineData("/relative")]
    [InlineData("")]
    public async Task A_return_address_elsewhere_is_refused_before_Stripe_is_asked(string url)
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        foreach (var name in new[] { "success_url", "cancel_url" })
        {
            var (status, body) = await customer.Send(HttpMethod.Post, $"/api/billing/checkout/pro?{name}={Uri.EscapeDataString(url)}");
            Assert.Equal((HttpStatusCode.BadRequest, """{"detail":"URL not allowed"}"""), (status, body.ToString()));
        }

        Assert.Equal(0, (await shop.World.Control("/_sandbox/requests?provider=stripe")).GetArrayLength());
        Assert.Equal(0, await shop.Row<long>("SELECT COUNT(*) FROM checkout_orders"));
    }

    // The sandbox answers with what these tests asked for; Stripe never would.
    private static void Expect(Shop shop) => shop.World.ExpectedViolations.AddRange(["checkout/sessions"]);

    private static Task Strike(Shop shop, string method, string path, string fault) => shop.Fault(
        new Dictionary<string, object?>(System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, object?>>(fault)!)
        {
            ["provider"] = "stripe",
            ["method"] = method,
            ["path"] = path,
        });
}
