using Ledgerline.Identity;
using Ledgerline.Plans;
using Microsoft.Extensions.DependencyInjection;
using Tests.Identity;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Plans;

/// <summary>Windows and billing months through a year, and what every route shows when the clock has moved.</summary>
public sealed class YearOfWindowsTests
{
    /// <summary>Fifty-two weeks of a plan with five calls a week: each week exactly five, and the sixth waits for the next.</summary>
    [Theory, EveryDatabase]
    public async Task A_year_of_weeks_gives_each_week_its_calls(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var account = await world.Account(Platform.MobileConsumer);
        var begin = world.Now;
        await world.Subscribe(account, "mobile_basic");
        for (var week = 0; week < 52; week++)
        {
            world.Clock.Now = begin.AddDays(7 * week).AddHours(week % 24);
            await world.Put((await world.Facts(account, "mobile_basic")) with { PeriodStart = begin.AddDays(7 * week), PeriodEnd = begin.AddDays((7 * week) + 7) });
            for (var call = 1; call <= 5; call++)
            {
                Assert.Equal(5 - call, (await world.Call(account)).Verdict.Standing.CallsRemainingThisWeek);
            }

            var refused = (await world.Reserve(account, Want.Call())).Verdict;
            Assert.Equal((AllowanceStatus.WeeklyLimitReached, begin.AddDays((7 * week) + 7)), (refused.Status, refused.ResetsOn!.Value));
            world.Clock.Now = begin.AddDays((7 * week) + 7).AddMilliseconds(-1);
            Assert.Equal(5, (await world.Entitlements.Of(account)).Calls.ThisWeek);
        }

        var year = await world.Entitlements.Of(account);
        Assert.Equal((260L, 200L), (year.Calls.Total, year.Calls.SecondsThisWeek));
    }

    /// <summary>Twelve billing months of minutes, the store's periods with their short Februaries, and news that are two days late.</summary>
    [Theory, EveryDatabase]
    public async Task A_year_of_months_gives_each_month_its_minutes(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        world.Clock.Now = new(2027, 1, 31, 23, 30, 0, TimeSpan.Zero);
        var (account, anchor) = (await world.Account(), world.Now);
        await world.Subscribe(account, "basic_monthly");
        for (var month = 0; month < 12; month++)
        {
            var (start, end) = (anchor.AddMonths(month), anchor.AddMonths(month + 1));
            await world.Put((await world.Facts(account, "basic_monthly")) with { PeriodStart = start, PeriodEnd = end });
            var minutes = (await world.Entitlements.Of(account)).VoiceMinutes!;
            Assert.Equal((0L, 100L, start, end), (minutes.Used, minutes.Left!.Value, minutes.PeriodStart, minutes.PeriodEnd!.Value));
            await world.Call(account, 3000);
            await world.Call(account, 3000);
            Assert.Equal(AllowanceStatus.MonthlyLimitReached, (await world.Reserve(account, Want.Call())).Verdict.Status);
            world.Clock.Now = end.AddMilliseconds(-1);
            Assert.False((await world.Entitlements.May(account, Want.Call())).IsAllowed);
            // The news of the next month are still under way; the month is not.
            world.Clock.Now = end;
            Assert.True((await world.Entitlements.May(account, Want.Call())).IsAllowed);
        }
    }

    [Theory, EveryDatabase]
    public async Task Every_route_shows_rolled_windows(string engine)
    {
        await using var world = await People.World(engine);
        var (jane, entitlements) = (await Caller.Mobile(world), world.Services.GetRequiredService<Entitlements>());
        await entitlements.Reserve(jane.Id, Want.Call(), "one", TimeSpan.FromMinutes(10));
        await entitlements.Complete(jane.Id, "one", 40);
        var start = (await entitlements.Of(jane.Id)).Calls.WeekStart;

        foreach (var (days, today, week, month) in new[] { (0, 1, 1, 1), (1, 0, 1, 1), (7, 0, 0, 1), (30, 0, 0, 0), (365, 0, 0, 0) })
        {
            MoveTo(world, start.AddDays(days).AddHours(23.9));
            // The token of the beginning is over by now.
            var again = jane with { Token = await SignInAgain(world, jane) };
            foreach (var path in new[] { "/mobile/usage-stats", "/usage-stats" })
            {
                var stats = ClientShapes.Decode<ClientShapes.UsageStats>(await again.Text(HttpMethod.Get, path));
                Assert.Equal((today, week, month, 1), (stats.CallsMadeToday, stats.CallsMadeThisWeek, stats.CallsMadeThisMonth, stats.CallsMadeTotal));
                Assert.Equal((week * 40, month * 40), (stats.TotalCallDurationThisWeek, stats.TotalCallDurationThisMonth));
                Assert.Equal(start.AddDays(days / 7 * 7), DateTimeOffset.Parse(stats.WeekStartDate!, null));
                Assert.Equal(start.AddDays(days / 30 * 30), DateTimeOffset.Parse(stats.MonthStartDate!, null));
            }
        }
    }

    private static void MoveTo(TestWorld world, DateTimeOffset instant)
    {
        if (instant > world.Clock.GetUtcNow())
        {
            world.Clock.Advance(instant - world.Clock.GetUtcNow());
        }
    }

    private static async Task<string> SignInAgain(TestWorld world, Caller caller)
    {
        var email = await world.Database.Read(session => session.One<string>("SELECT email FROM accounts WHERE account_id = @Id", new { caller.Id }));
        return (await People.PairOf(await world.Client.LogIn(email, "secret"))).Access;
    }
}
