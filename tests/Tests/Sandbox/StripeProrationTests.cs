using System.Net;
using System.Text.Json.Nodes;
using Xunit;
using static Tests.Sandbox.StripeShop;

namespace Tests.Sandbox;

/// <summary>Changes within a period, to the second and to the cent; a preview shows what the change will come to.</summary>
public sealed class StripeProrationTests
{
    [Theory]
    [InlineData(1000, 3000, 0)]
    [InlineData(1000, 3000, 1)]
    [InlineData(999, 2999, 1_234_567)]
    [InlineData(4999, 501, 777_777)]
    [InlineData(1, 7, 1_000_000)]
    public async Task AChangeCostsWhatItsPreviewSaid(long from, long to, long after)
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Subscriber();
        var subscription = await stripe.Subscribe(customer, await stripe.Price(from));
        var target = await stripe.Price(to);
        var (start, end) = subscription.Period();
        var at = start + after;
        stripe.AdvanceTo(at + 5);
        (string, object)[] change = [("items[0][id]", subscription.Item()), ("items[0][price]", target), ("proration_behavior", "always_invoice"), ("proration_date", at)];

        var preview = await stripe.Post("/v1/invoices/create_preview", [("subscription", subscription.Id), .. change.Select(one => ($"subscription_details{Nested(one.Item1)}", one.Item2))]);
        Assert.Equal(HttpStatusCode.OK, preview.Status);
        long[] expected = [-Part(from, end - at, end - start), Part(to, end - at, end - start)];
        Assert.Equal(expected, Lines(preview.Body).Select(line => (long)line["amount"]!));
        Assert.All(Lines(preview.Body), line => Assert.True((bool)line["parent"]!["subscription_item_details"]!["proration"]!));
        Assert.All(Lines(preview.Body), line => Assert.Equal((at, end), ((long)line["period"]!["start"]!, (long)line["period"]!["end"]!)));
        Assert.Empty((await stripe.Get("/v1/invoiceitems")).Data);

