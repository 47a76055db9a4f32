using Ledgerline.Identity;
using Ledgerline.Plans;
using Xunit;
using static Tests.Plans.Rulebook;

namespace Tests.Plans;

/// <summary>The rules by themselves, stood on their boundaries: no clock, no database.</summary>
public sealed class AllowanceRulesTests
{
    [Fact]
    public void A_trial_ends_with_its_calls_or_with_its_time()
    {
        var state = Rules.Begin(Somebody, Platform.MobileConsumer, Start);
        Assert.Equal((AllowanceStatus.TrialCallAvailable, 60), Ask(state, Start));
        Assert.Equal((AllowanceStatus.TrialCallAvailable, 60), Ask(state, Start.AddDays(7).AddMilliseconds(-1)));
        Assert.Equal((AllowanceStatus.UpgradeRequired, null), Ask(state, Start.AddDays(7)));

        for (var call = 1; call <= 3; call++)
        {
            Assert.True(Rules.Show(state, Start).Trial.IsActive);
            state = Placed(state, Start).State;
        }

        Assert.Equal((AllowanceStatus.TrialExhausted, null), Ask(state, Start));
        var standing = Rules.Show(state, Start);
        Assert.Equal((false, 3, 0, true), (standing.Trial.IsActive, standing.Trial.Used, standing.Trial.Remaining, standing.UpgradeRecommended));
        Assert.Equal((AllowanceStatus.TrialCallAvailable, 3600), Ask(Rules.Begin(Somebody, Platform.WebBusiness, Start), Start));
    }

    [Theory]
    [InlineData("mobile_weekly", AllowanceStatus.SubscriptionActive, 120, null)]
    [InlineData("mobile_basic", AllowanceStatus.BasicCallAvailable, 60, 5)]
    [InlineData("mobile_premium", AllowanceStatus.PremiumCallAvailable, 120, 30)]
    [InlineData("business_basic", AllowanceStatus.SubscriptionActive, 3600, 20)]
    [InlineData("business_professional", AllowanceStatus.SubscriptionActive, 3600, 50)]
    [InlineData("business_enterprise", AllowanceStatus.SubscriptionActive, 3600, null)]
    [InlineData("business_basic_yearly", AllowanceStatus.SubscriptionActive, 3600, 20)]
    public void Each_plan_of_calls_gives_what_it_says(string planId, string status, int seconds, int? calls)
    {
        var state = Entitled(Rules.Begin(Somebody, Platform.WebBusiness, Start), planId, Start);
        for (var call = 0; call < (calls ?? 100); call++)
        {
            Assert.Equal((status, seconds), Ask(state, Start));
            state = Placed(state, Start).State;
        }

        if (calls is not null)
        {
            var isMonthly = planId == "mobile_premium";
            var refused = Rules.Judge(state, Start, Want.Call());
            Assert.Equal(
                (isMonthly ? AllowanceStatus.MonthlyLimitReached : AllowanceStatus.WeeklyLimitReached, calls, Start.AddDays(isMonthly ? 30 : 7)),
                (refused.Status, (int?)refused.Limit, refused.ResetsOn!.Value));
            Assert.False(Rules.Judge(state, refused.ResetsOn!.Value.AddMilliseconds(-1), Want.Call()).IsAllowed);
            Assert.Equal(planId.StartsWith("business", StringComparison.Ordinal), Rules.Judge(state, refused.ResetsOn!.Value, Want.Call()).IsAllowed);
        }
    }

