using Ledgerline.Billing.Subscriptions;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>Events that never came: the nightly comparison finds what they would have told, settles it, and writes it down.</summary>
public sealed class ReconciliationTests
{
    [Theory, EveryDatabase]
    public async Task Lost_events_are_made_good_and_reported(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        var subscriber = await shop.NewSubscriber();
        var id = await subscriber.Subscribe("basic_monthly");
        await shop.Heard();
        var quiet = await shop.Get<Reconciliation>().Run(CancellationToken.None);
        Assert.Empty(quiet!.Differences);
        Assert.Equal((1, 1), (quiet.Subscriptions, quiet.Invoices));

        // Nobody hears any more.
        await shop.Shop.HoldWebhooks();
        await shop.StripePost($"subscriptions/{id}", ("cancel_at_period_end", "true"));
        await shop.Shop.Stripe($"subscriptions/{id}");
        var other = await shop.NewSubscriber();
        await other.Subscribe("pro_monthly");
        await shop.World.Database.Write(transaction => transaction.Execute("DELETE FROM payments WHERE amount_minor = 9999"));

        var report = await shop.Get<Reconciliation>().Run(CancellationToken.None);

        Assert.Equal(
            ["ends with its period at Stripe, unlike here", "is paid at Stripe and not here"],
            report!.Differences.Select(difference => difference.Sentence).Order());
        Assert.True((await subscriber.Status()).GetProperty("cancel_at_period_end").GetBoolean());
        Assert.Equal("9999 succeeded Payment for pro_monthly", await other.Paid());
        Assert.Equal(2, await shop.Row<long>($"SELECT count(*) FROM reconciliation_differences WHERE reconciliation_id = '{report.Id}'"));
        Assert.Equal(2, await shop.Row<long>($"SELECT differences FROM reconciliations WHERE id = '{report.Id}'"));
        Assert.Contains(shop.World.Logs.All, line => line.Contains("is paid at Stripe and not here", StringComparison.Ordinal));
        Assert.Empty((await shop.Get<Reconciliation>().Run(CancellationToken.None))!.Differences);
        await shop.Shop.ReleaseWebhooks();
        await shop.Heard();
    }

    [Fact]
    public async Task It_runs_by_itself_each_night_and_by_hand()
    {
        await using var shop = await PlanShop.Open();
        var (code, lines) = await ReconcileWithStripe.Verb(shop.World.Services);
        Assert.Equal((0, "Nobody has paid through Stripe yet: there is nothing to compare."), (code, Assert.Single(lines)));
        var subscriber = await shop.NewSubscriber();
        await subscriber.Subscribe("basic_monthly");
        await shop.Heard();

        await shop.Pass(TimeSpan.FromDays(1));
        await TestWorld.Until(async () => await shop.Row<long>("SELECT count(*) FROM reconciliations WHERE finished_at IS NOT NULL AND differences = 0") > 0, "the night's comparison is done");

        (code, lines) = await ReconcileWithStripe.Verb(shop.World.Services);
        Assert.Equal((0, "1 subscriptions and 1 invoices compared with Stripe, 0 differences settled."), (code, lines[^1]));
    }
}
