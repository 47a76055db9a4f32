using System.Net;
using Tests.Persistence;
using Tests.Plans;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>Cancelling, taking it back, and changing the plan for what the preview said.</summary>
public sealed class ChangeTests
{
    private const string Cancel = "/payments/cancel-subscription";
    private const string Resume = "/payments/resume-subscription";

    [Theory, EveryDatabase]
    public async Task At_the_end_of_the_period_it_ends_and_before_that_it_can_be_taken_back(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("basic_monthly");

        var answer = await subscriber.Ask(HttpMethod.Post, Cancel + "?at_period_end=true");
        Assert.Equal("""{"success":true,"message":"Subscription cancelled successfully","at_period_end":true}""", answer.ToString());
        Assert.True((await subscriber.Status()).GetProperty("cancel_at_period_end").GetBoolean());
        Assert.Equal("basic_monthly", await subscriber.Plan());

        var resumed = await subscriber.Ask(HttpMethod.Post, Resume);
        Assert.Equal(("active", false), (resumed.GetProperty("status").GetString(), resumed.GetProperty("cancel_at_period_end").GetBoolean()));
        var (status, refused) = await subscriber.Send(HttpMethod.Post, Resume);
        Assert.Equal((HttpStatusCode.BadRequest, "Failed to resume subscription: the subscription is neither cancelled nor paused"), (status, refused.GetProperty("detail").GetString()));

        // Without the parameter it is the end of the period too.
        Assert.True((await subscriber.Ask(HttpMethod.Post, Cancel)).GetProperty("at_period_end").GetBoolean());
        await shop.PassMonth();
        await subscriber.Becomes("no_subscription");
        Assert.Null(await subscriber.Plan());
        Assert.Equal(HttpStatusCode.NotFound, (await subscriber.Send(HttpMethod.Post, Resume)).Status);
        var (gone, words) = await subscriber.Send(HttpMethod.Post, Cancel);
        Assert.Equal((HttpStatusCode.NotFound, """{"detail":"No active subscription found"}"""), (gone, words.ToString()));
        Assert.Equal("4999 succeeded Payment for basic_monthly", await subscriber.Paid());
        Assert.Single(await subscriber.Mails(), key => key.StartsWith("subscription-canceled:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task At_once_nothing_more_is_charged_and_what_was_paid_for_can_be_used()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("basic_monthly");

        var answer = await subscriber.Ask(HttpMethod.Post, Cancel + "?at_period_end=false", idempotencyKey: "over");
        Assert.False(answer.GetProperty("at_period_end").GetBoolean());
        Assert.Empty(await subscriber.AtStripe());
        Assert.Equal(answer.ToString(), (await subscriber.Ask(HttpMethod.Post, Cancel + "?at_period_end=false", idempotencyKey: "over")).ToString());
        Assert.Equal("canceled", await subscriber.StatusWord());
        Assert.Equal("basic_monthly", await subscriber.Plan());
        Assert.Equal(HttpStatusCode.NotFound, (await subscriber.Send(HttpMethod.Post, Cancel + "?at_period_end=false")).Status);

        await shop.PassMonth();
        Assert.Null(await subscriber.Plan());
        Assert.Equal("no_subscription", await subscriber.StatusWord());
        Assert.Equal("4999 succeeded Payment for basic_monthly", await subscriber.Paid());

        // Whoever comes back begins anew.
        var anew = await subscriber.Subscribe("pro_monthly");
        Assert.Equal("pro_monthly", await subscriber.Plan());
        Assert.Equal(anew, Assert.Single(await subscriber.AtStripe()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task What_nobody_has_cannot_be_cancelled_and_an_odd_question_is_refused()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        var (status, answer) = await subscriber.Send(HttpMethod.Post, Cancel);
        Assert.Equal((HttpStatusCode.NotFound, """{"detail":"No active subscription found"}"""), (status, answer.ToString()));
        Assert.Equal(HttpStatusCode.NotFound, (await subscriber.Send(HttpMethod.Post, Resume)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await subscriber.Send(HttpMethod.Post, "/payments/preview-change", new { plan_name = "pro_monthly" })).Status);
        Assert.Equal(
            (HttpStatusCode.BadRequest, "Failed to change plan: there is no subscription to change; subscribe to the plan instead"),
            (await subscriber.Send(HttpMethod.Post, "/payments/change-plan", new { plan_name = "pro_monthly" })) is var (code, body) ? (code, body.GetProperty("detail").GetString()) : default);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await subscriber.Send(HttpMethod.Post, Cancel + "?at_period_end=perhaps")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await subscriber.Send(HttpMethod.Get, "/payments/billing-history?limit=0")).Status);
        Assert.Equal(HttpStatusCode.OK, (await subscriber.Send(HttpMethod.Get, "/payments/billing-history?limit=1000")).Status);
    }

    [Theory, EveryDatabase]
    public async Task A_change_costs_what_its_preview_said(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        var id = await subscriber.Subscribe("basic_monthly");
        await shop.Pass(TimeSpan.FromDays(11));

        var preview = await subscriber.Ask(HttpMethod.Post, "/payments/preview-change", new { plan_name = "enterprise_monthly" });
        Assert.Equal(("basic_monthly", "enterprise_monthly", "usd"), (
            preview.GetProperty("current_plan").GetString(), preview.GetProperty("plan_name").GetString(), preview.GetProperty("currency").GetString()));
        var due = preview.GetProperty("amount_due").GetInt64();
        Assert.Equal(due, preview.GetProperty("lines").EnumerateArray().Sum(line => line.GetProperty("amount").GetInt64()));
        Assert.Equal("basic_monthly", await subscriber.Plan());

        // The customer thinks about it for a while.
        await shop.Pass(TimeSpan.FromMinutes(40));
        var changed = await subscriber.Ask(
            HttpMethod.Post, "/payments/change-plan", new { plan_name = "enterprise_monthly", proration_date = preview.GetProperty("proration_date").GetInt64() });
        Assert.Equal(
            $$"""{"success":true,"subscription_id":"{{id}}","plan_name":"enterprise_monthly","client_secret":null,"requires_action":false,"message":"Plan changed successfully"}""",
            changed.ToString());
        Assert.Equal("enterprise_monthly", await subscriber.Plan());
        await shop.Heard();
        Assert.Equal($"4999 succeeded Payment for basic_monthly, {due} succeeded Payment for enterprise_monthly", await subscriber.Paid());

        // Back down: the rest is a credit, and the next invoice is smaller.
        preview = await subscriber.Ask(HttpMethod.Post, "/payments/preview-change", new { plan_name = "basic_monthly" });
        Assert.Equal(0, preview.GetProperty("amount_due").GetInt64());
        Assert.True(preview.GetProperty("total").GetInt64() < 0);
    }

    [Fact]
    public async Task An_old_preview_and_a_chosen_moment_are_refused()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("basic_monthly");
        var began = shop.World.Clock.GetUtcNow().ToUnixTimeSeconds();
        await shop.Pass(TimeSpan.FromHours(3));

        foreach (var moment in new[] { began, began + 1_000_000, long.MaxValue, -1 })
        {
            var (status, answer) = await subscriber.Send(HttpMethod.Post, "/payments/change-plan", new { plan_name = "pro_monthly", proration_date = moment });
            Assert.Equal((HttpStatusCode.BadRequest, "Failed to change plan: the preview is too old, please ask for another"), (status, answer.GetProperty("detail").GetString()));
        }

        Assert.Equal("basic_monthly", await subscriber.Plan());
    }

    [Fact]
    public async Task A_change_that_cannot_be_paid_changes_nothing_and_one_the_bank_asks_about_waits_for_the_customer()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        var id = await subscriber.Subscribe("basic_monthly");
        await shop.PayWith(subscriber, id, "pm_card_chargeCustomerFail");

        var (status, answer) = await subscriber.Send(HttpMethod.Post, "/payments/change-plan", new { plan_name = "pro_monthly" });
        Assert.Equal((HttpStatusCode.BadRequest, "Failed to change plan: the card was declined; use another card, or ask the bank that issued it"), (status, answer.GetProperty("detail").GetString()));
        Assert.Equal("basic_monthly", await subscriber.Plan());
        Assert.Equal("active", await subscriber.StatusWord());

        await shop.PayWith(subscriber, id, "pm_card_authenticationRequired");
        answer = await subscriber.Ask(HttpMethod.Post, "/payments/change-plan", new { plan_name = "pro_monthly" });
        Assert.True(answer.GetProperty("requires_action").GetBoolean());
        Assert.NotNull(answer.GetProperty("client_secret").GetString());
        await shop.World.Control($"/_sandbox/stripe/subscriptions/{id}/pay", new { confirm = true });
        await subscriber.Becomes("active");
        Assert.Equal("pro_monthly", await subscriber.Plan());
        Assert.Single(await subscriber.AtStripe());
    }

