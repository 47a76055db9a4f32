using System.Net;
using Xunit;

namespace Tests.Sandbox;

/// <summary>The hosted page as a browser uses it, and Stripe's own page of the sandbox.</summary>
public sealed class StripePagesTests
{
    [Fact]
    public async Task TheHostedPageShowsTheOrderAndTakesTheMoney()
    {
        await using var stripe = await StripeSandbox.Start();
        var session = await stripe.CheckoutSession();
        var (status, page) = await Open(stripe, session.Text("url"));
        Assert.Equal(HttpStatusCode.OK, status);
        foreach (var shown in new[] { "Pro Pack", "2000 credits", "14.99 USD", "4242 4242 4242 4242", "https://shop.example/cancel", "Pay 14.99 USD" })
        {
            Assert.Contains(shown, page, StringComparison.Ordinal);
        }

        using var paid = await Submit(stripe, session, ("card", "4242 4242 4242 4242"), ("email", "anna@example.com"), ("name", "Anna"), ("expiry", "12 / 34"), ("cvc", "123"), ("method", "card"));
        Assert.Equal(HttpStatusCode.SeeOther, paid.StatusCode);
        Assert.Equal($"https://shop.example/back?from=stripe&session_id={session.Id}", paid.Headers.Location!.OriginalString);
        var now = await stripe.Get($"/v1/checkout/sessions/{session.Id}");
        Assert.Equal(("paid", "anna@example.com", "Anna"), (now.Text("payment_status"), now.Text("customer_details", "email"), now.Text("customer_details", "name")));

        using var again = await Submit(stripe, session, ("card", "4242424242424242"));
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Contains("not charged again", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("paid already", (await Open(stripe, session.Text("url"))).Page, StringComparison.Ordinal);
        Assert.Single((await stripe.Get("/v1/charges")).Data);
    }

    [Fact]
    public async Task ADeclineIsSaidOnThePage()
    {
        await using var stripe = await StripeSandbox.Start();
        var session = await stripe.CheckoutSession();
        foreach (var (card, expiry, said) in new[]
        {
            ("4000000000000002", "12 / 34", "Your card was declined."), ("4000000000009995", "12/34", "insufficient funds"), ("1234", "12 / 34", "card number is incorrect"),
            ("4242424242424242", "12 / 20", "expiration year is invalid"),
        })
        {
            using var declined = await Submit(stripe, session, ("card", card), ("expiry", expiry));
            Assert.Equal(HttpStatusCode.PaymentRequired, declined.StatusCode);
            Assert.Contains(said, await declined.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal("open", (await stripe.Get($"/v1/checkout/sessions/{session.Id}")).Text("status"));
    }

    [Fact]
    public async Task TheBanksQuestionIsAStepOfThePage()
    {
        await using var stripe = await StripeSandbox.Start();
        var session = await stripe.CheckoutSession();
        using var asked = await Submit(stripe, session, ("card", "4000 0025 0000 3155"));
        Assert.Equal((HttpStatusCode.SeeOther, $"/stripe/c/pay/{session.Id}"), (asked.StatusCode, asked.Headers.Location!.OriginalString));
        Assert.Contains("Your bank asks", (await Open(stripe, session.Text("url"))).Page, StringComparison.Ordinal);
        using var refused = await Submit(stripe, session, ("answer", "no"));
        Assert.Contains("unable to authenticate", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var second = await Submit(stripe, session, ("card", "4000 0025 0000 3155"));
        using var confirmed = await Submit(stripe, session, ("answer", "yes"));
        Assert.Equal(HttpStatusCode.SeeOther, confirmed.StatusCode);
        Assert.Equal("paid", (await stripe.Get($"/v1/checkout/sessions/{session.Id}")).Text("payment_status"));
    }

    [Fact]
    public async Task AnAppIsReachedByALinkAndARedirect()
    {
        await using var stripe = await StripeSandbox.Start();
        var session = await stripe.Post("/v1/checkout/sessions", ("mode", "payment"), ("success_url", "chotto-voice://payment/success?session_id={CHECKOUT_SESSION_ID}"),
            ("line_items[0][quantity]", 1), ("line_items[0][price_data][currency]", "usd"), ("line_items[0][price_data][unit_amount]", 499),
            ("line_items[0][price_data][product_data][name]", "<b>Starter</b>"));
        Assert.DoesNotContain("<b>Starter", (await Open(stripe, session.Text("url"))).Page, StringComparison.Ordinal);
        using var paid = await Submit(stripe, session, ("card", "4242424242424242"));
        var page = await paid.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, paid.StatusCode);
        Assert.Contains("Payment complete — return to the app", page, StringComparison.Ordinal);
        Assert.Contains($"chotto-voice://payment/success?session_id={session.Id}", page, StringComparison.Ordinal);
        Assert.Equal($"0; url=chotto-voice://payment/success?session_id={session.Id}", paid.Headers.GetValues("Refresh").Single());
    }

    [Fact]
    public async Task AnExpiredOrUnknownPageTakesNothing()
    {
        await using var stripe = await StripeSandbox.Start();
        var session = await stripe.CheckoutSession();
        stripe.Clock.Advance(TimeSpan.FromHours(25));
        Assert.Equal(HttpStatusCode.Gone, (await Open(stripe, session.Text("url"))).Status);
        using var refused = await Submit(stripe, session, ("card", "4242424242424242"));
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("You were not charged", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await Open(stripe, "/stripe/c/pay/cs_none")).Status);
        Assert.Empty((await stripe.Get("/v1/charges")).Data);
    }

    [Fact]
    public async Task StripesPageShowsWhatHappenedAndHasAButtonForIt()
    {
        await using var stripe = await StripeSandbox.Start();
        var open = await stripe.CheckoutSession();
        var intent = await stripe.Paid("4000000000000259");
        await stripe.Control("/stripe/disputes/" + (string)(await stripe.Get("/v1/disputes")).Data.Single()["id"]! + "/close", new { outcome = "won" });
        await stripe.Control("/stripe/refunds", new { payment_intent = intent, amount = 100 });
        var page = await stripe.Http.GetStringAsync("/stripe/");
        foreach (var shown in new[] { open.Id, intent, "checkout.session.completed", "/_sandbox/stripe/refunds", "/_sandbox/stripe/webhooks", "pm_card_chargeDeclined", "whsec_sandbox" })
        {
            Assert.Contains(shown, page, StringComparison.Ordinal);
        }

        var providers = await stripe.Http.GetStringAsync("/_sandbox/providers");
        Assert.Contains($"\"base_url\":\"{stripe.Address}stripe\"", providers, StringComparison.Ordinal);
        Assert.Contains("\"webhook_secret\":\"whsec_sandbox\"", providers, StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, string Page)> Open(StripeSandbox stripe, string url)
    {
        using var answer = await stripe.Http.GetAsync(url);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<HttpResponseMessage> Submit(StripeSandbox stripe, StripeAnswer session, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await stripe.Http.PostAsync(session.Text("url"), form);
    }
}
