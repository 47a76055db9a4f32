using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tests.Persistence;
using Xunit;

namespace Tests.Billing;

/// <summary>Buying credits: what the desktop client does, and everything that is paid once but told many times.</summary>
public sealed class PurchaseTests
{
    [Theory, EveryDatabase]
    public async Task A_paid_checkout_grants_the_ordered_credits_once(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();

        var (status, checkout) = await customer.Send(HttpMethod.Post, "/api/billing/checkout/pro");
        Assert.Equal(HttpStatusCode.OK, status);
        var session = checkout.GetProperty("session_id").GetString()!;
        Assert.StartsWith(shop.World.Sandbox.BaseAddress!.ToString(), checkout.GetProperty("checkout_url").GetString(), StringComparison.Ordinal);
        Assert.Equal("""{"status":"pending","payment_status":"unpaid"}""", (await customer.Verify(session)).ToString());

        var payment = (await shop.Pay(session)).GetProperty("payment_intent").GetString();
        await shop.Heard();

        Assert.Equal(2000, await customer.Credits());
        Assert.Equal("""{"status":"completed","credits":2000,"credits_added":2000}""", (await customer.Verify(session)).ToString());
        var row = Assert.Single(await customer.Rows());
        Assert.Equal(("purchase", 2000, payment, "Purchased pro package"), (row.TransactionType, row.Amount, row.StripePaymentId, row.Description));
    }

    [Fact]
    public async Task Stripe_is_told_the_order_and_nothing_a_client_said()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var session = await shop.Stripe("checkout/sessions/" + await customer.Checkout("team"));

