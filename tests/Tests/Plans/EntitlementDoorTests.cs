using Ledgerline.Identity;
using Ledgerline.Plans;
using Microsoft.Extensions.DependencyInjection;
using Tests.Identity;
using Tests.Persistence;
using Xunit;

namespace Tests.Plans;

/// <summary>The doors that others come in by: what a store says is an entitlement at once, and news of it travel in the same transaction.</summary>
public sealed class EntitlementDoorTests
{
    [Theory, EveryDatabase]
    public async Task What_a_store_says_is_an_entitlement_at_once(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var account = await world.Account();
        Assert.Equal("business_free_trial", (await world.Entitlements.Of(account)).Tier);

        var facts = await world.Facts(account, "business_basic", EntitlementStatus.Incomplete);
        Assert.True(await world.Put(facts));
        Assert.False((await world.Entitlements.Of(account)).IsSubscribed);
        Assert.True(await world.Put(facts with { Status = EntitlementStatus.Active }));
        Assert.False(await world.Put(facts with { Status = EntitlementStatus.Active }));

        var standing = await world.Entitlements.Of(account);
        Assert.True(standing.IsSubscribed);
        Assert.Equal(("business_basic", 20L), (standing.Tier, standing.CallsRemainingThisWeek));
        Assert.False(standing.Trial.IsActive);
        Assert.Equal(facts with { Status = EntitlementStatus.Active }, standing.Active(PlanProduct.Calls)!.Facts);
        Assert.Equal(
            [
                new EntitlementChanged(account, PlanProduct.Calls, "business_basic", EntitlementStatus.Incomplete),
                new EntitlementChanged(account, PlanProduct.Calls, "business_basic", EntitlementStatus.Active),
            ],
            world.Heard.OfType<EntitlementChanged>());
    }

    [Theory, EveryDatabase]
    public async Task A_plan_that_gives_access_does_not_make_way_for_the_end_of_another(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var account = await world.Account();
        var old = await world.Subscribe(account, "business_basic", "sub_old");
        await world.Subscribe(account, "business_professional", "sub_new");

        Assert.False(await world.Put(old with { Status = EntitlementStatus.Expired }));
        Assert.Equal("business_professional", (await world.Entitlements.Of(account)).Tier);
        Assert.True(await world.Put((await world.Facts(account, "business_professional", sourceId: "sub_new")) with { Status = EntitlementStatus.Expired }));
        Assert.False((await world.Entitlements.Of(account)).IsSubscribed);
    }

    [Theory, EveryDatabase]
    public async Task The_catalogue_is_there_at_every_start_and_only_once(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var plans = await world.Catalog.Current();
        Assert.Equal(PlanSeeds.All(world.Options).Select(seed => seed.Id), plans.Select(plan => plan.Id));
        Assert.All(plans, plan => Assert.Equal(1, plan.Version));
        Assert.Equal(plans.Select(plan => new PlanChanged(plan.Id, 1)).Order(ById), world.Heard.Cast<PlanChanged>().Order(ById));

        await using var node = world.Node();
        await node.Catalog.Seed(PlanSeeds.All(world.Options), default);
        Assert.Empty(node.Heard);
        Assert.Equal(plans.Count, (await node.Catalog.Current()).Count);
        Assert.Equal(499_90, plans.Single(plan => plan.Id == "basic_yearly").Price!.Value.Minor);
        Assert.Equal(["business_basic_yearly", "business_professional_yearly", "business_enterprise_yearly"],
            plans.Where(plan => plan is { Product: PlanProduct.Calls, Type: PlanType.Yearly }).Select(plan => plan.Id));
    }

    [Theory, EveryDatabase]
    public async Task Who_registers_has_a_trial_of_the_platform_it_registers_with(string engine)
    {
        await using var world = await People.World(engine);
        var entitlements = world.Services.GetRequiredService<Entitlements>();
        foreach (var (header, value, appType, calls) in new[]
        {
            ("X-App-Type", "mobile", Platform.MobileConsumer, 3), ("User-Agent", "Speech-Assistant-Mobile-iOS/1.0", Platform.MobileConsumer, 3),
            ("X-App-Type", "web", Platform.WebBusiness, 4), ("Accept", "application/json", Platform.WebBusiness, 4),
        })
        {
            var account = await Caller.Register(world, $"{Guid.NewGuid():N}@example.com", (header, value));
            var standing = await entitlements.Of(account.Id);
            Assert.Equal((appType, calls, calls), (standing.AppType, standing.Trial.Calls, standing.Trial.Remaining));
            Assert.Equal(appType, (await world.Services.GetRequiredService<Accounts>().Find(account.Id))!.Platform);
            Assert.Equal(standing.Trial.StartedAt.AddDays(7), standing.Trial.EndsAt);
        }
    }

    private static readonly Comparer<PlanChanged> ById = Comparer<PlanChanged>.Create((one, other) => string.CompareOrdinal(one.PlanId, other.PlanId));
}