    [Fact]
    public void Bought_calls_go_after_the_tiers_own_and_before_pay_as_you_go()
    {
        var state = Rules.Begin(Somebody, Platform.MobileConsumer, Start) with
        {
            AddOns =
            [
                new AddOnLot("first", 1, 0, Start, Start.AddDays(10), null), new AddOnLot("second", 5, 0, Start, Start.AddDays(30), null),
            ],
        };
        List<string?> order = [];
        state = Entitled(state, PlanSeeds.UsageBased, Start) with { Trial = state.Trial };
        for (var call = 0; call < 10; call++)
        {
            var one = Placed(state, Start);
            order.Add(one.Reservation!.AddOnId ?? one.Verdict.Funding);
            state = one.State;
        }

        Assert.Equal(["trial", "trial", "trial", "first", "second", "second", "second", "second", "second", "pay_as_you_go"], order);
        Assert.Equal(0, Rules.Show(state, Start).AddOnCalls);
        var expired = state with { AddOns = [new AddOnLot("old", 5, 0, Start, Start.AddDays(30), null)], Plans = [] };
        Assert.Equal((AllowanceStatus.AddOnCallAvailable, 60), Ask(expired, Start.AddDays(30).AddMilliseconds(-1)));
        Assert.False(Rules.Judge(expired, Start.AddDays(30), Want.Call()).IsAllowed);
    }

    [Fact]
    public void Grace_runs_three_days_from_the_first_failure()
    {
        var active = Entitled(Rules.Begin(Somebody, Platform.WebBusiness, Start), "business_basic", Start);
        var pastDue = Rules.Entitle(active, Start, active.Plans[0].Facts with { Status = EntitlementStatus.PastDue, PastDueSince = Start }, active.Plans[0].Plan)!;
        Assert.True(Rules.Judge(pastDue, Start.AddDays(2), Want.Call()).IsAllowed);
        Assert.True(Rules.Judge(pastDue, Start.AddDays(3).AddMilliseconds(-1), Want.Call()).IsAllowed);
        Assert.Equal((AllowanceStatus.UpgradeRequired, null), Ask(pastDue, Start.AddDays(3)));
        Assert.Equal((AllowanceStatus.UpgradeRequired, null), Ask(pastDue, Start.AddDays(4)));
        Assert.True(Rules.Show(pastDue, Start.AddDays(2)).IsSubscribed);

        var longer = Rules.Entitle(pastDue, Start, pastDue.Plans[0].Facts with { EndsAt = Start.AddDays(16) }, active.Plans[0].Plan)!;
        Assert.True(Rules.Judge(longer, Start.AddDays(15), Want.Call()).IsAllowed);
        // News of a later failure do not begin the grace anew when they do not say since when.
        var again = Rules.Entitle(pastDue, Start.AddDays(2), pastDue.Plans[0].Facts with { PastDueSince = null, PeriodEnd = Start.AddDays(60) }, active.Plans[0].Plan)!;
        Assert.Equal(Start, again.Plans[0].Facts.PastDueSince);
    }

    [Theory]
    [InlineData(EntitlementStatus.Canceled, false, true)]
    [InlineData(EntitlementStatus.Active, true, true)]
    [InlineData(EntitlementStatus.Expired, false, false)]
    [InlineData(EntitlementStatus.Unpaid, false, false)]
    [InlineData(EntitlementStatus.Paused, false, false)]
    [InlineData(EntitlementStatus.Incomplete, false, false)]
    public void A_cancelled_plan_is_kept_until_its_period_ends(string status, bool atPeriodEnd, bool isKept)
    {
        var active = Entitled(Rules.Begin(Somebody, Platform.WebBusiness, Start), "business_basic", Start);
        var facts = active.Plans[0].Facts with { Status = status, CancelAtPeriodEnd = atPeriodEnd };
        var ending = Rules.Entitle(active, Start, facts, active.Plans[0].Plan)!;
        Assert.Equal(isKept, Rules.Judge(ending, facts.PeriodEnd.AddMilliseconds(-1), Want.Call()).IsAllowed);
        Assert.False(Rules.Judge(ending, facts.PeriodEnd, Want.Call()).IsAllowed);
        Assert.True(Rules.Judge(active, facts.PeriodEnd.AddDays(30), Want.Call()).IsAllowed);
    }

