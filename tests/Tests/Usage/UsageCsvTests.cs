using System.Text;
using Ledgerline.Usage.Recorded;
using Tests.Billing;
using Tests.Persistence;
using Xunit;

namespace Tests.Usage;

public sealed class UsageCsvTests
{
    private const string Heading =
        "usage_record_id,recorded_at,billing_period,service_type,usage_amount,usage_unit,cost_per_unit,total_cost,currency,resource_id";

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a, b", "\"a, b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\r\nlines", "\"two\r\nlines\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("  =1", "'  =1")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("＝1", "'＝1")]
    [InlineData(null, "")]
    public void A_cell_is_quoted_and_never_a_formula(string? cell, string written)
    {
        var text = new StringBuilder();
        CsvLine.Append(text, "first", cell);
        Assert.Equal($"first,{written}\r\n", text.ToString());
    }

    [Theory, EveryDatabase]
    public async Task Every_use_of_the_month_is_a_line_and_no_one_elses(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var (customer, other) = (await shop.NewCustomer(), await shop.NewCustomer());
        await customer.Post("/payments/record-usage", """{"service_type":"sms","usage_amount":3,"usage_unit":"=cmd,1","resource_id":12}""");
        await other.Post("/payments/record-usage", """{"service_type":"sms","usage_amount":4,"usage_unit":"messages"}""");
        var usage = shop.Get<ServiceUsage>();
        const int many = 2345;
        foreach (var some in Enumerable.Range(0, many).Chunk(1000))
        {
            shop.World.Clock.Advance(TimeSpan.FromSeconds(1));
            await shop.World.Database.Write(transaction => some.ToList().ForEach(
                i => usage.RecordOnce(transaction, new NewServiceUse(customer.Account, MeteredService.Transcription, 1) { Resource = $"r{i}" })));
        }

        using var answer = await customer.Ask(HttpMethod.Get, "/payments/usage.csv");
        Assert.Equal("text/csv; charset=utf-8; header=present", answer.Content.Headers.ContentType!.ToString());
        Assert.StartsWith("attachment; filename=\"usage-20", answer.Content.Headers.ContentDisposition!.ToString(), StringComparison.Ordinal);
        var lines = (await answer.Content.ReadAsStringAsync()).Split("\r\n");
        Assert.Equal((Heading, ""), (lines[0], lines[^1]));
        Assert.Equal(many + 3, lines.Length);
        Assert.EndsWith(",sms,3,\"'=cmd,1\",0.01,3,usd,12", lines[1], StringComparison.Ordinal);
        Assert.Equal(many, lines.Skip(2).SkipLast(1).Select(line => line.Split(',')[9]).Distinct().Count());
        Assert.Equal(many + 1, lines.Skip(1).SkipLast(1).Select(line => line.Split(',')[0]).Distinct().Count());
        var times = lines.Skip(1).SkipLast(1).Select(line => line.Split(',')[1]).ToList();
        Assert.Equal(times.Order(StringComparer.Ordinal), times);
        Assert.Equal(Heading + "\r\n", (await customer.Get("/payments/usage.csv?billing_period=2020-01")).Text);
    }
}