        var changed = await stripe.Post($"/v1/subscriptions/{subscription.Id}", change);
        Assert.Equal((start, end), changed.Period());
        var invoice = await stripe.Get($"/v1/invoices/{changed.Text("latest_invoice")}");
        Assert.Equal(expected, Lines(invoice.Body).Select(line => (long)line["amount"]!));
        Assert.Equal((preview.Number("total"), preview.Number("amount_due"), preview.Number("ending_balance")), (invoice.Number("total"), invoice.Number("amount_due"), invoice.Number("ending_balance")));
        Assert.Equal("paid", invoice.Text("status"));
        var balance = (await stripe.Get($"/v1/customers/{customer}")).Number("balance");
        Assert.Equal(invoice.Number("ending_balance"), balance);
        Assert.Equal(invoice.Number("total") + invoice.Number("starting_balance"), invoice.Number("amount_paid") + balance);
        Assert.NotNull(invoice.At("lines", "data", "0", "parent", "subscription_item_details", "proration_details", "credited_items"));
    }

    [Fact]
    public async Task ProrationsWaitForTheNextInvoice()
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(), await stripe.Price(1000));
        var target = await stripe.Price(3000);
        var (start, end) = subscription.Period();
        stripe.AdvanceTo(start + 10 * Day);
        var at = start + 9 * Day;
        (string, object)[] change = [("items[0][id]", subscription.Item()), ("items[0][price]", target), ("proration_date", at)];
        var preview = await stripe.Post("/v1/invoices/create_preview", [("subscription", subscription.Id), .. change.Select(one => ($"subscription_details{Nested(one.Item1)}", one.Item2))]);
        await stripe.Post($"/v1/subscriptions/{subscription.Id}", change);
        Assert.Equal(2, (await stripe.Get("/v1/invoiceitems?pending=true")).Data.Count);
        Assert.Single(await stripe.Invoices(subscription.Id));

        stripe.AdvanceTo(end + 2 * Hour);
        var renewal = (await stripe.Invoices(subscription.Id))[1];
        Assert.Equal([-Part(1000, end - at, end - start), Part(3000, end - at, end - start), 3000], Lines(renewal).Select(line => (long)line["amount"]!));
        Assert.Equal(preview.Number("total"), (long)renewal["total"]!);
        Assert.Equal((long)renewal["total"]!, (long)renewal["amount_paid"]!);
        Assert.Empty((await stripe.Get("/v1/invoiceitems?pending=true")).Data);
    }

    [Fact]
    public async Task ACreditPaysTheNextRenewals()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Subscriber();
        var subscription = await stripe.Subscribe(customer, await stripe.Price(9000));
        await stripe.Post($"/v1/subscriptions/{subscription.Id}", ("items[0][id]", subscription.Item()), ("items[0][price]", await stripe.Price(1000)),
            ("proration_behavior", "always_invoice"), ("proration_date", subscription.Period().Start));
        Assert.Equal(-8000, (await stripe.Get($"/v1/customers/{customer}")).Number("balance"));
        stripe.Advance(40 * Day);
        var renewal = (await stripe.Invoices(subscription.Id))[2];
        Assert.Equal((1000L, 0L, -8000L, -7000L, "paid"),
            ((long)renewal["total"]!, (long)renewal["amount_due"]!, (long)renewal["starting_balance"]!, (long)renewal["ending_balance"]!, (string)renewal["status"]!));
        Assert.Empty((await stripe.Get($"/v1/invoice_payments?invoice={(string)renewal["id"]!}")).Data);
        Assert.Equal([1000L, -8000L], (await stripe.Get($"/v1/customers/{customer}/balance_transactions")).Data.Select(one => (long)one["amount"]!));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("create_prorations")]
    public async Task AnotherIntervalBeginsANewPeriodAtOnce(string behavior)
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(), await stripe.Price(1000));
        var (start, end) = subscription.Period();
        stripe.AdvanceTo(start + 5 * Day);
        var changed = await stripe.Post($"/v1/subscriptions/{subscription.Id}", ("items[0][id]", subscription.Item()), ("items[0][price]", await stripe.Price(10000, "year")),
            ("proration_behavior", behavior));
        var now = changed.Number("billing_cycle_anchor");
        Assert.Equal((now, new DateTimeOffset(Utc(now).AddYears(1)).ToUnixTimeSeconds()), changed.Period());
        var invoice = await stripe.Get($"/v1/invoices/{changed.Text("latest_invoice")}");
        long[] expected = behavior == "none" ? [10000] : [-Part(1000, end - now, end - start), 10000];
        Assert.Equal(expected, Lines(invoice.Body).Select(line => (long)line["amount"]!));
        Assert.Equal(("paid", "subscription_update"), (invoice.Text("status"), invoice.Text("billing_reason")));
    }

    [Fact]
    public async Task PercentagesAreNetInProrationsAndTakenOffOnlyOnce()
    {
        await using var stripe = await StripeSandbox.Start();
        var coupon = await stripe.Post("/v1/coupons", ("percent_off", 50), ("duration", "forever"));
        var subscription = await stripe.Subscribe(await stripe.Subscriber(), await stripe.Price(1000), ("discounts[0][coupon]", coupon.Id));
        var (start, _) = subscription.Period();
        var changed = await stripe.Post($"/v1/subscriptions/{subscription.Id}", ("items[0][id]", subscription.Item()), ("items[0][quantity]", 3),
            ("proration_behavior", "always_invoice"), ("proration_date", start));
        var invoice = await stripe.Get($"/v1/invoices/{changed.Text("latest_invoice")}");
        Assert.Equal([-500L, 1500L], Lines(invoice.Body).Select(line => (long)line["amount"]!));
        Assert.Equal(1000, invoice.Number("total"));
    }

    [Fact]
    public async Task AnEndNowGivesBackWhatIsUnused()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Subscriber();
        var subscription = await stripe.Subscribe(customer, await stripe.Price(3100));
        var (start, end) = subscription.Period();
        stripe.AdvanceTo(start + 10 * Day);
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/stripe/v1/subscriptions/{subscription.Id}?prorate=true&invoice_now=true");
        var over = await stripe.Send(request);
        Assert.Equal("canceled", over.Text("status"));
        var ended = over.Number("ended_at");
        Assert.Equal(-Part(3100, end - ended, end - start), (await stripe.Get($"/v1/customers/{customer}")).Number("balance"));
        Assert.Equal("paid", (string?)(await stripe.Invoices(subscription.Id))[1]["status"]);
    }

    [Fact]
    public async Task FromNothingToSomethingBeginsAPeriod()
    {
        await using var stripe = await StripeSandbox.Start();
        var subscription = await stripe.Subscribe(await stripe.Subscriber(), await stripe.Price(0));
        Assert.Equal("active", subscription.Text("status"));
        stripe.Advance(3 * Day);
        var changed = await stripe.Post($"/v1/subscriptions/{subscription.Id}", ("items[0][id]", subscription.Item()), ("items[0][price]", await stripe.Price(1500)));
        Assert.True(changed.Period().Start >= subscription.Period().Start + 3 * Day);
        Assert.Equal(1500, (await stripe.Get($"/v1/invoices/{changed.Text("latest_invoice")}")).Number("amount_paid"));
    }

    [Fact]
    public async Task AnUpgradeThatIsNotPaidIsPastDueOrNotMade()
    {
        await using var stripe = await StripeSandbox.Start();
        var customer = await stripe.Subscriber();
        var (cheap, dear) = (await stripe.Price(1000), await stripe.Price(5000));
        var subscription = await stripe.Subscribe(customer, cheap);
        await stripe.UseCard(customer, "pm_card_chargeCustomerFail");
        (string, object)[] change = [("items[0][id]", subscription.Item()), ("items[0][price]", dear), ("proration_behavior", "always_invoice")];
        var refused = await stripe.Post($"/v1/subscriptions/{subscription.Id}", [.. change, ("payment_behavior", "error_if_incomplete")]);
        Assert.Equal(402, (int)refused.Status);
        Assert.Equal(cheap, (await stripe.Subscription(subscription.Id)).Text("items", "data", "0", "price", "id"));
        var taken = await stripe.Post($"/v1/subscriptions/{subscription.Id}", change);
        Assert.Equal(("past_due", dear), (taken.Text("status"), taken.Text("items", "data", "0", "price", "id")));
    }

    private static long Part(long amount, long time, long of) => (long)Math.Round((decimal)amount * time / of, MidpointRounding.AwayFromZero);

    private static IEnumerable<JsonNode> Lines(JsonObject invoice) => invoice["lines"]!["data"]!.AsArray().Select(line => line!);

    // items[0][id] within another name is [items][0][id].
    private static string Nested(string name) => name.Contains('[', StringComparison.Ordinal) ? $"[{name[..name.IndexOf('[', StringComparison.Ordinal)]}]{name[name.IndexOf('[', StringComparison.Ordinal)..]}" : $"[{name}]";
}
