using Ledgerline.Kernel;
using Tests.Persistence;
using Xunit;

namespace Tests.Wallet;

public class LedgerTests
{
    [Theory, EveryDatabase]
    public async Task A_grant_is_given_once_whoever_repeats_it(string engine)
    {
        await using var world = await WalletWorld.Start(engine);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => world.Give(100, "welcome:one"))));

        Assert.Single(answers, answer => !answer.Again);
        Assert.All(answers, answer => Assert.Equal(100, answer.Balance.Available.Floor));
        Assert.Equal((100, 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task A_thousand_parallel_holds_on_a_balance_for_ten_admit_ten(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(() => world.Hold(1))));

        Assert.Equal(10, answers.Count(answer => !answer.Refused));
        Assert.Equal((0, 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task A_hold_is_refused_without_a_wallet_and_leaves_nothing(string engine)
    {
        await using var world = await WalletWorld.Start(engine);

        Assert.True((await world.Hold(1)).Refused);
        Assert.Equal(0, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM holds")));
    }

    [Theory, EveryDatabase]
    public async Task The_same_hold_key_is_the_same_hold(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);

        var first = await world.Hold(4, "key");
        var second = await world.Hold(4, "key");

        Assert.Equal(first.HoldId, second.HoldId);
        Assert.True(second.Again);
        Assert.Equal((6, 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task The_same_hold_key_is_the_same_hold_also_when_it_has_reserved_what_there_was(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);
        await world.Hold(8, "key");

        var again = await world.Hold(8, "key");

        Assert.Equal(("key", true), (again.HoldId, again.Again));
        Assert.True((await world.Hold(8, "other")).Refused);
        Assert.Equal((2, 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task Capture_below_the_hold_spends_the_gift_it_reserved_before_what_was_paid_for(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10, "paid", Money.Usd(499));
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.Give(3, "gift");

        await world.Capture((await world.Hold(8)).HoldId!, 3);

        var left = await world.Database.Read(session => session.List<(string Key, long Micro)>(
            "SELECT grant_key, remaining_micro FROM grants ORDER BY grant_key"));
        Assert.Equal([("gift", 0), ("paid", 10_000_000)], left);
    }

    [Theory, EveryDatabase]
    public async Task Capture_below_the_hold_frees_the_rest_and_repeats_nothing(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);
        var hold = await world.Hold(8);

        var first = await world.Capture(hold.HoldId!, 3);
        var again = await world.Capture(hold.HoldId!, 5);

        Assert.Equal((3, 7), (first.Charged.Floor, first.Balance.Available.Floor));
        Assert.True(again.Again);
        Assert.Equal(3, again.Charged.Floor);
        Assert.False(await world.Release(hold.HoldId!));
        Assert.Equal((7, 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task Capture_above_the_hold_takes_what_is_free_and_owes_the_rest(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);
        var other = await world.Hold(2);
        var hold = await world.Hold(4);

        var captured = await world.Capture(hold.HoldId!, 11);

        Assert.Equal((0, 3), (captured.Balance.Available.Floor, captured.Balance.Owed.Floor));
        Assert.True((await world.Hold(1)).Refused);

        // What the other hold gives back pays the debt first, and so does the next grant.
        Assert.True(await world.Release(other.HoldId!));
        Assert.Equal((0, 1), await world.Balance());
        await world.Give(5, paid: Money.Usd(499));
        Assert.Equal((4, 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task Gifts_go_before_what_was_paid_for_and_the_earliest_expiry_first(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        var now = world.Clock.GetUtcNow();
        await world.Give(10, "paid-late", Money.Usd(1), now.AddDays(9));
        await world.Give(10, "paid-soon", Money.Usd(1), now.AddDays(3));
        await world.Give(10, "gift");

        await world.Capture((await world.Hold(25)).HoldId!, 25);

        var left = await world.Database.Read(session => session.List<(string Key, long Micro)>(
            "SELECT grant_key, remaining_micro FROM grants ORDER BY grant_key"));
        Assert.Equal([("gift", 0), ("paid-late", 5_000_000), ("paid-soon", 0)], left);
    }

    [Theory, EveryDatabase]
    public async Task A_release_returns_to_the_very_lots(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(3, "gift");
        await world.Give(10, "paid", Money.Usd(499));
        var hold = await world.Hold(5);
        await world.Give(7, "later-gift");

        await world.Release(hold.HoldId!);

        var lots = await world.Database.Read(session => session.List<(string Key, long Remaining, long Held)>(
            "SELECT grant_key, remaining_micro, held_micro FROM grants ORDER BY grant_key"));
        Assert.Equal([("gift", 3_000_000, 0), ("later-gift", 7_000_000, 0), ("paid", 10_000_000, 0)], lots);
    }

    [Theory, EveryDatabase]
    public async Task The_sweeper_frees_an_abandoned_hold_and_late_usage_is_still_booked_once(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);
        var hold = await world.Hold(8);

        Assert.Equal(0, await world.Ledger.Sweep());
        world.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(1, await world.Ledger.Sweep());
        Assert.Equal((10, 0), await world.Balance());

        Assert.False((await world.Capture(hold.HoldId!, 8)).Again);
        Assert.True((await world.Capture(hold.HoldId!, 8)).Again);
        Assert.Equal((2, 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task An_expired_lot_is_not_spendable_even_before_the_sweeper_comes(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10, expires: world.Clock.GetUtcNow().AddDays(1));
        var hold = await world.Hold(4);
        world.Clock.Advance(TimeSpan.FromDays(2));

        Assert.True((await world.Hold(1)).Refused);
        Assert.Equal((0, 0), await world.Balance());

        // What was reserved in time is good for its hold; what it does not need has expired meanwhile, and no answer counts it.
        var captured = await world.Capture(hold.HoldId!, 3);
        Assert.Equal((3, 0), (captured.Charged.Floor, captured.Balance.Available.Floor));
        Assert.Equal((0, 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task A_refund_takes_the_unspent_and_owes_the_spent_and_converges_in_any_order(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(500, "pack", Money.Usd(499));
        await world.Capture((await world.Hold(120)).HoldId!, 120);

        Assert.True(await world.ClawBack("pack", 500));
        Assert.True(await world.ClawBack("pack", 500));

        Assert.Equal((0, 120), await world.Balance());
        Assert.Equal(["taken 380, owed 120"], await world.Descriptions("refund"));

        // The refund failed after all: everything is as before.
        Assert.True(await world.ClawBack("pack", 0));
        Assert.Equal((380, 0), await world.Balance());
        Assert.False(await world.ClawBack("nobody", 1));
    }

    [Theory, EveryDatabase]
    public async Task A_refund_while_credits_are_reserved_leaves_the_work_its_hold(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(100, "pack", Money.Usd(499));
        var hold = await world.Hold(40);

        await world.ClawBack("pack", 100);
        Assert.Equal((0, 40), await world.Balance());

        await world.Release(hold.HoldId!);
        Assert.Equal((0, 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task A_refund_that_fails_after_others_paid_its_debt_gives_everything_back(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(51, "pack", Money.Usd(499));
        var hold = await world.Hold(11);
        await world.ClawBack("pack", 51);
        await world.Give(20, "other");
        Assert.Equal((9, 0), await world.Balance());

        await world.ClawBack("pack", 0);
        Assert.Equal((60, 0), await world.Balance());

        await world.Capture(hold.HoldId!, 11);
        Assert.Equal((60, 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task Nothing_negative_gets_in(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);
        var hold = await world.Hold(5);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => world.Hold(0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => world.Hold(-5));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => world.Give(-1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => world.Capture(hold.HoldId!, -1));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => world.Capture("no-such-hold", 1));
        Assert.Equal((5, 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task The_database_itself_refuses_a_negative_balance(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => world.Database.Write(transaction =>
            transaction.Execute("UPDATE grants SET remaining_micro = -1")));
    }
}
