using Ledgerline.Kernel;
using Ledgerline.Wallet;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Wallet;

/// <summary>Many holds that end with one statement; each world is audited when it ends.</summary>
public sealed class LedgerSweepTests
{
    [Theory, EveryDatabase]
    public async Task Two_nodes_that_sweep_at_once_end_each_hold_once(string engine)
    {
        await using var place = await TestDatabase.WithSchema(engine);
        await using var one = await WalletWorld.On(place);
        await using var two = await WalletWorld.On(place);
        var accounts = Enumerable.Range(0, 12).Select(_ => new AccountId(Guid.NewGuid())).ToList();
        foreach (var account in accounts)
        {
            await Grant(one, account, "a", 30);
        }

        // Half of the wallets get a second lot later, which the last of their holds need beside the first.
        await HoldAll(one, accounts, "first", 4);
        foreach (var account in accounts.Take(6))
        {
            await Grant(one, account, "b", 10);
        }

        await HoldAll(one, accounts.Take(6), "over-two-lots", 22);
        await one.Ledger.Hold(Order(accounts[11], "long", 1) with { Lifetime = TimeSpan.FromDays(1) });
        one.Clock.Advance(TimeSpan.FromMinutes(11));
        two.Clock.Advance(TimeSpan.FromMinutes(11));

        var swept = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => (i % 2 == 0 ? one : two).Ledger.Sweep())));

        Assert.Equal((12 * 3) + 6, swept.Sum());
        Assert.Equal(0, await one.Ledger.Sweep());
        var available = await Task.WhenAll(accounts.Select(Available));
        Assert.Equal(accounts.Select((_, i) => i < 6 ? 40L : i == 11 ? 29L : 30L), available);
        var spent = await new Budgets(one.Database).Spent(accounts[0], Unit.Credit);
        Assert.Equal(Credits.Zero, spent["key:first"]);
        // What the budget held is free again.
        Assert.False((await two.Ledger.Hold(Order(accounts[0], "again", 12) with { Budget = new Budget("key:first", Credits.Whole(12)) })).Refused);

        async Task<long> Available(AccountId account) => (await two.Ledger.Balance(account, Unit.Credit)).Available.Floor;
    }

    [Theory, EveryDatabase]
    public async Task A_hold_that_was_over_when_it_came_in_the_middle_of_a_sweep_ends_too_and_nothing_twice(string engine)
    {
        await using var place = await TestDatabase.WithSchema(engine);
        await using var one = await WalletWorld.On(place);
        await using var two = await WalletWorld.On(place);
        var late = new AccountId(Guid.NewGuid());
        await one.Give(10);
        await Grant(one, late, "late", 10);
        await one.Hold(3);
        two.Clock.Advance(TimeSpan.FromMinutes(11));
        Task<HoldAnswer>? hold = null;
        two.Database.Engine.Watch = sql =>
        {
            if (hold is null && sql.StartsWith("UPDATE holds SET status = 'expired'", StringComparison.Ordinal))
            {
                // Engines with one writer let it in only after the sweep.
                hold = Task.Run(() => one.Ledger.Hold(Order(late, "late", 2) with { Lifetime = TimeSpan.Zero }));
                _ = engine == "postgres" && hold.Wait(TimeSpan.FromSeconds(30));
            }
        };

        var swept = await two.Ledger.Sweep();

        Assert.False((await hold!).Refused);
        swept += await two.Ledger.Sweep();
        Assert.Equal(2, swept);
        Assert.Equal(10, (await two.Ledger.Balance(late, Unit.Credit)).Available.Floor);
        Assert.Equal((10, 0), await one.Balance());
    }

    [Theory, EveryDatabase]
    public async Task What_a_sweep_frees_pays_a_debt_first(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(20);
        var used = await world.Hold(5);
        await world.Hold(7);
        await world.Hold(8);
        await world.Capture(used.HoldId!, 15);
        Assert.Equal((0, 10), await world.Balance());
        world.Clock.Advance(TimeSpan.FromMinutes(11));

        Assert.Equal(2, await world.Ledger.Sweep());

        Assert.Equal((5, 0), await world.Balance());
    }

    private static Task Grant(WalletWorld world, AccountId account, string key, long credits) => world.Ledger.Grant(
        new GrantOrder(account, Unit.Credit, "purchase", $"{key}:{account}", Credits.Whole(credits), "test", Money.Usd(1)));

    private static async Task HoldAll(WalletWorld world, IEnumerable<AccountId> accounts, string name, long credits)
    {
        foreach (var account in accounts)
        {
            for (var i = 0; i < (credits == 4 ? 3 : 1); i++)
            {
                var answer = await world.Ledger.Hold(Order(account, $"{name}:{i}", credits) with { Budget = new Budget($"key:{name}", null) });
                Assert.False(answer.Refused);
            }
        }
    }

    private static HoldOrder Order(AccountId account, string key, long credits) =>
        new(account, Unit.Credit, key, Credits.Whole(credits), "transcribe", TimeSpan.FromMinutes(10));
}