    [Fact]
    public async Task What_has_ended_is_not_resumed_whether_or_not_we_have_heard_of_it()
    {
        await using var shop = await PlanShop.Open();
        var ended = await shop.NewSubscriber();
        await ended.Subscribe("basic_monthly");
        await ended.Ask(HttpMethod.Post, "/payments/cancel-subscription?at_period_end=false");
        Assert.Equal("basic_monthly", await ended.Plan());
        await NotFound(ended);

        var unheard = await shop.NewSubscriber();
        var id = await unheard.Subscribe("basic_monthly");
        await unheard.Ask(HttpMethod.Post, "/payments/cancel-subscription");
        await shop.Heard();
        await shop.Shop.HoldWebhooks();
        using var deleting = new HttpRequestMessage(HttpMethod.Delete, $"/stripe/v1/subscriptions/{id}") { Headers = { { "Authorization", "Bearer sk_test_sandbox" } } };
        using var deleted = await shop.World.Sandbox.SendAsync(deleting);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        await NotFound(unheard);
        await shop.Shop.ReleaseWebhooks();

        static async Task NotFound(Subscriber subscriber)
        {
            var (status, answer) = await subscriber.Send(HttpMethod.Post, "/payments/resume-subscription");
            Assert.Equal((HttpStatusCode.NotFound, """{"detail":"No active subscription found"}"""), (status, answer.ToString()));
        }
    }

