using Ledgerline.Kernel;
using Ledgerline.Wallet;
using Tests.Persistence;
using Xunit;

namespace Tests.Wallet;

/// <summary>What is smaller than an account and has a limit of its own.</summary>
public sealed class BudgetTests
{
    [Theory, EveryDatabase]
    public async Task Forty_parallel_holds_on_a_limit_for_five_admit_five(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(1000);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(() => Hold(world, 1, "key:a", 5))));

        Assert.Equal(5, answers.Count(answer => !answer.Refused));
        Assert.All(answers.Where(answer => answer.Refused), answer =>
            Assert.Equal(new BudgetState(Credits.Zero, Credits.Whole(5), Credits.Whole(5)), answer.Over));
        Assert.Equal((995, 0), await world.Balance());
        // Another name has a limit of its own, and without one there is none.
        Assert.False((await Hold(world, 5, "key:b", 5)).Refused);
        Assert.False((await world.Hold(100)).Refused);
    }

    [Theory, EveryDatabase]
    public async Task Captured_counts_what_was_used_released_and_expired_count_nothing(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(100);
        var (less, released, more) = (await Hold(world, 4, "key:a", 10), await Hold(world, 3, "key:a", 10), await Hold(world, 3, "key:a", 10));
        Assert.True((await Hold(world, 1, "key:a", 10)).Refused);

        await world.Capture(less.HoldId!, 1);
        await world.Release(released.HoldId!);
        await world.Release(released.HoldId!);
        await world.Capture(more.HoldId!, 5);
        await world.Capture(more.HoldId!, 5);

        Assert.Equal(6, (await Spent(world))["key:a"].Floor);
        var last = await Hold(world, 4, "key:a", 10);
        Assert.False(last.Refused);
        Assert.True((await Hold(world, 1, "key:a", 10)).Refused);
        world.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(1, await world.Ledger.Sweep());
        var again = await Hold(world, 4, "key:a", 10);
        Assert.False(again.Refused);

        // Late usage of what had expired is booked, and counts.
        await world.Capture(last.HoldId!, 4);
        Assert.Equal(10, (await Spent(world))["key:a"].Floor);
        var over = (await Hold(world, 1, "key:a", 10)).Over!.Value;
        Assert.Equal((10L, 4L, 0L), (over.Spent.Floor, over.Held.Floor, over.Available.Floor));
    }

    [Theory, EveryDatabase]
    public async Task A_budget_does_not_make_up_for_a_balance_and_a_refusal_leaves_no_trace(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(3);
        await world.Hold(1);

        var refused = await Hold(world, 3, "key:a", 10);

        Assert.True(refused.Refused);
        Assert.Null(refused.Over);
        Assert.Equal((2L, 1L), (refused.Available.Floor, refused.Held.Floor));
        Assert.Empty(await Spent(world));
        Assert.False((await Hold(world, 2, "key:a", 10)).Refused);
    }

    [Theory, EveryDatabase]
    public async Task Without_a_limit_it_only_counts(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(100);

        var hold = await Hold(world, 90, "key:a", limit: null);
        await world.Capture(hold.HoldId!, 90);

        Assert.Equal(90, (await Spent(world))["key:a"].Floor);
        // The same order again is the same hold, and counts once.
        Assert.True((await Hold(world, 5, "key:a", limit: 95, key: "again")) is { Refused: false, Again: false });
        Assert.True((await Hold(world, 5, "key:a", limit: 95, key: "again")) is { Refused: false, Again: true });
    }

    [Theory, EveryDatabase]
    public async Task The_audit_finds_a_budget_that_does_not_add_up(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(100);
        var hold = await Hold(world, 4, "key:a", 10);
        await world.Capture(hold.HoldId!, 4);
        await Hold(world, 2, "key:a", 10);

        await Change("spent_micro = spent_micro + 1, held_micro = held_micro + 1");
        Assert.Equal(
            [
                $"Budget key:a of account {world.Account} has 2.000001 credit held where its open holds add to 2 credit: 0.000001 credit too much.",
                $"Budget key:a of account {world.Account} has 4.000001 credit spent where its holds were charged 4 credit: 0.000001 credit too much.",
            ],
            await new LedgerAudit(world.Database).Run());
        await Change("spent_micro = spent_micro - 1, held_micro = held_micro - 1");

        Task Change(string what) => world.Database.Write(transaction => transaction.Execute($"UPDATE budgets SET {what}"));
    }

    private static Task<HoldAnswer> Hold(WalletWorld world, long credits, string name, long? limit, string? key = null) => world.Ledger.Hold(
        new HoldOrder(world.Account, Unit.Credit, key ?? $"hold:{Guid.NewGuid()}", Credits.Whole(credits), "transcribe", TimeSpan.FromMinutes(10))
        {
            Budget = new Budget(name, limit is { } most ? Credits.Whole(most) : null),
        });

    private static Task<IReadOnlyDictionary<string, Credits>> Spent(WalletWorld world) => new Budgets(world.Database).Spent(world.Account, Unit.Credit);
}
