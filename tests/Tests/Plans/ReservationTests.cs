using Ledgerline.Identity;
using Ledgerline.Plans;
using Tests.Persistence;
using Xunit;

namespace Tests.Plans;

/// <summary>Attempts from their reservation to their end, as they are stored.</summary>
public sealed class ReservationTests
{
    [Theory, EveryDatabase]
    public async Task A_call_is_reserved_placed_and_completed_and_what_is_given_back_was_never_there(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var account = await world.Account(Platform.MobileConsumer);
        var fresh = await world.Entitlements.Of(account);

        var reserved = await world.Reserve(account, Want.Call(), "one");
        Assert.Equal((true, Funding.Trial, 60, false), (reserved.Verdict.IsAllowed, reserved.Verdict.Funding, reserved.Verdict.DurationLimitSeconds, reserved.Again));
        Assert.Equal((1L, 2), (reserved.Verdict.Standing.Calls.Total, reserved.Verdict.Standing.Trial.Remaining));
        Assert.True(await world.Entitlements.GiveBack(account, "one"));
        Assert.False(await world.Entitlements.GiveBack(account, "one"));
        AssertSame(fresh, await world.Entitlements.Of(account));

        await world.Reserve(account, Want.Call(), "two");
        Assert.True(await world.Entitlements.Confirm(account, "two"));
        Assert.True(await world.Entitlements.GiveBack(account, "two"));
        Assert.False(await world.Entitlements.Confirm(account, "two"));
        AssertSame(fresh, await world.Entitlements.Of(account));

        await world.Reserve(account, Want.Call(), "three");
        await world.Entitlements.Confirm(account, "three");
        Assert.Equal(new UseEnded(UsedService.VoiceCall, Funding.Trial, 0, Again: false), await world.Entitlements.Complete(account, "three", 45));
        Assert.Equal(new UseEnded(UsedService.VoiceCall, Funding.Trial, 0, Again: true), await world.Entitlements.Complete(account, "three", 600));
        Assert.False(await world.Entitlements.GiveBack(account, "three"));
        var after = await world.Entitlements.Of(account);
        Assert.Equal((1L, 1L, 1L, 45L, 2), (after.Calls.Today, after.Calls.ThisWeek, after.Calls.ThisMonth, after.Calls.SecondsThisWeek, after.Trial.Remaining));
        Assert.Null(await world.Entitlements.Complete(account, "nobody's", 1));
    }

    [Theory, EveryDatabase]
    public async Task The_same_key_is_the_same_attempt(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var account = await world.Account(Platform.MobileConsumer);
        var first = await world.Reserve(account, Want.Call(), "one");
        var again = await world.Reserve(account, Want.Call(), "one");
        Assert.Equal((true, ReservationState.Reserved), (again.Again, again.State));
        Assert.Equal((first.Verdict.Status, first.Verdict.Funding, first.Verdict.DurationLimitSeconds), (again.Verdict.Status, again.Verdict.Funding, again.Verdict.DurationLimitSeconds));
        Assert.Equal(1, (await world.Entitlements.Of(account)).Calls.Total);

        await world.Entitlements.GiveBack(account, "one");
        Assert.Equal((true, ReservationState.GivenBack), await world.Reserve(account, Want.Call(), "one") is var late ? (late.Again, late.State) : default);
        // Another account's key is another attempt.
        Assert.False((await world.Reserve(await world.Account(), Want.Call(), "one")).Again);
    }

