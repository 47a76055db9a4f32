using System.Net;
using System.Text.Json.Nodes;
using Ledgerline.Billing;
using Tests.Persistence;
using Xunit;

namespace Tests.Billing;

/// <summary>The customer comes back before the webhook does, or somebody else does.</summary>
public sealed class VerifyTests
{
    [Theory, EveryDatabase]
    public async Task Verify_grants_when_the_webhook_is_late_and_the_webhook_adds_nothing(string engine)
    {
        await using var shop = await Shop.Open(engine);
        using var second = await shop.World.StartNode();
        var customer = await shop.NewCustomer();
        var session = await customer.Checkout();
        await shop.HoldWebhooks();
        await shop.Pay(session);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => customer.At(i % 2 == 0 ? shop.World.Client : second).Verify(session)));
        Assert.All(answers, answer => Assert.Equal("""{"status":"completed","credits":2000,"credits_added":2000}""", answer.ToString()));

        await shop.ReleaseWebhooks();
        await shop.Heard();
        Assert.Equal("purchase 2000", await customer.History());
    }

    [Theory, EveryDatabase]
    public async Task Verify_and_webhook_at_the_same_moment_grant_once(string engine)
    {
        await using var shop = await Shop.Open(engine);
        using var second = await shop.World.StartNode();
        var customer = await shop.NewCustomer();
        var session = await customer.Checkout();
        await shop.HoldWebhooks();
        await shop.Pay(session);
        var body = await shop.EventBody("checkout.session.completed");

        var verified = Enumerable.Range(0, 5).Select(_ => customer.At(second).Verify(session));
        var delivered = Enumerable.Range(0, 5).Select(i => shop.Deliver(body, Shop.WebhookPaths[i % 3]));
        await Task.WhenAll(Task.WhenAll(verified), Task.WhenAll(delivered));

        Assert.Equal("purchase 2000", await customer.History());
    }

    [Fact]
    public async Task Another_accounts_session_and_one_that_does_not_exist_are_the_same_to_everybody()
    {
        await using var shop = await Shop.Open();
        var (owner, other) = (await shop.NewCustomer(), await shop.NewCustomer());
        var session = await owner.Checkout();
        await shop.HoldWebhooks();
        await shop.Pay(session);

        foreach (var id in new[] { session, "cs_test_none", session + "%0A", "cs_test_%27", "%01", new string('a', 300) })
        {
            var (status, body) = await other.Send(HttpMethod.Get, $"/api/billing/verify/{id}");
            Assert.Equal((HttpStatusCode.NotFound, """{"detail":"Payment session not found"}"""), (status, body.ToString()));
        }

        Assert.Equal(0, await other.Credits());
        Assert.Equal(0, await owner.Credits());
        Assert.Equal(2000, (await owner.Verify(session)).GetProperty("credits").GetInt64());
    }

    [Theory]
    [InlineData("credits", "9999")]
    [InlineData("user_id", "0190f8e2-6d2c-7b3a-9d55-3f0c1f1f2a10")]
    [InlineData("package_id", "team")]
    public async Task A_session_whose_metadata_differ_grants_nothing_and_shows_why(string name, string value)
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var session = await customer.Checkout();
        await shop.ChangeMetadata(session, name, value);
        await shop.Pay(session);
        await shop.Heard();

        var (status, body) = await customer.Send(HttpMethod.Get, $"/api/billing/verify/{session}");
        Assert.Equal(
            (HttpStatusCode.BadRequest, """{"detail":"Could not verify payment: what was paid is not what was ordered"}"""), (status, body.ToString()));
        Assert.Equal(0, await customer.Credits());
        Assert.Equal($"refused The metadata {name} is not as we sent it.", await shop.Row<string>("SELECT status || ' ' || problem FROM checkout_orders"));
        Assert.Contains(shop.World.Logs.All, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains(session, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("price_minor = 1498")]
    [InlineData("currency = 'eur'")]
    [InlineData("account_id = '0190f8e2-6d2c-7b3a-9d55-3f0c1f1f2a10'")]
    public async Task Whatever_was_ordered_otherwise_is_refused(string difference)
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var session = await customer.Checkout();
        await shop.World.Database.Write(transaction => transaction.Execute($"UPDATE checkout_orders SET {difference}"));
        await shop.Pay(session);
        await shop.Heard();
        Assert.Equal("refused", await shop.Row<string>("SELECT status FROM checkout_orders"));
        Assert.Equal(0, await shop.Row<long>("SELECT COUNT(*) FROM ledger_transactions"));
    }

    [Theory]
    [InlineData("no_payment_required", 1499, 0, true)]
    [InlineData("no_payment_required", 1, 0, false)]
    [InlineData("no_payment_required", 1499, 1499, false)]
    [InlineData("paid", 1499, 1498, false)]
    [InlineData("paid", 1499, 0, false)]
    [InlineData("paid", 1498, 1499, true)]
    public async Task What_counts_is_the_price_that_was_asked_or_a_discount_of_all_of_it(string paymentStatus, int gross, int paid, bool granted)
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var id = await customer.Checkout();
        var session = JsonNode.Parse((await shop.Stripe("checkout/sessions/" + id)).GetRawText())!;
        (session["status"], session["url"], session["payment_status"], session["amount_subtotal"], session["amount_total"]) = ("complete", null, paymentStatus, gross, paid);
        await shop.Fault(new { provider = "stripe", method = "GET", path = "/v1/checkout/sessions/", body = session.ToJsonString() });

        var (status, _) = await customer.Send(HttpMethod.Get, $"/api/billing/verify/{id}");
        Assert.Equal(granted ? HttpStatusCode.OK : HttpStatusCode.BadRequest, status);
        Assert.Equal(granted ? "purchase 2000" : "", await customer.History());
        Assert.All(await customer.Rows(), row => Assert.Equal(id, row.StripePaymentId));
    }

    [Fact]
    public async Task Nobody_verifies_without_signing_in()
    {
        await using var shop = await Shop.Open();
        foreach (var path in new[] { "/api/billing/verify/cs_test_1", "/api/billing/balance" })
        {
            using var answer = await shop.World.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_payment_of_which_nothing_was_ever_heard_is_found_by_the_review()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var (paid, unpaid) = (await customer.Checkout(), await customer.Checkout("team"));
        await shop.HoldWebhooks();
        await shop.Pay(paid);

        shop.World.Clock.Advance(TimeSpan.FromMinutes(75));
        await World.TestWorld.Until(async () => await shop.Get<Balances>().Credits(customer.Account) == 2000, "what was paid is granted");
        await World.TestWorld.Until(
            async () => await shop.Row<long>($"SELECT review_at FROM checkout_orders WHERE session_id = '{unpaid}'") > shop.World.Clock.GetUtcNow().ToUnixTimeMilliseconds(),
            "the other is put off");
        shop.World.Clock.Advance(TimeSpan.FromHours(50));
        await World.TestWorld.Until(
            async () => await shop.Row<string>($"SELECT status FROM checkout_orders WHERE session_id = '{unpaid}'") == "failed", "the other has expired");
        Assert.Equal(0, await shop.Row<long>("SELECT COUNT(*) FROM checkout_orders WHERE review_at IS NOT NULL"));
    }
}