        Assert.Equal("payment", session.GetProperty("mode").GetString());
        Assert.Equal((4999, "usd"), (session.GetProperty("amount_total").GetInt64(), session.GetProperty("currency").GetString()));
        Assert.Equal(customer.Account.ToString(), session.GetProperty("client_reference_id").GetString());
        Assert.Equal("chotto-voice://payment/success?session_id={CHECKOUT_SESSION_ID}", session.GetProperty("success_url").GetString());
        Assert.Equal("chotto-voice://payment/cancel", session.GetProperty("cancel_url").GetString());
        var metadata = session.GetProperty("metadata");
        Assert.Equal(customer.Account.ToString(), metadata.GetProperty("user_id").GetString());
        Assert.Equal("team", metadata.GetProperty("package_id").GetString());
        Assert.Equal("10000", metadata.GetProperty("credits").GetString());
        var item = (await shop.Stripe($"checkout/sessions/{session.GetProperty("id").GetString()}/line_items?expand[]=data.price.product")).GetProperty("data")[0];
        Assert.Equal("Chotto Voice - Team Pack", item.GetProperty("description").GetString());
        Assert.Equal("10000 credits for voice transcription", item.GetProperty("price").GetProperty("product").GetProperty("description").GetString());
    }

    [Theory, EveryDatabase]
    public async Task One_event_delivered_twenty_times_over_two_nodes_and_three_addresses_grants_once(string engine)
    {
        await using var shop = await Shop.Open(engine);
        using var second = await shop.World.StartNode();
        var customer = await shop.NewCustomer();
        var session = await customer.Checkout();
        await shop.HoldWebhooks();
        await shop.Pay(session);
        var body = await shop.EventBody("checkout.session.completed");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            shop.Deliver(body, Shop.WebhookPaths[i % 3], i % 2 == 0 ? shop.World.Client : second)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(
            ["""{"status":"ok"}""", """{"status":"success"}""", """{"success":true,"processed":true}"""],
            answers.Select(answer => answer.Body).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(2000, await customer.At(second).Credits());
        Assert.Equal("purchase 2000", await customer.History());

        await shop.ReleaseWebhooks();
        await shop.Heard();
        Assert.Equal("purchase 2000", await customer.History());
    }

    [Theory, EveryDatabase]
    public async Task An_unpaid_session_grants_nothing_until_the_bank_says_so(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        var session = await customer.Checkout("starter");
        await shop.Pay(session, "bank_debit");
        await shop.Heard();
        var completed = await shop.EventBody("checkout.session.completed");
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => shop.Deliver(completed)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(0, await customer.Credits());
        Assert.Empty(await customer.Rows());
        Assert.Equal("""{"status":"pending","payment_status":"unpaid"}""", (await customer.Verify(session)).ToString());
        Assert.Equal("pending", await shop.Row<string>("SELECT status FROM checkout_orders"));

        await shop.World.Control($"/_sandbox/stripe/checkout/{session}/async", new { outcome = "succeeded" });
        await shop.Heard();
        Assert.Equal("purchase 500", await customer.History());
        Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(completed)).Status);
        Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(await shop.EventBody("checkout.session.async_payment_succeeded"))).Status);
        Assert.Equal("purchase 500", await customer.History());
    }

    [Fact]
    public async Task A_bank_debit_that_failed_grants_nothing_also_when_the_failure_is_told_first()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var session = await customer.Checkout();
        await shop.HoldWebhooks();
        await shop.Pay(session, "bank_debit");
        await shop.World.Control($"/_sandbox/stripe/checkout/{session}/async", new { outcome = "failed" });

        Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(await shop.EventBody("checkout.session.async_payment_failed"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await shop.Deliver(await shop.EventBody("checkout.session.completed"))).Status);

        Assert.Equal("failed", await shop.Row<string>("SELECT status FROM checkout_orders"));
        Assert.Equal(0, await customer.Credits());
        Assert.Equal("""{"status":"pending","payment_status":"unpaid"}""", (await customer.Verify(session)).ToString());
    }

    [Fact]
    public async Task An_expired_session_is_failed()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var session = await customer.Checkout();
        await shop.World.Control($"/_sandbox/stripe/checkout/{session}/expire", new { });
        await shop.Heard();
        Assert.Equal("failed", await shop.Row<string>("SELECT status FROM checkout_orders"));
        Assert.Equal("pending", (await customer.Verify(session)).GetProperty("status").GetString());
    }

    [Theory, EveryDatabase]
    public async Task An_event_that_overtakes_our_own_create_call_waits_and_is_applied_when_the_order_is_known(string engine)
    {
        var gate = new AnswerGate(HttpMethod.Post, "/v1/checkout/sessions");
        await using var shop = await Shop.Open(engine, adjust: gate.Install);
        var customer = await shop.NewCustomer();
        gate.Close();
        var opening = customer.Checkout();
        await gate.Given;
        var session = (await shop.Stripe("checkout/sessions")).GetProperty("data")[0].GetProperty("id").GetString()!;

        await shop.Pay(session);
        await shop.Heard();
        Assert.False(opening.IsCompleted);
        Assert.Equal("waiting", await shop.Row<string>("SELECT status FROM provider_events WHERE type = 'checkout.session.completed'"));

        gate.Open();
        Assert.Equal(session, await opening);
        await customer.HasCredits(2000);
        Assert.Equal("applied", await shop.Row<string>("SELECT status FROM provider_events WHERE type = 'checkout.session.completed'"));
        Assert.Equal("purchase 2000", await customer.History());
    }

    [Theory, EveryDatabase]
    public async Task Parallel_first_checkouts_make_one_customer_at_Stripe(string engine)
    {
        await using var shop = await Shop.Open(engine);
        using var second = await shop.World.StartNode();
        var customer = await shop.NewCustomer();
        var sessions = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => customer.At(i % 2 == 0 ? shop.World.Client : second).Checkout()));

        Assert.Equal(6, sessions.Distinct().Count());
        Assert.Equal(1, (await shop.Stripe("customers")).GetProperty("data").GetArrayLength());
        Assert.Equal(6, (await shop.Stripe("checkout/sessions")).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task A_customer_whom_Stripe_has_forgotten_is_made_anew()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        await customer.Checkout();
        await shop.World.Database.Write(transaction => transaction.Execute("UPDATE stripe_customers SET customer_id = 'cus_gone'"));

        var session = await customer.Checkout();
        await shop.Pay(session);
        await customer.HasCredits(2000);
        Assert.NotEqual("cus_gone", await shop.Row<string>("SELECT customer_id FROM stripe_customers"));
    }

    [Fact]
    public async Task The_same_idempotency_key_opens_one_checkout()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var first = await customer.Send(HttpMethod.Post, "/api/billing/checkout/pro", "key-1");
        using var again = await customer.Ask(HttpMethod.Post, "/api/billing/checkout/pro", "key-1");

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(first.Body.ToString(), (await again.Content.ReadFromJsonAsync<JsonElement>()).ToString());
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity,
            (await customer.Send(HttpMethod.Post, "/api/billing/checkout/pro?cancel_url=chotto-voice://elsewhere", "key-1")).Status);
        Assert.Equal(1, (await shop.Stripe("checkout/sessions")).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task Ten_parallel_requests_with_one_key_open_one_checkout()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => customer.Send(HttpMethod.Post, "/api/billing/checkout/pro", "key-2")));

        Assert.All(answers, answer => Assert.Contains(answer.Status, new[] { HttpStatusCode.OK, HttpStatusCode.Conflict }));
        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(1, (await shop.Stripe("checkout/sessions")).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task The_packages_are_public_and_in_order()
    {
        await using var shop = await Shop.Open();
        Assert.Equal(
            """[{"id":"starter","name":"Starter Pack","credits":500,"price_cents":499,"currency":"USD"},"""
            + """{"id":"pro","name":"Pro Pack","credits":2000,"price_cents":1499,"currency":"USD"},"""
            + """{"id":"team","name":"Team Pack","credits":10000,"price_cents":4999,"currency":"USD"}]""",
            await shop.World.Client.GetStringAsync("/api/billing/packages"));
        Assert.Equal(HttpStatusCode.NotFound, (await (await shop.NewCustomer()).Send(HttpMethod.Post, "/api/billing/checkout/gold")).Status);
    }
}
