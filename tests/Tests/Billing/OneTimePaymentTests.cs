using System.Net;
using System.Text.Json;
using Tests.Persistence;
using Xunit;

namespace Tests.Billing;

/// <summary>Amounts that are paid once in the browser.</summary>
public sealed class OneTimePaymentTests
{
    private const string Path = "/payments/create-payment-intent";

    [Theory, EveryDatabase]
    public async Task An_intent_is_opened_for_the_accounts_one_customer(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        var body = await Opened(customer, """{"amount":1999,"metadata":{"campaign":"autumn","account_id":"somebody-else"}}""");
        Assert.Equal(["success", "client_secret", "payment_intent_id"], body.EnumerateObject().Select(member => member.Name));
        Assert.True(body.GetProperty("success").GetBoolean());
        var id = body.GetProperty("payment_intent_id").GetString()!;

        var intent = await shop.Stripe($"payment_intents/{id}");
        Assert.Equal((1999, "usd", "Speech Assistant Service"), (
            intent.GetProperty("amount").GetInt64(), intent.GetProperty("currency").GetString(), intent.GetProperty("description").GetString()));
        Assert.Equal(body.GetProperty("client_secret").GetString(), intent.GetProperty("client_secret").GetString());
        Assert.Equal(
            $$"""{"account_id":"{{customer.Account}}","campaign":"autumn"}""", JsonSerializer.Serialize(intent.GetProperty("metadata")));
        Assert.Equal(
            intent.GetProperty("customer").GetString(),
            await shop.Row<string>($"SELECT customer_id FROM stripe_customers WHERE account_id = '{customer.Account}'"));
    }

    [Theory]
    [InlineData("""{}""", "body -> amount")]
    [InlineData("""{"amount":null}""", "body -> amount")]
    [InlineData("""{"amount":49}""", "body -> amount")]
    [InlineData("""{"amount":0}""", "body -> amount")]
    [InlineData("""{"amount":-100}""", "body -> amount")]
    [InlineData("""{"amount":1000000}""", "body -> amount")]
    [InlineData("""{"amount":99999999999999999999}""", "body -> amount")]
    [InlineData("""{"amount":99.5}""", "body -> amount")]
    [InlineData("""{"amount":"much"}""", "body -> amount")]
    [InlineData("""{"amount":100,"currency":7}""", "body -> currency")]
    [InlineData("""{"amount":100,"description":"two\nlines"}""", "body -> description")]
    [InlineData("""{"amount":100,"metadata":[]}""", "body -> metadata")]
    [InlineData("""{"amount":100,"metadata":{"a":1}}""", "body -> metadata -> a")]
    [InlineData("""{"amount":100,"metadata":{"a":null}}""", "body -> metadata -> a")]
    [InlineData("""{"amount":100,"metadata":{"":"b"}}""", "body -> metadata")]
    [InlineData("""{"amount":100,"metadata":{"a[b]":"c"}}""", "body -> metadata")]
    public async Task What_cannot_be_paid_is_422_in_the_flat_form(string body, string field)
    {
        await using var shop = await Shop.Open();
        var (status, text) = await (await shop.NewCustomer()).Post(Path, body);
        Assert.Equal(422, status);
        var answer = JsonDocument.Parse(text).RootElement;
        Assert.Equal("Validation error", answer.GetProperty("detail").GetString());
        Assert.Equal(field, Assert.Single(answer.GetProperty("errors").EnumerateArray()).GetProperty("field").GetString());
        Assert.Equal(0, await shop.Row<long>("SELECT COUNT(*) FROM stripe_customers"));
    }

