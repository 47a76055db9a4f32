using System.Text.Json;
using Tests.Persistence;
using Xunit;

namespace Tests.Billing;

public sealed class PushBalanceTests
{
    [Theory, EveryDatabase]
    public async Task Every_change_of_the_balance_is_on_the_accounts_stream(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var customer = await shop.NewCustomer();
        var (_, payment) = await customer.Buy("starter");
        await customer.Spend(200);
        await shop.World.Control("/_sandbox/stripe/refunds", new { payment_intent = payment });
        await shop.Heard();

        var events = (await shop.Rows<string>("SELECT data FROM stream_events ORDER BY id")).Select(data => JsonDocument.Parse(data).RootElement)
            .Where(data => data.GetProperty("type").GetString() == "balance_updated").ToList();
        Assert.All(events, data => Assert.Equal("credit", data.GetProperty("unit").GetString()));
        Assert.Equal(
            ["500 purchase", "300 usage", "0 refund 200"],
            events.Where(data => data.GetProperty("reason").GetString() is "purchase" or "usage" or "refund")
                .Select(data => $"{data.GetProperty("new_balance").GetInt64()} {data.GetProperty("reason").GetString()} {data.GetProperty("owed")}".Trim()));
    }
}