    [Theory]
    [InlineData(30, 30, false)]
    [InlineData(31, 30, false)]
    [InlineData(31, 31, true)]
    [InlineData(600, 31, true)]
    public void Two_trial_calls_of_more_than_half_a_minute_extend_the_trial_once(long first, long second, bool extended)
    {
        var state = Rules.Begin(Somebody, Platform.MobileConsumer, Start);
        foreach (var seconds in new[] { first, second })
        {
            var one = Placed(state, Start);
            (state, _) = Rules.Complete(one.State, Start.AddMinutes(1), one.Reservation!, seconds);
        }

        var (calls, ends) = extended ? (4, Start.AddDays(10)) : (3, Start.AddDays(7));
        Assert.Equal((calls, ends), (state.Trial.Calls, state.Trial.EndsAt));
        var third = Placed(state, Start);
        (state, _) = Rules.Complete(third.State, Start, third.Reservation!, 300);
        var fourth = Rules.Decide(state, Start.AddDays(9), Want.Call(), "fourth", Lifetime);
        Assert.Equal((first > 30 ? 1 : 0) + (second > 30 ? 1 : 0) + 1 >= 2, fourth.Verdict.IsAllowed);
        if (fourth.Reservation is { } reservation)
        {
            (state, _) = Rules.Complete(fourth.State, Start.AddDays(9), reservation, 300);
            Assert.Equal((4, AllowanceStatus.TrialExhausted), (state.Trial.Calls, Rules.Judge(state, Start.AddDays(9), Want.Call()).Status));
        }
    }

    [Fact]
    public void Custom_scenarios_need_a_subscription_on_a_phone_and_nowhere_else()
    {
        var mobile = Rules.Begin(Somebody, Platform.MobileConsumer, Start);
        Assert.Equal(AllowanceStatus.PremiumRequired, Rules.Judge(mobile, Start, Want.Call(isCustom: true)).Status);
        Assert.True(Rules.Judge(Entitled(mobile, "mobile_weekly", Start), Start, Want.Call(isCustom: true)).IsAllowed);
        Assert.True(Rules.Judge(Rules.Begin(Somebody, Platform.WebBusiness, Start), Start, Want.Call(isCustom: true)).IsAllowed);
    }

    [Fact]
    public void Inbound_calls_are_paid_by_plans_and_by_nobody_else()
    {
        var trial = Rules.Begin(Somebody, Platform.WebBusiness, Start);
        Assert.Equal(AllowanceStatus.UpgradeRequired, Rules.Judge(trial, Start, Want.InboundCall()).Status);
        foreach (var plan in new[] { "business_basic", "enterprise_monthly", PlanSeeds.UsageBased })
        {
            var one = Rules.Decide(Entitled(trial, plan, Start), Start, Want.InboundCall(), plan, Lifetime);
            Assert.Equal((true, 3600, 0L), (one.Verdict.IsAllowed, one.Verdict.DurationLimitSeconds, one.State.Calls.Total));
        }
    }

    [Fact]
    public void A_subscription_ends_the_trial_and_begins_its_windows_and_an_upgrade_keeps_them()
    {
        var state = Placed(Rules.Begin(Somebody, Platform.WebBusiness, Start), Start).State;
        var later = Start.AddHours(5);
        var basic = Entitled(state, "business_basic", later);
        Assert.Equal((later, 0L, later, 0L, 1L), (basic.Calls.WeekStart, basic.Calls.Week, basic.Calls.MonthStart, basic.Calls.Month, basic.Calls.Total));
        basic = Placed(basic, later).State;
        var professional = Entitled(basic, "business_professional", later.AddDays(1), "sub_2");
        Assert.Equal((later, 1L), (professional.Calls.WeekStart, professional.Calls.Week));
        var over = Rules.Entitle(professional, later, professional.Plans[0].Facts with { Status = EntitlementStatus.Expired }, professional.Plans[0].Plan)!;
        Assert.Equal((AllowanceStatus.UpgradeRequired, null), Ask(over, later));
        Assert.Equal(0, Rules.Show(over, later).Trial.Remaining);
    }

    [Fact]
    public void A_clock_that_goes_back_rolls_nothing()
    {
        var state = Placed(Rules.Begin(Somebody, Platform.WebBusiness, Start), Start).State;
        var before = AllowanceRules.Rolled(state, Start.AddDays(-40));
        Assert.Equal(state.Calls, before.Calls);
        Assert.True(Rules.Judge(state, Start.AddDays(-40), Want.Call()).IsAllowed);
    }
}