    [Fact]
    public async Task Metadata_and_limits_are_taken_up_to_their_edge()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        string Entries(int count) => JsonSerializer.Serialize(
            Enumerable.Range(0, count).ToDictionary(i => $"{i}".PadRight(40, 'n'), _ => new string('v', 500)));
        Assert.Equal(200, (await customer.Post(Path, $$"""{"amount":50,"metadata":{{Entries(49)}} }""")).Status);
        Assert.Equal(422, (await customer.Post(Path, $$"""{"amount":50,"metadata":{{Entries(50)}} }""")).Status);
        Assert.Equal(200, (await customer.Post(Path, """{"amount":999999,"currency":"USD"}""")).Status);
        Assert.Equal(422, (await customer.Post(Path, $$$"""{"amount":50,"metadata":{"{{{new string('n', 41)}}}":"v"}}""")).Status);
        Assert.Equal(422, (await customer.Post(Path, $$$"""{"amount":50,"metadata":{"n":"{{{new string('v', 501)}}}"}}""")).Status);
        Assert.Equal(422, (await customer.Post(Path, $$"""{"amount":50,"description":"{{new string('d', 501)}}"}""")).Status);
    }

    [Fact]
    public async Task Another_currency_is_refused_until_the_operator_takes_it()
    {
        await using (var shop = await Shop.Open())
        {
            Assert.Equal(
                (400, """{"detail":"Failed to create payment intent: the currency must be usd"}"""),
                await (await shop.NewCustomer()).Post(Path, """{"amount":100,"currency":"eur"}"""));
        }

        await using (var shop = await Shop.Open(settings: new() { ["PAYMENT_CURRENCIES"] = "usd, EUR" }))
        {
            var customer = await shop.NewCustomer();
            await Opened(customer, """{"amount":100,"currency":"EUR"}""");
            Assert.Equal(
                """{"detail":"Failed to create payment intent: the currency must be usd or eur"}""", (await customer.Post(Path, """{"amount":100,"currency":"xxx"}""")).Text);
        }
    }

    [Theory, EveryDatabase]
    public async Task Asking_twice_opens_one_payment_with_a_key_and_without(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        var node = customer.At(await shop.World.StartNode());
        const string body = """{"amount":700}""";
        var clicks = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? customer : node).Post(Path, body)));
        Assert.All(clicks, click => Assert.True(click.Status == 200, $"{click.Status} {click.Text}"));
        Assert.Single(clicks.Select(click => click.Text).Distinct());

        var keyed = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? customer : node).Post(Path, body, "one-key")));
        Assert.All(keyed, click => Assert.True(click.Status is 200 or 409, $"{click.Status} {click.Text}"));
        Assert.Single(keyed.Where(click => click.Status == 200).Select(click => click.Text).Distinct());
        Assert.Equal(422, (await customer.Post(Path, """{"amount":701}""", "one-key")).Status);

        var other = await Opened(await shop.NewCustomer(), body);
        shop.World.Clock.Advance(TimeSpan.FromSeconds(31));
        var later = await Opened(customer, body);
        Assert.Equal(4, new[] { clicks[0].Text, keyed.First(click => click.Status == 200).Text, other.ToString(), later.ToString() }.Distinct().Count());
        Assert.Equal(4, (await shop.Stripe("payment_intents?limit=100")).GetProperty("data").GetArrayLength());
        Assert.Equal(2, (await shop.Stripe("customers?limit=100")).GetProperty("data").GetArrayLength());
    }

    [Theory, EveryDatabase]
    public async Task What_is_paid_or_cancelled_is_not_opened_again(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        const string body = """{"amount":700}""";
        var first = (await Opened(customer, body)).GetProperty("payment_intent_id").GetString()!;
        await SavedCardTests.AtStripe(
            shop, HttpMethod.Post, $"payment_intents/{first}/confirm", new() { ["payment_method"] = "pm_card_visa", ["return_url"] = "https://app.example.org" });

        // Another one of the same price, and a double click on that.
        var clicks = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Opened(customer, body)));
        var second = Assert.Single(clicks.Select(click => click.GetProperty("payment_intent_id").GetString()!).Distinct());
        Assert.NotEqual(first, second);
        await SavedCardTests.AtStripe(shop, HttpMethod.Post, $"payment_intents/{second}/cancel", []);
        Assert.DoesNotContain((await Opened(customer, body)).GetProperty("payment_intent_id").GetString(), new[] { first, second });
        Assert.Equal(3, (await shop.Stripe("payment_intents?limit=100")).GetProperty("data").GetArrayLength());
    }

    [Theory, EveryDatabase]
    public async Task What_Stripe_cannot_take_now_is_400_and_the_key_is_free_again(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        await shop.Fault(new { provider = "stripe", path = "/v1/payment_intents", times = 3, drop = true, when = "after" });
        const string body = """{"amount":700}""";
        Assert.Equal(
            (400, """{"detail":"Failed to create payment intent: the payment provider cannot be reached"}"""), await customer.Post(Path, body, "key"));
        // It was opened, and the same request finds it.
        Assert.Equal(200, (await customer.Post(Path, body, "key")).Status);
        Assert.Equal(1, (await shop.Stripe("payment_intents?limit=100")).GetProperty("data").GetArrayLength());
    }

    [Theory, EveryDatabase]
    public async Task What_is_paid_is_one_record_of_its_account_and_a_refund_is_seen_there(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var (customer, other) = (await shop.NewCustomer(), await shop.NewCustomer());
        await shop.World.Control("/_sandbox/stripe/webhooks", new { duplicate = 2, reorder = true });
        var id = (await Opened(customer, """{"amount":1999}""")).GetProperty("payment_intent_id").GetString()!;
        await Opened(customer, """{"amount":500,"description":"never paid"}""");
        await SavedCardTests.AtStripe(
            shop, HttpMethod.Post, $"payment_intents/{id}/confirm", new() { ["payment_method"] = "pm_card_visa", ["return_url"] = "https://app.example.org" });
        await shop.Heard();
        Assert.Equal("1999 usd succeeded one_time Speech Assistant Service", await History(customer));
        Assert.Equal("", await History(other));

        await shop.World.Control("/_sandbox/stripe/refunds", new { payment_intent = id, amount = 500 });
        await shop.Heard();
        Assert.Equal("1999 usd partially_refunded one_time Speech Assistant Service", await History(customer));
    }

    private static async Task<string> History(Customer customer)
    {
        var (status, text) = await customer.Get("/payments/billing-history");
        Assert.True(status == 200, $"{status} {text}");
        return string.Join(", ", JsonDocument.Parse(text).RootElement.GetProperty("billing_history").EnumerateArray().Select(row =>
            $"{row.GetProperty("amount")} {row.GetProperty("currency")} {row.GetProperty("status")} {row.GetProperty("payment_type")} {row.GetProperty("description")}"));
    }

    [Fact]
    public async Task A_customer_that_Stripe_has_lost_is_made_anew()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        await Opened(customer, """{"amount":700}""");
        var lost = await shop.Row<string>("SELECT customer_id FROM stripe_customers");
        await SavedCardTests.AtStripe(shop, HttpMethod.Delete, $"customers/{lost}");
        await Opened(customer, """{"amount":800}""");
        Assert.NotEqual(lost, await shop.Row<string>("SELECT customer_id FROM stripe_customers"));
    }

    [Fact]
    public async Task Without_Stripe_payments_are_503_and_without_sign_in_401()
    {
        await using var shop = await Shop.Open(adjust: builder => builder.Environment.EnvironmentName = "Production", settings: new()
        {
            ["BIND"] = "127.0.0.1",
            ["SECRET_KEY"] = "a secret of at least thirty-two characters, for this test only",
        });
        var customer = await shop.NewCustomer();
        Assert.Equal(
            (503, """{"detail":"Failed to create payment intent: payments are not configured"}"""), await customer.Post(Path, """{"amount":700}"""));
        Assert.Equal((503, """{"detail":"Failed to create setup intent: payments are not configured"}"""), await customer.Post("/payments/setup-intent", ""));
        Assert.Equal((503, """{"detail":"Failed to open the portal: payments are not configured"}"""), await customer.Post("/payments/portal", ""));
        Assert.Equal((200, """{"success":true,"cards":[]}"""), await customer.Get("/payments/cards"));
        foreach (var path in new[] { Path, "/payments/setup-intent", "/payments/portal", "/payments/cards/pm_1/default" })
        {
            using var answer = await shop.World.Client.PostAsync(path, null);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    private static async Task<JsonElement> Opened(Customer customer, string body)
    {
        var (status, text) = await customer.Post(Path, body);
        Assert.True(status == 200, $"{status} {text}");
        return JsonDocument.Parse(text).RootElement;
    }
}
