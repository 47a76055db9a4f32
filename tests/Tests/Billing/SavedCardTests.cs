using System.Net;
using System.Text.Json;
using Xunit;

namespace Tests.Billing;

/// <summary>Cards that an account has saved at Stripe, and Stripe's own pages for it.</summary>
public sealed class SavedCardTests
{
    [Fact]
    public async Task A_card_is_saved_listed_made_the_default_and_removed()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        Assert.Equal((200, """{"success":true,"cards":[]}"""), await customer.Get("/payments/cards"));
        Assert.Equal(0, await shop.Row<long>("SELECT COUNT(*) FROM stripe_customers"));

        await Save(shop, customer, "4242424242424242");
        await Save(shop, customer, "5555555555554444");
        var cards = await Cards(customer);
        Assert.Equal([("mastercard", "4444", false), ("visa", "4242", false)], cards.Select(card => (
            card.GetProperty("brand").GetString()!, card.GetProperty("last4").GetString()!, card.GetProperty("is_default").GetBoolean())));
        Assert.Equal(["id", "brand", "last4", "exp_month", "exp_year", "is_default"], cards[0].EnumerateObject().Select(member => member.Name));

        var (first, second) = (cards[1].GetProperty("id").GetString()!, cards[0].GetProperty("id").GetString()!);
        foreach (var id in new[] { first, second, first })
        {
            Assert.Equal(
                (200, """{"success":true,"message":"Default card changed successfully"}"""), await customer.Post($"/payments/cards/{id}/default", ""));
            Assert.Equal(id, (await Cards(customer)).Single(card => card.GetProperty("is_default").GetBoolean()).GetProperty("id").GetString());
        }

        Assert.Equal(HttpStatusCode.OK, (await customer.Send(HttpMethod.Delete, $"/payments/cards/{first}")).Status);
        Assert.Equal(second, Assert.Single(await Cards(customer)).GetProperty("id").GetString());
        var (status, body) = await customer.Send(HttpMethod.Delete, $"/payments/cards/{first}");
        Assert.Equal((HttpStatusCode.NotFound, """{"detail":"Card not found"}"""), (status, body.ToString()));
    }

    [Fact]
    public async Task A_card_of_another_is_as_unknown_as_none()
    {
        await using var shop = await Shop.Open();
        var (owner, other) = (await shop.NewCustomer(), await shop.NewCustomer());
        await Save(shop, owner, "4242424242424242");
        await Save(shop, other, "4242424242424242");
        var card = (await Cards(owner))[0].GetProperty("id").GetString()!;
        foreach (var id in new[] { card, "pm_none", "pm_card_visa", "..", "a b", "%00", new string('p', 300) })
        {
            var (status, _) = await other.Send(HttpMethod.Delete, $"/payments/cards/{Uri.EscapeDataString(id)}");
            Assert.Equal(HttpStatusCode.NotFound, status);
            Assert.Equal(404, (await other.Post($"/payments/cards/{Uri.EscapeDataString(id)}/default", "")).Status);
        }

        Assert.Single(await Cards(owner));
        Assert.Equal(404, (await (await shop.NewCustomer()).Post($"/payments/cards/{card}/default", "")).Status);
    }

    [Fact]
    public async Task One_setup_a_click_and_one_customer_for_everything()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var clicks = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => i % 2 == 0
            ? customer.Post("/payments/setup-intent", "")
            : customer.Post("/payments/create-payment-intent", """{"amount":500}""")));
        Assert.All(clicks, click => Assert.True(click.Status == 200, $"{click.Status} {click.Text}"));
        Assert.Equal(2, clicks.Select(click => click.Text).Distinct().Count());
        Assert.Equal(1, (await shop.Stripe("customers?limit=100")).GetProperty("data").GetArrayLength());
        var intent = Assert.Single((await shop.Stripe("setup_intents?limit=100")).GetProperty("data").EnumerateArray());
        Assert.Equal("off_session", intent.GetProperty("usage").GetString());
        Assert.Equal(customer.Account.ToString(), intent.GetProperty("metadata").GetProperty("account_id").GetString());
    }

    [Fact]
    public async Task Stripes_pages_lead_back_only_where_they_may()
    {
        await using var shop = await Shop.Open(settings: new() { ["FRONTEND_URL"] = "https://app.example.org" });
        var customer = await shop.NewCustomer();
        foreach (var query in new[] { "", "?return_url=https%3A%2F%2Fapp.example.org%2Fbilling", "?return_url=chotto-voice%3A%2F%2Fbilling" })
        {
            var (status, text) = await customer.Post("/payments/portal" + query, "");
            Assert.True(status == 200, $"{status} {text}");
            var body = JsonDocument.Parse(text).RootElement;
            Assert.True(body.GetProperty("success").GetBoolean());
            using var page = await shop.World.Sandbox.GetAsync(body.GetProperty("url").GetString());
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        }

        foreach (var trap in new[] { "https://evil.example", "https://app.example.org@evil.example", "javascript:alert(1)", "/billing", "" })
        {
            Assert.Equal((400, """{"detail":"URL not allowed"}"""), await customer.Post($"/payments/portal?return_url={Uri.EscapeDataString(trap)}", ""));
        }
    }

    [Fact]
    public async Task Stripe_out_of_reach_is_400_in_a_sentence()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        await Save(shop, customer, "4242424242424242");
        await shop.Fault(new { provider = "stripe", path = "/v1/customers/", times = 3, status = 503 });
        Assert.Equal(
            (400, """{"detail":"Failed to read the cards: the payment provider cannot be reached"}"""), await customer.Get("/payments/cards"));
        Assert.Single(await Cards(customer));
    }

    /// <summary>As somebody with Stripe's pages open.</summary>
    internal static async Task AtStripe(Shop shop, HttpMethod method, string path, Dictionary<string, string>? form = null)
    {
        using var request = new HttpRequestMessage(method, "/stripe/v1/" + path)
        {
            Headers = { { "Authorization", "Bearer sk_test_sandbox" } },
            Content = form is null ? null : new FormUrlEncodedContent(form),
        };
        using var answer = await shop.World.Sandbox.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Opens a setup and types the card in.</summary>
    private static async Task Save(Shop shop, Customer customer, string card)
    {
        var (status, text) = await customer.Post("/payments/setup-intent", "", $"save {card}".Replace(' ', '-'));
        Assert.True(status == 200, $"{status} {text}");
        var id = JsonDocument.Parse(text).RootElement.GetProperty("setup_intent_id").GetString();
        await shop.World.Control($"/_sandbox/stripe/setup_intents/{id}", new { card });
        shop.World.Clock.Advance(TimeSpan.FromSeconds(1));
    }

    private static async Task<IReadOnlyList<JsonElement>> Cards(Customer customer)
    {
        var (status, text) = await customer.Get("/payments/cards");
        Assert.True(status == 200, $"{status} {text}");
        return [.. JsonDocument.Parse(text).RootElement.GetProperty("cards").EnumerateArray()];
    }
}
