using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Plans;
using Ledgerline.Usage.Recorded;
using Tests.Billing;
using Tests.Persistence;
using Xunit;

namespace Tests.Usage;

/// <summary>Who pays by use pays what was promised, once, in the transaction that records it; everybody else is only shown it.</summary>
public sealed class PayAsYouGoTests
{
    [Theory, EveryDatabase]
    public async Task Only_a_subscriber_of_it_is_billed_and_never_for_what_was_paid(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var (payer, ended, other) = (await shop.NewCustomer(), await shop.NewCustomer(), await shop.NewCustomer());
        await Subscribe(shop, payer.Account, "active");
        await Subscribe(shop, ended.Account, "canceled");
        foreach (var customer in new[] { payer, ended, other })
        {
            const string call = """{"service_type":"voice_call","usage_amount":7,"usage_unit":"minutes","resource_id":5}""";
            Assert.Equal(200, (await customer.Post("/payments/record-usage", call)).Status);
            Assert.Equal(200, (await customer.Post("/payments/record-usage", call)).Status);
        }

        var usage = shop.Get<ServiceUsage>();
        await shop.World.Database.Write(transaction => usage.RecordOnce(
            transaction, new NewServiceUse(payer.Account, MeteredService.Transcription, 3) { Resource = "paid", IsPrepaid = true }));
        await shop.World.Database.Write(transaction => usage.RecordOnce(
            transaction, new NewServiceUse(payer.Account, MeteredService.Sms, 2) { Resource = "sent" }));

        Assert.Equal(
            [(payer.Account.ToString(), "sms", 2L), (payer.Account.ToString(), "voice_call", 7L)],
            await shop.Rows<(string, string, long)>("SELECT account_id, service, amount FROM metered_usage ORDER BY service"));
        Assert.Equal(
            await shop.Rows<string>("SELECT CAST(id AS text) FROM service_usage WHERE is_billed ORDER BY CAST(id AS text)"),
            await shop.Rows<string>("SELECT id FROM metered_usage ORDER BY id"));
        Assert.Equal(5, await shop.Row<long>("SELECT COUNT(*) FROM service_usage"));
    }

    [Fact]
    public async Task A_price_that_is_changed_is_the_price_of_those_who_come_later()
    {
        await using var shop = await Shop.Open();
        var (before, after, @operator) = (await shop.NewCustomer(), await shop.NewCustomer(), await shop.NewCustomer());
        await Subscribe(shop, before.Account, "active");
        await shop.World.Database.Write(transaction => transaction.Execute(
            "UPDATE accounts SET is_admin = true WHERE account_id = @Account", new { @operator.Account }));
        var changed = await @operator.Post(
            "/payments/admin/subscription-plans/usage_based",
            """{"pricing":{"voice_per_minute":0.055,"sms_per_message":0.01,"transcription_per_minute":0.02,"custom_scenario_setup":5.0}}""",
            method: HttpMethod.Put);
        Assert.True(changed.Status == 200, changed.Text);
        await Subscribe(shop, after.Account, "active", version: 2);
        foreach (var (customer, cents) in new[] { (before, 5), (after, 6), (await shop.NewCustomer(), 6) })
        {
            var (_, text) = await customer.Post("/payments/record-usage", """{"service_type":"voice_call","usage_amount":1,"usage_unit":"minutes"}""");
            Assert.Equal(cents, JsonDocument.Parse(text).RootElement.GetProperty("total_cost").GetInt64());
        }

        // Two minutes at 5.5 cents are 11 cents, however they were rounded one by one.
        await after.Post("/payments/record-usage", """{"service_type":"voice_call","usage_amount":1,"usage_unit":"minutes"}""");
        var summary = JsonDocument.Parse((await after.Get("/payments/usage-summary")).Text).RootElement;
        Assert.Equal(11, summary.GetProperty("total_cost").GetInt64());
        var status = JsonDocument.Parse((await after.Get("/payments/subscription-status")).Text).RootElement;
        Assert.Equal("""{"voice_call":{"amount":2,"cost":11,"unit":"minutes"}}""", status.GetProperty("current_usage").ToString());
    }

    [Fact]
    public async Task The_summary_shows_allowances_and_what_was_refused_for_lack_of_one()
    {
        await using var shop = await Shop.Open();
        var customer = await shop.NewCustomer();
        var refusals = shop.Get<Refusals>();
        for (var i = 0; i < 2; i++)
        {
            await shop.World.Database.Write(transaction => refusals.Count(transaction, customer.Account, UsedService.VoiceCall, "weekly_limit_reached"));
        }

        var summary = JsonDocument.Parse((await customer.Get("/payments/usage-summary")).Text).RootElement;
        var trial = summary.GetProperty("allowances").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "trial_calls");
        Assert.Equal((0, 4, 4), (trial.GetProperty("used").GetInt64(), trial.GetProperty("limit").GetInt64(), trial.GetProperty("remaining").GetInt64()));
        Assert.Equal("""[{"service":"voice_call","reason":"weekly_limit_reached","count":2}]""", summary.GetProperty("refused").ToString());

        var past = JsonDocument.Parse((await customer.Get("/payments/usage-summary?billing_period=2020-01")).Text).RootElement;
        Assert.Equal("[] []", $"{past.GetProperty("allowances")} {past.GetProperty("refused")}");
    }

    private static async Task Subscribe(Shop shop, AccountId account, string status, int version = 1)
    {
        var now = shop.World.Clock.GetUtcNow();
        var facts = new EntitlementFacts(
            account, PlanProduct.VoiceFeatures, "usage_based", version, "app_store", $"sub_{account}", status, now.AddDays(-1), now.AddDays(30), false, null,
            status == "canceled" ? now.AddHours(-1) : null);
        await shop.World.Database.Write(transaction => shop.Get<Entitlements>().Put(transaction, facts));
    }
}