    [Fact]
    public async Task A_parameter_that_is_no_yes_or_no_is_named_as_it_was_sent()
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        var (status, answer) = await subscriber.Send(HttpMethod.Post, "/payments/cancel-subscription?at_period_end=1");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal("query -> at_period_end", answer.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("buyer@example.com")]
    [InlineData("not for Stripe@example.com")]
    public async Task Stripe_s_customer_is_named_as_the_account_is(string email)
    {
        await using var shop = await PlanShop.Open();
        var subscriber = await shop.NewSubscriber();
        await subscriber.Ask(HttpMethod.Post, "/update-user-name", new { name = "Ada Lovelace" });
        await shop.World.Database.Write(transaction => transaction.Execute("UPDATE accounts SET email = @email", new { email }));
        await subscriber.Subscribe("basic_monthly");

        var customer = await shop.Stripe($"customers/{await shop.CustomerOf(subscriber.Account)}");
        // An address that Stripe refuses keeps nobody from paying.
        Assert.Equal(email.Contains(' ', StringComparison.Ordinal) ? null : email, customer.GetProperty("email").GetString());
        Assert.Equal("Ada Lovelace", customer.GetProperty("name").GetString());
        var number = await shop.Row<long>("SELECT number FROM accounts");
        Assert.Equal($$"""{"account_id":"{{subscriber.Account}}","account_number":"{{number}}"}""", System.Text.RegularExpressions.Regex.Replace(customer.GetProperty("metadata").ToString(), @"\s", ""));
    }

    [Fact]
    public async Task Dollars_are_never_billed_as_euros()
    {
        await using var shop = await PlanShop.Open();
        var boss = await Caller.Operator(shop.World);
        await boss.Json(HttpMethod.Post, "/payments/admin/subscription-plans", new
        {
            plan_id = "euro_monthly",
            name = "Euro",
            plan_type = "monthly",
            features = new { voice_minutes = 10 },
            pricing = new { price = 19.99m, currency = "eur", product = "voice_features" },
        });
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("euro_monthly");

        var (status, answer) = await subscriber.Send(HttpMethod.Post, "/payments/change-plan", new { plan_name = "basic_monthly" });
        Assert.Equal(
            (HttpStatusCode.BadRequest, "Failed to change plan: the plan is sold in usd, and what you have is paid in eur"),
            (status, answer.GetProperty("detail").GetString()));
        Assert.Equal("euro_monthly", await subscriber.Plan());
        Assert.Equal("1999 succeeded Payment for euro_monthly", await subscriber.Paid());
    }
}