    [Theory, EveryDatabase]
    public async Task What_nobody_confirms_is_given_back_and_a_use_that_ends_late_still_counts(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var account = await world.Account(Platform.MobileConsumer);
        await world.Reserve(account, Want.Call(), "lost");
        await world.Reserve(account, Want.Call(), "kept");
        await world.Entitlements.Confirm(account, "kept");
        world.Clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, await world.Entitlements.Sweep(default));
        world.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await world.Entitlements.Sweep(default));
        Assert.Equal(0, await world.Entitlements.Sweep(default));
        Assert.Equal((1L, 2), await world.Entitlements.Of(account) is var one ? (one.Calls.Total, one.Trial.Remaining) : default);

        await world.Entitlements.Complete(account, "lost", 20);
        Assert.Equal((2L, 1, 20L), await world.Entitlements.Of(account) is var two ? (two.Calls.Total, two.Trial.Remaining, two.Calls.SecondsThisWeek) : default);

        // Meanwhile the others have used the trial up: the late one counts as a call and takes nothing that is not there.
        await world.Reserve(account, Want.Call(), "expired");
        world.Clock.Advance(TimeSpan.FromMinutes(11));
        await world.Entitlements.Sweep(default);
        await world.Call(account, 10);
        Assert.Equal(0, (await world.Entitlements.Of(account)).Trial.Remaining);
        await world.Entitlements.Complete(account, "expired", 10);
        Assert.Equal((4L, 3), await world.Entitlements.Of(account) is var three ? (three.Calls.Total, three.Trial.Used) : default);
    }

    [Theory, EveryDatabase]
    public async Task Minutes_are_counted_as_measured_in_the_period_in_which_they_were_reserved(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var account = await world.Account();
        await world.Subscribe(account, "basic_monthly");
        await world.Reserve(account, Want.Call(), "long");
        Assert.Equal(40, (await world.Entitlements.Of(account)).VoiceMinutes!.Left);
        world.Clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(100, (await world.Entitlements.Of(account)).VoiceMinutes!.Left);
        Assert.Equal(new UseEnded(UsedService.VoiceCall, Funding.PlanMinutes, 2, false), await world.Entitlements.Complete(account, "long", 61));
        Assert.Equal(100, (await world.Entitlements.Of(account)).VoiceMinutes!.Left);
        Assert.Equal([2L], await world.Database.Read(session => session.List<long>("SELECT used FROM quota_uses WHERE account_id = @account AND quota = 'voice_minutes'", new { account })));
    }

    [Theory, EveryDatabase]
    public async Task Bought_calls_count_once_a_purchase_and_go_back_with_it(string engine)
    {
        await using var world = await PlansWorld.Start(engine, PlanOptions.Default with { TrialCallsMobile = 0 });
        var account = await world.Account(Platform.MobileConsumer);
        Assert.Equal(AllowanceStatus.TrialExhausted, (await world.Reserve(account, Want.Call())).Verdict.Status);
        Assert.True(await world.Database.Write(transaction => world.Entitlements.AddCalls(transaction, account, "tx-1")));
        Assert.False(await world.Database.Write(transaction => world.Entitlements.AddCalls(transaction, account, "tx-1")));
        world.Clock.Advance(TimeSpan.FromDays(1));
        Assert.True(await world.Database.Write(transaction => world.Entitlements.AddCalls(transaction, account, "tx-2")));
        var standing = await world.Entitlements.Of(account);
        Assert.Equal((10, world.Now.AddDays(29)), (standing.AddOnCalls, standing.AddOnExpires));

        await world.Reserve(account, Want.Call(), "back");
        await world.Call(account);
        Assert.Equal(8, (await world.Entitlements.Of(account)).AddOnCalls);
        await world.Entitlements.GiveBack(account, "back");
        Assert.Equal(9, (await world.Entitlements.Of(account)).AddOnCalls);

        Assert.True(await world.Database.Write(transaction => world.Entitlements.TakeBackCalls(transaction, account, "tx-1")));
        Assert.False(await world.Database.Write(transaction => world.Entitlements.TakeBackCalls(transaction, account, "tx-1")));
        Assert.Equal(5, (await world.Entitlements.Of(account)).AddOnCalls);
        world.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal((0, null), await world.Entitlements.Of(account) is var over ? (over.AddOnCalls, over.AddOnExpires) : default);
    }

    [Theory, EveryDatabase]
    public async Task What_is_refused_is_counted_by_month_and_asking_counts_nothing(string engine)
    {
        await using var world = await PlansWorld.Start(engine, PlanOptions.Default with { TrialCallsBusiness = 0, SmsMessagesDefault = 0 });
        var account = await world.Account();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            Assert.False((await world.Reserve(account, Want.Call())).Verdict.IsAllowed);
            Assert.False((await world.Entitlements.May(account, Want.Call())).IsAllowed);
        }

        Assert.False((await world.Reserve(account, Want.Message)).Verdict.IsAllowed);
        Assert.Equal(
            [
                new RefusedUse(account, UsedService.Sms, AllowanceStatus.MonthlyLimitReached, 1),
                new RefusedUse(account, UsedService.VoiceCall, AllowanceStatus.TrialExhausted, 3),
            ],
            await world.Refusals.Of(account, "2026-11"));
        Assert.Empty(await world.Refusals.Of(account, "2026-12"));
        Assert.Empty(await world.Database.Read(session => session.List<string>("SELECT id FROM reservations")));
    }

    [Theory, EveryDatabase]
    public async Task What_ended_long_ago_is_forgotten_and_what_is_still_there_is_not(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var account = await world.Account();
        await world.Call(account);
        await world.Reserve(account, Want.Call(), "running");
        await world.Entitlements.Confirm(account, "running");
        await world.Reserve(account, Want.Scenario, "scenario");
        await world.Entitlements.Complete(account, "scenario", 0);
        world.Clock.Advance(TimeSpan.FromDays(401));
        await world.Entitlements.Sweep(default);
        Assert.Equal(["running", "scenario"], await world.Database.Read(session => session.List<string>("SELECT id FROM reservations ORDER BY id")));
        Assert.True(await world.Entitlements.GiveBack(account, "scenario"));
        Assert.Equal((2L, 0L), await world.Entitlements.Of(account) is var standing
            ? (standing.Calls.Total, standing.Quotas.Single(quota => quota.Quota == QuotaName.CustomScenarios).Used)
            : default);
    }

    [Theory, EveryDatabase]
    public async Task A_reservation_in_a_transaction_that_fails_never_was(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var account = await world.Account();
        await Assert.ThrowsAsync<InvalidOperationException>(() => world.Database.Write(async transaction =>
        {
            Assert.True((await world.Entitlements.Reserve(transaction, account, Want.Call(), "a", TimeSpan.FromMinutes(1))).Verdict.IsAllowed);
            Assert.True((await world.Entitlements.Reserve(transaction, account, Want.Call(), "b", TimeSpan.FromMinutes(1))).Verdict.IsAllowed);
            Assert.Equal(2, (await world.Entitlements.Of(transaction, account)).Calls.Total);
            throw new InvalidOperationException("no");
        }));
        Assert.Equal(0, (await world.Entitlements.Of(account)).Calls.Total);
    }

    [Theory, EveryDatabase]
    public async Task An_account_that_is_older_than_allowances_gets_them_with_the_first_question(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var (mobile, business) = (new Ledgerline.Kernel.AccountId(world.Ids.Uuid()), new Ledgerline.Kernel.AccountId(world.Ids.Uuid()));
        Assert.Equal(3, (await world.Entitlements.Of(mobile, appType: Platform.MobileConsumer)).Trial.Calls);
        Assert.Equal(Platform.MobileConsumer, (await world.Entitlements.Of(mobile)).AppType);
        Assert.True((await world.Reserve(business, Want.Call())).Verdict.IsAllowed);
        Assert.Equal(Platform.WebBusiness, (await world.Entitlements.Of(business, appType: Platform.MobileConsumer)).AppType);
    }

    private static void AssertSame(Standing expected, Standing actual) => Assert.Equal(
        (expected.Trial, expected.Calls, expected.AddOnCalls), (actual.Trial, actual.Calls, actual.AddOnCalls));
}
