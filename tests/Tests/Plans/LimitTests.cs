using Ledgerline.Identity;
using Ledgerline.Plans;
using Tests.Persistence;
using Xunit;

namespace Tests.Plans;

/// <summary>Limits as customers meet them, from the first trial call to the day a payment is missing.</summary>
public sealed class LimitTests
{
    [Theory, EveryDatabase]
    public async Task Of_a_companys_eight_calls_four_are_made_whatever_kind_they_are(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var account = await world.Account();
        List<string> statuses = [];
        for (var call = 0; call < 8; call++)
        {
            statuses.Add((await world.Call(account, 10, Want.Call(isCustom: call % 2 == 1))).Verdict.Status);
        }

        Assert.Equal([.. Enumerable.Repeat("trial_call_available", 4), .. Enumerable.Repeat("trial_exhausted", 4)], statuses);
        Assert.Equal((4, 4L), await world.Entitlements.Of(account) is var standing ? (standing.Trial.Used, standing.Calls.Total) : default);
    }

    [Theory, EveryDatabase]
    public async Task Who_pays_may_call_at_once_and_on_every_node(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        await using var node = world.Node();
        var account = await world.Account(Platform.MobileConsumer);
        for (var call = 0; call < 3; call++)
        {
            await world.Call(account, 10);
        }

        foreach (var planId in new[] { "business_basic", "pro_monthly", "mobile_weekly", "usage_based" })
        {
            Assert.False((await node.Entitlements.May(account, Want.Call())).IsAllowed);
            await world.Subscribe(account, planId, planId);
            Assert.Equal((true, AllowanceStatus.SubscriptionActive), await node.Reserve(account, Want.Call()) is var answer ? (answer.Verdict.IsAllowed, answer.Verdict.Status) : default);
            await world.Put(await world.Facts(account, planId, EntitlementStatus.Expired, planId));
        }
    }

    [Theory, EveryDatabase]
    public async Task A_missing_payment_is_borne_for_three_days_and_a_late_one_opens_everything_again(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var account = await world.Account();
        var paid = await world.Subscribe(account, "business_basic");
        await world.Call(account);
        world.Clock.Now = paid.PeriodEnd;
        var unpaid = paid with { Status = EntitlementStatus.PastDue, PeriodStart = paid.PeriodEnd, PeriodEnd = paid.PeriodEnd.AddMonths(1), PastDueSince = world.Now };
        await world.Put(unpaid);
        var window = (await world.Entitlements.Of(account)).Calls.WeekStart;

        world.Clock.Advance(TimeSpan.FromDays(2));
        Assert.True((await world.Reserve(account, Want.Call(), "day 2")).Verdict.IsAllowed);
        Assert.True((await world.Entitlements.Of(account)).IsSubscribed);
        world.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(AllowanceStatus.UpgradeRequired, (await world.Reserve(account, Want.Call(), "day 4")).Verdict.Status);
        Assert.False((await world.Entitlements.Of(account)).IsSubscribed);

        await world.Put(unpaid with { Status = EntitlementStatus.Active, PastDueSince = null });
        var back = await world.Reserve(account, Want.Call(), "paid");
        Assert.True(back.Verdict.IsAllowed);
        // The windows went on: nobody gets a new week by paying late.
        Assert.Equal((window, 2L), (back.Verdict.Standing.Calls.WeekStart, back.Verdict.Standing.Calls.ThisWeek));
    }

    [Theory, EveryDatabase]
    public async Task Two_long_trial_calls_extend_the_trial_once_also_when_it_is_used_up(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var (talker, quiet) = (await world.Account(Platform.MobileConsumer), await world.Account(Platform.MobileConsumer));
        var ends = (await world.Entitlements.Of(talker)).Trial.EndsAt;
        foreach (var account in new[] { talker, quiet })
        {
            foreach (var key in new[] { "a", "b", "c" })
            {
                Assert.True((await world.Reserve(account, Want.Call(), key)).Verdict.IsAllowed);
            }

            Assert.Equal(AllowanceStatus.TrialExhausted, (await world.Entitlements.May(account, Want.Call())).Status);
            foreach (var key in new[] { "a", "b", "c" })
            {
                await world.Entitlements.Complete(account, key, account == talker ? 31 : 30);
            }
        }

        Assert.Equal((4, 1, ends.AddDays(3)), await world.Entitlements.Of(talker) is var more ? (more.Trial.Calls, more.Trial.Remaining, more.Trial.EndsAt) : default);
        Assert.Equal((3, 0, ends), await world.Entitlements.Of(quiet) is var same ? (same.Trial.Calls, same.Trial.Remaining, same.Trial.EndsAt) : default);
        world.Clock.Now = ends.AddDays(3).AddMilliseconds(-1);
        Assert.True((await world.Call(talker, 31)).Verdict.IsAllowed);
        Assert.Equal(4, (await world.Entitlements.Of(talker)).Trial.Calls);
    }

    [Theory, EveryDatabase]
    public async Task Quotas_of_messages_and_scenarios_are_hard_stops_and_transcripts_have_their_days(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var account = await world.Account();
        Assert.Equal(TimeSpan.FromDays(30), (await world.Entitlements.Of(account)).TranscriptRetention);
        var paid = await world.Subscribe(account, "basic_monthly");
        for (var scenario = 0; scenario < 3; scenario++)
        {
            Assert.True((await world.Reserve(account, Want.Scenario, $"scenario:{scenario}")).Verdict.IsAllowed);
        }

        Assert.Equal((AllowanceStatus.LimitReached, 3L), await world.Reserve(account, Want.Scenario) is var fourth ? (fourth.Verdict.Status, fourth.Verdict.Limit) : default);
        await world.Entitlements.Complete(account, "scenario:0", 0);
        world.Clock.Advance(TimeSpan.FromDays(1));
        Assert.True(await world.Entitlements.GiveBack(account, "scenario:0"));
        Assert.False(await world.Entitlements.GiveBack(account, "scenario:0"));
        Assert.True((await world.Reserve(account, Want.Scenario)).Verdict.IsAllowed);

        Assert.Equal(500, (await world.Entitlements.Of(account)).Quotas.Single(quota => quota.Quota == QuotaName.SmsMessages).Left);
        await world.Database.Write(transaction => transaction.Execute(
            "INSERT INTO quota_uses (account_id, quota, period_start, used) VALUES (@account, 'sms_messages', @start, 499)",
            new { account, start = paid.PeriodStart }));
        Assert.True((await world.Reserve(account, Want.Message)).Verdict.IsAllowed);
        Assert.Equal((AllowanceStatus.MonthlyLimitReached, 500L), await world.Reserve(account, Want.Message) is var last ? (last.Verdict.Status, last.Verdict.Limit) : default);

        foreach (var (planId, days) in new (string, int?)[] { ("pro_monthly", 90), ("enterprise_monthly", 365), ("usage_based", 30) })
        {
            await world.Subscribe(account, planId);
            Assert.Equal(days, (await world.Entitlements.Of(account)).TranscriptRetention?.Days);
        }
    }
}
