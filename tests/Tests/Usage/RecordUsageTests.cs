using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Ledgerline.Usage.Recorded;
using Tests.Billing;
using Tests.Persistence;
using Xunit;

namespace Tests.Usage;

/// <summary>What an account says it used, through the routes its clients know.</summary>
public sealed class RecordUsageTests
{
    private const string Path = "/payments/record-usage";

    [Theory, EveryDatabase]
    public async Task A_use_is_recorded_at_our_price_and_shown_in_its_month(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        var first = await Record(customer, """{"service_type":"voice_call","usage_amount":5,"usage_unit":"minutes"}""");
        Assert.Equal((true, 25, "Recorded 5 minutes of voice_call"), (first.GetProperty("success").GetBoolean(), Cost(first), first.GetProperty("message").GetString()));
        Assert.InRange(first.GetProperty("usage_record_id").GetInt64(), 1, (1L << 53) - 1);
        await Record(customer, """{"service_type":"voice_call","usage_amount":18,"usage_unit":"minutes","cost_per_unit":0.0001}""");
        await Record(customer, """{"service_type":"transcription","usage_amount":45,"usage_unit":"minutes"}""");
        Assert.Equal(500, Cost(await Record(customer, """{"service_type":"custom_scenario","usage_amount":1,"usage_unit":"setup"}""")));
        var other = await shop.NewCustomer();
        await Record(other, """{"service_type":"sms","usage_amount":3,"usage_unit":"messages"}""");

        var month = shop.World.Clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture);
        string expected = $$$"""
            {"success":true,"billing_period":"{{{month}}}","usage_summary":{"transcription":{"total_amount":45,"total_cost":90,"unit":"minutes","records":1},"voice_call":{"total_amount":23,"total_cost":115,"unit":"minutes","records":2},"custom_scenario":{"total_amount":1,"total_cost":500,"unit":"setup","records":1}},"total_cost":705,"currency":"usd"
            """;
        Assert.StartsWith(expected.Trim(), (await customer.Get("/payments/usage-summary")).Text, StringComparison.Ordinal);
        Assert.StartsWith(expected.Trim(), (await customer.Get($"/payments/usage-summary?billing_period={month}")).Text, StringComparison.Ordinal);
        Assert.Contains(
            "\"usage_summary\":{},\"total_cost\":0", (await customer.Get("/payments/usage-summary?billing_period=2020-02")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"service_type":"fax","usage_amount":1,"usage_unit":"pages"}""", "body -> service_type")]
    [InlineData("""{"usage_amount":1,"usage_unit":"minutes"}""", "body -> service_type")]
    [InlineData("""{"service_type":"sms","usage_unit":"messages"}""", "body -> usage_amount")]
    [InlineData("""{"service_type":"sms","usage_amount":0,"usage_unit":"messages"}""", "body -> usage_amount")]
    [InlineData("""{"service_type":"sms","usage_amount":-5,"usage_unit":"messages"}""", "body -> usage_amount")]
    [InlineData("""{"service_type":"sms","usage_amount":1.5,"usage_unit":"messages"}""", "body -> usage_amount")]
    [InlineData("""{"service_type":"sms","usage_amount":1000001,"usage_unit":"messages"}""", "body -> usage_amount")]
    [InlineData("""{"service_type":"sms","usage_amount":99999999999999999999,"usage_unit":"messages"}""", "body -> usage_amount")]
    [InlineData("""{"service_type":"sms","usage_amount":1e3,"usage_unit":"messages"}""", "body -> usage_amount")]
    [InlineData("""{"service_type":"sms","usage_amount":"many","usage_unit":"messages"}""", "body -> usage_amount")]
    [InlineData("""{"service_type":"sms","usage_amount":1}""", "body -> usage_unit")]
    [InlineData("""{"service_type":"sms","usage_amount":1,"usage_unit":" "}""", "body -> usage_unit")]
    [InlineData("""{"service_type":"sms","usage_amount":1,"usage_unit":"a\u0000b"}""", "body -> usage_unit")]
    [InlineData("""{"service_type":"sms","usage_amount":1,"usage_unit":"messages","resource_id":0}""", "body -> resource_id")]
    [InlineData("""{"service_type":"sms","usage_amount":1,"usage_unit":"messages","resource_id":9007199254740992}""", "body -> resource_id")]
    [InlineData("""{"service_type":"sms","usage_amount":1,"usage_unit":"messages","cost_per_unit":"free"}""", "body -> cost_per_unit")]
    [InlineData("""{"service_type":"sms","usage_amount":1,"usage_unit":"messages","cost_per_unit":-1}""", "body -> cost_per_unit")]
    [InlineData("""{"service_type":"sms","usage_amount":1,"usage_unit":"messages","cost_per_unit":1000.01}""", "body -> cost_per_unit")]
    [InlineData("""{"service_type":"sms","usage_amount":1,"usage_unit":"messages","cost_per_unit":1e99}""", "body -> cost_per_unit")]
    [InlineData("[]", "body")]
    [InlineData("{", "body")]
    [InlineData("", "body")]
    public async Task What_cannot_have_been_used_is_422_in_the_flat_form(string body, string field)
    {
        await using var shop = await Shop.Open();
        var @operator = await Operator(shop);
        var (status, text) = await @operator.Post(Path, body);
        Assert.Equal(422, status);
        var answer = JsonDocument.Parse(text).RootElement;
        Assert.Equal("Validation error", answer.GetProperty("detail").GetString());
        Assert.Equal(field, Assert.Single(answer.GetProperty("errors").EnumerateArray()).GetProperty("field").GetString());
        Assert.Equal(0, await shop.Row<long>("SELECT COUNT(*) FROM service_usage"));
    }

    [Fact]
    public async Task Only_an_operator_sets_a_price()
    {
        await using var shop = await Shop.Open();
        const string body = """{"service_type":"sms","usage_amount":1,"usage_unit":"messages","cost_per_unit":0.29}""";
        var customer = await shop.NewCustomer();
        Assert.Equal(1, Cost(await Record(customer, body)));
        Assert.Equal(1, Cost(await Record(customer, body.Replace("0.29", "-7", StringComparison.Ordinal))));
        Assert.Equal(29, Cost(await Record(await Operator(shop), body)));
        Assert.Equal(["0.01", "0.01", "0.29"], await shop.Rows<string>("SELECT unit_price FROM service_usage ORDER BY unit_price"));
    }

    [Theory, EveryDatabase]
    public async Task Ten_requests_with_one_key_or_of_one_resource_record_once(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        const string use = """{"service_type":"voice_call","usage_amount":2,"usage_unit":"minutes"}""";
        var keyed = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => customer.Post(Path, use, "one-key")));
        Assert.All(keyed, answer => Assert.True(answer.Status is 200 or 409, $"{answer.Status} {answer.Text}"));
        Assert.Single(keyed.Where(answer => answer.Status == 200).Select(answer => answer.Text).Distinct());
        Assert.Equal(422, (await customer.Post(Path, use.Replace("2", "3", StringComparison.Ordinal), "one-key")).Status);

        const string call = """{"service_type":"voice_call","usage_amount":2,"usage_unit":"minutes","resource_id":7}""";
        var same = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => customer.Post(Path, call)));
        Assert.All(same, answer => Assert.Equal(200, answer.Status));
        Assert.Single(same.Select(answer => answer.Text).Distinct());
        Assert.Equal(
            (409, """{"detail":"Usage of this resource is recorded already, with another amount"}"""),
            await customer.Post(Path, call.Replace("\"usage_amount\":2", "\"usage_amount\":3", StringComparison.Ordinal)));
        // The same number of another service, and of another account, is another thing.
        Assert.Equal(200, (await customer.Post(Path, call.Replace("voice_call", "transcription", StringComparison.Ordinal))).Status);
        Assert.Equal(200, (await (await shop.NewCustomer()).Post(Path, call)).Status);
        Assert.Equal(4, await shop.Row<long>("SELECT COUNT(*) FROM service_usage"));
    }

    [Fact]
    public async Task Nobody_records_without_signing_in()
    {
        await using var shop = await Shop.Open();
        foreach (var path in new[] { "/payments/usage-summary", "/payments/usage.csv" })
        {
            using var answer = await shop.World.Client.GetAsync(path);
            Assert.Equal(401, (int)answer.StatusCode);
        }

        using var post = await shop.World.Client.PostAsync(Path, null);
        Assert.Equal(401, (int)post.StatusCode);
    }

    [Theory]
    [InlineData("2026-13")]
    [InlineData("2026-00")]
    [InlineData("2026-1")]
    [InlineData("2026-11-01")]
    [InlineData("november")]
    [InlineData("")]
    [InlineData("2026-11&billing_period=2026-10")]
    [InlineData("0000-01")]
    public async Task A_month_that_is_none_is_422(string month)
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        foreach (var path in new[] { "/payments/usage-summary", "/payments/usage.csv" })
        {
            var (status, text) = await customer.Get($"{path}?billing_period={month}");
            Assert.Equal(422, status);
            Assert.Equal(
                "query -> billing_period", JsonDocument.Parse(text).RootElement.GetProperty("errors")[0].GetProperty("field").GetString());
        }
    }

    [Theory, EveryDatabase]
    public async Task A_month_of_ten_thousand_prices_adds_up_exactly(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var account = (await shop.NewCustomer()).Account;
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var uses = Enumerable.Range(0, 10_000).Select(i =>
        {
            var (text, exact) = ExactCostTests.RandomPrice(random);
            var amount = random.NextInt64(1, 50);
            var service = MeteredService.All[random.Next(MeteredService.All.Count)].Name;
            return (Use: new NewServiceUse(account, service, amount) { UnitPrice = decimal.Parse(text, CultureInfo.InvariantCulture), Resource = $"r{i}" }, Exact: exact * amount);
        }).ToList();
        var usage = shop.Get<ServiceUsage>();
        foreach (var some in uses.Chunk(2500))
        {
            await shop.World.Database.Write(transaction => some.ToList().ForEach(one => usage.RecordOnce(transaction, one.Use)));
        }

        await shop.World.Database.Write(transaction => usage.RecordOnce(transaction, uses[0].Use));
        var sums = await usage.Sums(account, BillingMonth.Of(shop.World.Clock.GetUtcNow()));
        var expected = uses.GroupBy(one => one.Use.Service).ToDictionary(
            group => group.Key,
            group => (group.Sum(one => one.Use.Amount), ExactCostTests.Cents(group.Aggregate(BigInteger.Zero, (sum, one) => sum + one.Exact)), (long)group.Count()));
        Assert.Equal(expected, sums.ToDictionary(sum => sum.Service, sum => (sum.Amount, sum.CostCents, sum.Records)));
        foreach (var (cents, exact) in (await shop.Rows<(string Resource, long Cents)>("SELECT resource, total_cents FROM service_usage"))
            .Join(uses, row => row.Resource, use => use.Use.Resource, (row, use) => (row.Cents, use.Exact)))
        {
            Assert.True(cents == ExactCostTests.Cents(exact), $"Seed {seed}: {cents} instead of {ExactCostTests.Cents(exact)}");
        }
    }

    private static async Task<Customer> Operator(Shop shop)
    {
        var customer = await shop.NewCustomer();
        await shop.World.Database.Write(transaction => transaction.Execute(
            "UPDATE accounts SET is_admin = true WHERE account_id = @Account", new { customer.Account }));
        return customer;
    }

    private static async Task<JsonElement> Record(Customer customer, string body)
    {
        var (status, text) = await customer.Post(Path, body);
        Assert.True(status == 200, $"{status} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private static long Cost(JsonElement answer) => answer.GetProperty("total_cost").GetInt64();
}
