using System.Net;
using Ledgerline.Kernel;
using Ledgerline.Plans;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>Plans that can be tried first: nothing is charged, the end is announced, and nobody tries twice.</summary>
public sealed class TrialTests
{
    [Theory, EveryDatabase]
    public async Task A_trial_gives_the_plan_announces_its_end_and_is_paid_afterwards(string engine)
    {
        await using var shop = await PlanShop.Open(engine);
        await OfferTrial(shop, 14);
        var subscriber = await shop.NewSubscriber();

        var (status, answer) = await subscriber.TrySubscribe("basic_monthly");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False(answer.GetProperty("requires_action").GetBoolean());
        Assert.Equal("trialing", await subscriber.StatusWord());
        Assert.Equal("basic_monthly", await subscriber.Plan());
        await shop.Heard();
        // Its invoice is kept, and is no payment to show.
        Assert.Equal(0, await shop.Row<long>("SELECT amount_minor FROM payments"));
        Assert.Equal("""{"success":true,"billing_history":[],"total_records":0}""", (await subscriber.Ask(HttpMethod.Get, "/payments/billing-history")).ToString());
        Assert.Empty(await subscriber.Mails());

        await shop.Pass(TimeSpan.FromDays(11) + TimeSpan.FromMinutes(1));
        await TestWorld.Until(async () => (await subscriber.Mails()).Count == 1, "the end is announced");
        Assert.StartsWith("trial-ending:", (await subscriber.Mails())[0], StringComparison.Ordinal);

        await shop.PassMonth();
        await subscriber.Becomes("active");
        await TestWorld.Until(async () => (await subscriber.History()).Length == 1, "the first month is paid");
        Assert.Equal("4999 succeeded Payment for basic_monthly", await subscriber.Paid());

        // Whoever cancels and comes back pays at once.
        await subscriber.Ask(HttpMethod.Post, "/payments/cancel-subscription?at_period_end=false");
        await subscriber.Subscribe("basic_monthly");
        Assert.Equal("active", await subscriber.StatusWord());
    }

    [Fact]
    public async Task A_trial_without_a_card_ends_by_itself()
    {
        await using var shop = await PlanShop.Open();
        await OfferTrial(shop, 7);
        var subscriber = await shop.NewSubscriber();
        var (status, answer) = await subscriber.TrySubscribe("basic_monthly", card: null);
        Assert.Equal((HttpStatusCode.OK, false), (status, answer.GetProperty("requires_action").GetBoolean()));
        Assert.Equal("basic_monthly", await subscriber.Plan());

        await shop.PassMonth();

        await subscriber.Becomes("no_subscription");
        Assert.Null(await subscriber.Plan());
        Assert.Empty(await subscriber.AtStripe());
    }

    private static async Task OfferTrial(PlanShop shop, int days)
    {
        await shop.Synced();
        await shop.Get<PlanCatalog>().Change(
            new AccountId(Guid.NewGuid()),
            "basic_monthly",
            before => new PlanDraft(before.Id, before.Name, before.Type, before.Product, before.Price, before.Features) { IsCore = before.IsCore, TrialDays = days },
            CancellationToken.None);
        await shop.Synced();
    }
}
