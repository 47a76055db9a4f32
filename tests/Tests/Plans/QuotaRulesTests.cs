using Ledgerline.Identity;
using Ledgerline.Plans;
using Xunit;
using static Tests.Plans.Rulebook;

namespace Tests.Plans;

/// <summary>Quotas by themselves: minutes, messages, scenarios, and the months they are counted in.</summary>
public sealed class QuotaRulesTests
{
    [Fact]
    public void Minutes_are_reserved_as_long_as_a_call_may_last_and_measured_by_the_started_minute()
    {
        var state = Entitled(Rules.Begin(Somebody, Platform.WebBusiness, Start), "basic_monthly", Start);
        var first = Placed(state, Start);
        Assert.Equal((AllowanceStatus.SubscriptionActive, 3600, 40L), (first.Verdict.Status, first.Verdict.DurationLimitSeconds, first.Verdict.Standing.VoiceMinutes!.Left));
        var second = Placed(first.State, Start);
        Assert.Equal((2400, 0L), (second.Verdict.DurationLimitSeconds, second.Verdict.Standing.VoiceMinutes!.Left));
        var refused = Rules.Judge(second.State, Start, Want.Call());
        Assert.Equal((AllowanceStatus.MonthlyLimitReached, 100L, Start.AddMonths(1)), (refused.Status, refused.Limit, refused.ResetsOn!.Value));

        var (state1, _) = Rules.Complete(second.State, Start, first.Reservation!, 61);
        Assert.Equal(58, Rules.Show(state1, Start).VoiceMinutes!.Left);
        var (state2, _) = AllowanceRules.GiveBack(state1, Start, second.Reservation!, ReservationState.GivenBack);
        Assert.Equal(98, Rules.Show(state2, Start).VoiceMinutes!.Left);
        var inbound = Rules.Decide(state2, Start, Want.InboundCall(longestSeconds: 90), "in", Lifetime);
        Assert.Equal((90, 96L, 1L), (inbound.Verdict.DurationLimitSeconds, inbound.Verdict.Standing.VoiceMinutes!.Left, inbound.Verdict.Standing.Calls.Total));
    }

    [Fact]
    public void Minute_one_hundred_and_one_and_message_five_hundred_and_one_are_refused_until_the_next_billing_month()
    {
        var state = Entitled(Rules.Begin(Somebody, Platform.WebBusiness, Start), "basic_monthly", Start);
        for (var minute = 0; minute < 100; minute++)
        {
            var one = Rules.Decide(state, Start, Want.Call(longestSeconds: 60), $"m{minute}", Lifetime);
            Assert.True(one.Verdict.IsAllowed);
            (state, _) = Rules.Complete(one.State, Start, one.Reservation!, 60);
        }

        Assert.Equal(AllowanceStatus.MonthlyLimitReached, Rules.Judge(state, Start, Want.Call()).Status);
        for (var message = 0; message < 500; message++)
        {
            var one = Rules.Decide(state, Start, Want.Message, $"s{message}", Lifetime);
            Assert.True(one.Verdict.IsAllowed);
            state = one.State;
        }

        var refused = Rules.Judge(state, Start.AddMonths(1).AddMilliseconds(-1), Want.Message);
        Assert.Equal((AllowanceStatus.MonthlyLimitReached, 500L, Start.AddMonths(1)), (refused.Status, refused.Limit, refused.ResetsOn!.Value));
        // The store's news of the next period may be late: the month goes on by itself.
        Assert.True(Rules.Judge(state, Start.AddMonths(1), Want.Message).IsAllowed);
        Assert.True(Rules.Judge(state, Start.AddMonths(1), Want.Call()).IsAllowed);
    }

    [Fact]
    public void A_year_that_was_paid_at_once_has_twelve_months_of_quota()
    {
        var state = Entitled(Rules.Begin(Somebody, Platform.WebBusiness, Start), "basic_yearly", new(2027, 1, 31, 12, 0, 0, TimeSpan.Zero));
        var held = state.Plans.Single();
        for (var month = 0; month < 12; month++)
        {
            var start = held.Facts.PeriodStart.AddMonths(month);
            Assert.Equal((start, held.Facts.PeriodStart.AddMonths(month + 1)), AllowanceRules.BillingMonth(held, start));
            Assert.Equal(start, AllowanceRules.BillingMonth(held, held.Facts.PeriodStart.AddMonths(month + 1).AddMilliseconds(-1)).Start);
        }
    }

    [Fact]
    public void Scenarios_are_as_many_as_there_may_be_at_a_time()
    {
        foreach (var (plan, limit) in new (string?, int?)[] { (null, 20), ("business_basic", 20), ("basic_monthly", 3), ("pro_monthly", 10), ("enterprise_monthly", null), (PlanSeeds.UsageBased, 20) })
        {
            var state = Rules.Begin(Somebody, Platform.WebBusiness, Start);
            state = plan is null ? state : Entitled(state, plan, Start);
            List<Reservation> made = [];
            for (var scenario = 0; scenario < (limit ?? 50); scenario++)
            {
                var one = Rules.Decide(state, Start, Want.Scenario, $"s{scenario}", Lifetime);
                (state, var kept) = (one.State, one.Reservation!);
                made.Add(kept);
            }

            var next = Rules.Judge(state, Start.AddYears(1), Want.Scenario);
            Assert.Equal((limit is null, limit), (next.IsAllowed, (int?)next.Limit));
            (state, _) = AllowanceRules.GiveBack(state, Start, made[0], ReservationState.GivenBack);
            Assert.True(Rules.Judge(state, Start, Want.Scenario).IsAllowed);
        }
    }

    [Fact]
    public void Chat_messages_turn_at_midnight_and_pro_counts_them_without_an_end()
    {
        var midnight = new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
        var state = Rules.Begin(Somebody, Platform.WebBusiness, Start);
        for (var message = 0; message < 5; message++)
        {
            state = Rules.Decide(state, Start, Want.ChatMessage, $"c{message}", Lifetime).State;
        }

        var refused = Rules.Judge(state, midnight.AddMilliseconds(-1), Want.ChatMessage);
        Assert.Equal((AllowanceStatus.DailyLimitReached, midnight), (refused.Status, refused.ResetsOn!.Value));
        Assert.True(Rules.Judge(state, midnight, Want.ChatMessage).IsAllowed);

        var pro = Entitled(state, PlanSeeds.ChatPro, Start);
        Assert.False(Rules.Show(pro, Start).IsSubscribed);
        Assert.True(pro.Trial.IsActive(Start));
        pro = Rules.Decide(pro, Start, Want.ChatMessage, "pro", Lifetime).State;
        Assert.Equal(6, Rules.Show(pro, Start).Quotas.Single(quota => quota.Quota == QuotaName.ChatMessages).Used);
        var back = Rules.Entitle(pro, Start, pro.Plans[0].Facts with { Status = EntitlementStatus.Expired }, pro.Plans[0].Plan)!;
        Assert.False(Rules.Judge(back, Start, Want.ChatMessage).IsAllowed);
    }
}
