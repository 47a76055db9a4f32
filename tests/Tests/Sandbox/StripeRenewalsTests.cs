using Xunit;
using static Tests.Sandbox.StripeShop;

namespace Tests.Sandbox;

/// <summary>What the clock does to subscriptions: renewals in their order, the calendar, trials, ends.</summary>
public sealed class StripeRenewalsTests
{
    [Fact]
    public async Task AYearInOneStepIsTwelveRenewalsEachAtItsTime()
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(), await stripe.Price(2000));
        var anchor = Utc(subscription.Number("billing_cycle_anchor"));

        stripe.Clock.SetNow(new DateTimeOffset(anchor.AddMonths(12)).AddDays(1));

        var invoices = await stripe.Invoices(subscription.Id);
        Assert.Equal(13, invoices.Count);
        Assert.All(invoices, invoice => Assert.Equal("paid", (string?)invoice["status"]));
        for (var month = 1; month <= 12; month++)
        {
            var (invoice, due) = (invoices[month], new DateTimeOffset(anchor.AddMonths(month)).ToUnixTimeSeconds());
            Assert.Equal("subscription_cycle", (string?)invoice["billing_reason"]);
            Assert.Equal(due, (long)invoice["created"]!);
            Assert.Equal(due + Hour, (long)invoice["status_transitions"]!["finalized_at"]!);
            Assert.Equal(due + Hour, (long)invoice["status_transitions"]!["paid_at"]!);
            Assert.Equal(due, (long)invoice["lines"]!["data"]![0]!["period"]!["start"]!);
            Assert.Equal(new DateTimeOffset(anchor.AddMonths(month + 1)).ToUnixTimeSeconds(), (long)invoice["lines"]!["data"]![0]!["period"]!["end"]!);
        }

        var told = await stripe.Told();
        Assert.Equal(told.Select(one => one.Created).Order(), told.Select(one => one.Created));
        Assert.Equal(13, told.Count(one => one.Type == "invoice.paid"));
        Assert.Equal(12, told.Count(one => one.Type == "invoice.upcoming" && one.Created < invoices[12]["created"]!.GetValue<long>()));
        Assert.Equal(anchor.AddMonths(13), Utc((await stripe.Subscription(subscription.Id)).Period().End));
        Assert.Equal(invoices.Select(one => (string?)one["number"]).Distinct().Count(), invoices.Count);
    }

    [Theory]
    [InlineData("2027-01-31", "month", 1, "2027-02-28 2027-03-31 2027-04-30 2027-05-31")]
    [InlineData("2028-01-31", "month", 1, "2028-02-29 2028-03-31 2028-04-30")]
    [InlineData("2027-01-30", "month", 1, "2027-02-28 2027-03-30")]
    [InlineData("2028-02-29", "year", 1, "2029-02-28 2030-02-28 2031-02-28 2032-02-29")]
    [InlineData("2027-11-30", "month", 3, "2028-02-29 2028-05-30 2028-08-30")]
    [InlineData("2027-02-27", "week", 2, "2027-03-13 2027-03-27")]
    [InlineData("2027-02-28", "day", 1, "2027-03-01 2027-03-02")]
    public async Task EveryBoundaryIsCountedFromTheAnchor(string start, string interval, int count, string boundaries)
    {
        await using var stripe = await StripeSandbox.Start();
        stripe.Clock.SetNow(DateTimeOffset.Parse(start + "T12:00:00Z", null));
        var subscription = await stripe.Subscribe(await stripe.Subscriber(), await stripe.Price(2000, interval, ("recurring[interval_count]", count)));
        var expected = boundaries.Split(' ');

        stripe.Clock.SetNow(DateTimeOffset.Parse(expected[^1] + "T14:00:00Z", null));

        var renewals = (await stripe.Invoices(subscription.Id)).Skip(1).Select(one => Utc((long)one["created"]!).ToString("yyyy-MM-dd"));
        Assert.Equal(expected, renewals);
        var time = Utc(subscription.Number("billing_cycle_anchor")).TimeOfDay;
        Assert.All(await stripe.Invoices(subscription.Id), one => Assert.Equal(time, Utc((long)one["created"]!).TimeOfDay));
    }

    [Fact]
    public async Task ATrialWarnsThenBecomesPaid()
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(), await stripe.Price(2000), ("trial_period_days", 14));
        Assert.Equal("trialing", subscription.Text("status"));
        var end = subscription.Number("trial_end");
        Assert.Equal(subscription.Number("created") + 14 * Day, end);
        Assert.Equal(end, subscription.Period().End);
        Assert.Null(subscription["pending_setup_intent"]);
        Assert.Equal([(0L, "subscription_create")], (await stripe.Invoices(subscription.Id)).Select(one => ((long)one["amount_paid"]!, (string)one["billing_reason"]!)));

        stripe.AdvanceTo(end + 2 * Hour);

        var active = await stripe.Subscription(subscription.Id);
        Assert.Equal("active", active.Text("status"));
        Assert.Equal(Utc(end).AddMonths(1), Utc(active.Period().End));
        Assert.Equal(end - 3 * Day, Assert.Single(await stripe.Told("customer.subscription.trial_will_end")).Created);
        Assert.Equal(2000, (long)(await stripe.Invoices(subscription.Id))[1]["amount_paid"]!);
    }

    [Theory]
    [InlineData("pause", "paused", "customer.subscription.paused")]
    [InlineData("cancel", "canceled", "customer.subscription.deleted")]
    [InlineData("create_invoice", "past_due", "invoice.payment_failed")]
    public async Task ATrialWithoutACardEndsAsAsked(string behavior, string status, string told)
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(card: null), await stripe.Price(2000),
            ("trial_period_days", 1), ("trial_settings[end_behavior][missing_payment_method]", behavior));
        stripe.Advance(Day + 2 * Hour);
        Assert.Equal(status, (await stripe.Subscription(subscription.Id)).Text("status"));
        Assert.Single(await stripe.Told(told));
        if (behavior == "pause")
        {
            // Time alone changes nothing any more; a card and a word do.
            stripe.Advance(60 * Day);
            Assert.Single(await stripe.Invoices(subscription.Id));
            await stripe.UseCard(subscription.Text("customer"), "pm_card_visa");
            var resumed = await stripe.Post($"/v1/subscriptions/{subscription.Id}/resume");
            Assert.Equal("active", resumed.Text("status"));
            Assert.Equal(Utc(resumed.Number("billing_cycle_anchor")).AddMonths(1), Utc(resumed.Period().End));
            Assert.Single(await stripe.Told("customer.subscription.resumed"));
        }
    }

    [Fact]
    public async Task AFirstPaymentHas23Hours()
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(card: null), await stripe.Price(2000), ("payment_behavior", "default_incomplete"));
        stripe.Advance(22 * Hour);
        Assert.Equal("incomplete", (await stripe.Subscription(subscription.Id)).Text("status"));
        stripe.Advance(Hour + 1);
        Assert.Equal("incomplete_expired", (await stripe.Subscription(subscription.Id)).Text("status"));
        Assert.Equal("void", (string?)Assert.Single(await stripe.Invoices(subscription.Id))["status"]);
        Assert.Equal("canceled", (await stripe.Get("/v1/payment_intents")).Data[0]["status"]!.GetValue<string>());
        Assert.Empty((await stripe.Get("/v1/subscriptions")).Data);
        Assert.Single((await stripe.Get("/v1/subscriptions?status=all")).Data);
        stripe.Advance(60 * Day);
        Assert.Single(await stripe.Invoices(subscription.Id));
    }

    [Fact]
    public async Task AnEndAtThePeriodsEndComesWithoutAnotherInvoice()
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(), await stripe.Price(2000));
        var ending = await stripe.Post($"/v1/subscriptions/{subscription.Id}", ("cancel_at_period_end", true), ("cancellation_details[feedback]", "too_expensive"));
        Assert.Equal(subscription.Period().End, ending.Number("cancel_at"));
        Assert.Equal("cancellation_requested", ending.Text("cancellation_details", "reason"));

        stripe.Advance(40 * Day);

        var over = await stripe.Subscription(subscription.Id);
        Assert.Equal(("canceled", subscription.Period().End), (over.Text("status"), over.Number("ended_at")));
        Assert.Equal(subscription.Period().End, Assert.Single(await stripe.Told("customer.subscription.deleted")).Created);
        Assert.Single(await stripe.Invoices(subscription.Id));
    }

    [Theory]
    [InlineData("void", "void", "invoice.voided")]
    [InlineData("mark_uncollectible", "uncollectible", "invoice.marked_uncollectible")]
    [InlineData("keep_as_draft", "draft", null)]
    public async Task APausedCollectionTakesNoMoney(string behavior, string status, string? told)
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(), await stripe.Price(2000));
        await stripe.Post($"/v1/subscriptions/{subscription.Id}", ("pause_collection[behavior]", behavior), ("pause_collection[resumes_at]", stripe.Now() + 40 * Day));
        stripe.Advance(35 * Day);
        Assert.Equal(status, (string?)(await stripe.Invoices(subscription.Id))[1]["status"]);
        Assert.Equal("active", (await stripe.Subscription(subscription.Id)).Text("status"));
        Assert.Equal(told is null ? 0 : 1, told is null ? 0 : (await stripe.Told(told)).Count);
        stripe.Advance(35 * Day);
        Assert.Null((await stripe.Subscription(subscription.Id))["pause_collection"]);
        Assert.Equal("paid", (string?)(await stripe.Invoices(subscription.Id))[2]["status"]);
    }

    [Fact]
    public async Task ManySubscriptionsAgeAYearInNoTime()
    {
        await using var stripe = await StripeSandbox.Start(options => options.ServerUrl = null);
        var price = await stripe.Price(2000);
        for (var made = 0; made < 20; made++)
        {
            await stripe.Subscribe(await stripe.Subscriber(), price);
        }

        var start = TimeProvider.System.GetTimestamp();
        stripe.Advance(366 * Day);
        Assert.Equal(20 * 13, (await stripe.Told("invoice.paid")).Count);
        var took = TimeProvider.System.GetElapsedTime(start);
        Assert.True(took < TimeSpan.FromSeconds(20), $"20 subscriptions took {took} for a year; a second each is too long");
    }
}
