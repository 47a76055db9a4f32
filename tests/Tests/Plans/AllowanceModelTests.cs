using System.Globalization;
using Ledgerline.Identity;
using Ledgerline.Kernel;
using Ledgerline.Plans;
using Tests.Persistence;
using Tests.Plans.Model;
using Xunit;

namespace Tests.Plans;

/// <summary>
/// Random stories of two accounts told to two nodes and to a model that adds everything up anew; after every step all numbers must
/// agree. A story that failed, again: <c>ALLOWANCE_SEED=…</c>; a longer one: <c>ALLOWANCE_STEPS=…</c>.
/// </summary>
public sealed class AllowanceModelTests
{
    private static readonly string[] CallPlans = ["mobile_basic", "mobile_premium", "mobile_weekly", "business_basic", "business_enterprise"];
    private static readonly string[] VoicePlans = ["basic_monthly", "basic_yearly", "usage_based"];
    private static readonly string[] Statuses =
    [
        EntitlementStatus.Active, EntitlementStatus.Active, EntitlementStatus.Active, EntitlementStatus.Trialing, EntitlementStatus.PastDue,
        EntitlementStatus.Canceled, EntitlementStatus.Expired, EntitlementStatus.Incomplete,
    ];

    [Theory, EveryDatabase]
    public async Task Every_number_agrees_with_the_model_after_every_step(string engine)
    {
        var seed = Setting("ALLOWANCE_SEED") ?? Environment.TickCount;
        await using var world = await PlansWorld.Start(engine);
        await using var other = world.Node();
        var random = new Random(seed);
        List<(AccountId Account, AllowanceModel Model)> people = [];
        foreach (var appType in new[] { Platform.MobileConsumer, Platform.WebBusiness })
        {
            people.Add((await world.Account(appType), new AllowanceModel(appType == Platform.MobileConsumer, world.Now)));
        }

        for (var step = 0; step < (Setting("ALLOWANCE_STEPS") ?? 1000); step++)
        {
            world.Clock.Advance(TimeSpan.FromMilliseconds(1));
            var (account, model) = people[random.Next(people.Count)];
            var node = random.Next(2) == 0 ? world : other;
            var what = await Step(node, random, account, model, [.. people.Select(one => one.Model)], step);
            var (expected, actual) = (Words(model, world.Now), Words(await node.Entitlements.Of(account)));
            Assert.True(expected == actual, $"ALLOWANCE_SEED={seed}, step {step}, {what}:\nmodel  {expected}\nserver {actual}");
        }
    }

    private static async Task<string> Step(PlansWorld world, Random random, AccountId account, AllowanceModel model, AllowanceModel[] all, int step)
    {
        switch (random.Next(20))
        {
            case < 8:
                return await Reserve(world, random, account, model, $"use:{step}");
            case < 12 when Any(random, model.Uses) is { } use:
                var seconds = random.Next(4) == 0 ? random.Next(0, 4000) : random.Next(0, 90);
                var again = use.State == ReservationState.Completed;
                Assert.Equal(again, (await world.Entitlements.Complete(account, use.Key, seconds))!.Again);
                if (!again)
                {
                    model.Complete(use, seconds, world.Now);
                }

                return $"complete {use.Key} of {use.Funding} after {seconds} s";
            case < 14 when Any(random, model.Uses) is { } use:
                Assert.Equal(use.IsOpen, await world.Entitlements.GiveBack(account, use.Key));
                if (use.IsOpen)
                {
                    AllowanceModel.End(use, ReservationState.GivenBack, world.Now);
                }

                return $"give back {use.Key} of {use.Funding}";
            case 14 when Any(random, model.Uses) is { } use:
                Assert.Equal(use.IsOpen, await world.Entitlements.Confirm(account, use.Key));
                use.State = use.IsOpen ? ReservationState.Confirmed : use.State;
                return $"confirm {use.Key}";
            case 15:
                var lot = new ModelLot { Id = $"lot:{step}", ExpiresAt = world.Now.AddDays(30) };
                Assert.True(await world.Database.Write(transaction => world.Entitlements.AddCalls(transaction, account, lot.Id)));
                model.Lots.Add(lot);
                return $"buy {lot.Id}";
            case 16 when model.Lots.Count > 0:
                var gone = model.Lots[random.Next(model.Lots.Count)];
                Assert.Equal(!gone.IsGone, await world.Database.Write(transaction => world.Entitlements.TakeBackCalls(transaction, account, gone.Id)));
                gone.IsGone = true;
                return $"take back {gone.Id}";
            case 17:
                return await Put(world, random, account, model, step);
            case 18:
                var due = all.SelectMany(one => one.Uses).Where(use => use.State == ReservationState.Reserved && use.ExpiresAt <= world.Now).ToList();
                Assert.Equal(due.Count, await world.Entitlements.Sweep(default));
                due.ForEach(use => AllowanceModel.End(use, ReservationState.Expired, world.Now));
                return "sweep";
            default:
                var by = random.Next(4) switch
                {
                    0 => TimeSpan.FromMinutes(random.Next(1, 120)),
                    1 => TimeSpan.FromDays(7) * random.NextDouble(),
                    2 => TimeSpan.FromHours(random.Next(1, 30)),
                    _ => TimeSpan.FromDays(random.Next(1, 12)),
                };
                world.Clock.Advance(TimeSpan.FromMilliseconds(Math.Floor(by.TotalMilliseconds)));
                return $"wait {by}";
        }
    }

    private static async Task<string> Reserve(PlansWorld world, Random random, AccountId account, AllowanceModel model, string key)
    {
        int? longest = random.Next(2) == 0 ? null : random.Next(1, 1200);
        var (status, use) = model.Call(key, longest, world.Now);
        var answer = await world.Reserve(account, Want.Call(longestSeconds: longest), key);
        Assert.Equal((status, use?.Funding), (answer.Verdict.Status, answer.Verdict.Funding));
        if (use is not null)
        {
            model.Uses.Add(use);
        }

        return $"reserve {key}: {answer.Verdict.Status}";
    }

    private static async Task<string> Put(PlansWorld world, Random random, AccountId account, AllowanceModel model, int step)
    {
        var plans = random.Next(2) == 0 ? CallPlans : VoicePlans;
        var facts = await world.Facts(account, plans[random.Next(plans.Length)], Statuses[random.Next(Statuses.Length)], random.Next(2) == 0 ? "sub_1" : $"sub_{step}");
        facts = facts with
        {
            CancelAtPeriodEnd = random.Next(4) == 0,
            PastDueSince = facts.Status == EntitlementStatus.PastDue ? world.Now.AddHours(-random.Next(0, 100)) : null,
            EndsAt = random.Next(5) == 0 ? world.Now.AddDays(random.Next(-2, 20)) : null,
        };
        model.Put(facts, world.Now);
        await world.Put(facts);
        return $"{facts.PlanId} is {facts.Status}";
    }

    private static ModelUse? Any(Random random, List<ModelUse> uses) => uses.Count == 0 ? null : uses[^random.Next(1, Math.Min(uses.Count, 12) + 1)];

    private static string Words(AllowanceModel model, DateTimeOffset now)
    {
        var voice = model.Active(PlanProduct.VoiceFeatures, now);
        var minutes = voice is null or { PlanId: "usage_based" } ? (long?)null : model.Used(UsedService.VoiceCall, AllowanceModel.Month(voice, now));
        var (week, month) = (model.Window(now, 7), model.Window(now, 30));
        return Line(
            model.TrialCalls, model.TrialUsed, model.TrialLeft(now), model.TrialEnds, model.Calls(AllowanceModel.Day(now)), week, model.Calls(week), model.Seconds(week),
            month, model.Calls(month), model.Seconds(month), model.Calls(DateTimeOffset.MinValue), model.Lots.Sum(lot => model.LotLeft(lot, now)), minutes,
            model.Active(PlanProduct.Calls, now)?.PlanId, voice?.PlanId);
    }

    private static string Words(Standing standing) => Line(
        standing.Trial.Calls, standing.Trial.Used, standing.Trial.Remaining, standing.Trial.EndsAt, standing.Calls.Today, standing.Calls.WeekStart,
        standing.Calls.ThisWeek, standing.Calls.SecondsThisWeek, standing.Calls.MonthStart, standing.Calls.ThisMonth, standing.Calls.SecondsThisMonth,
        standing.Calls.Total, standing.AddOnCalls, standing.VoiceMinutes?.Used, standing.Active(PlanProduct.Calls)?.Plan.Id, standing.Active(PlanProduct.VoiceFeatures)?.Plan.Id);

    private static string Line(
        int trial, int trialUsed, int trialLeft, DateTimeOffset trialEnds, long today, DateTimeOffset weekStart, long week, long weekSeconds, DateTimeOffset monthStart,
        long month, long monthSeconds, long total, int addOns, long? minutes, string? calls, string? voice) => string.Create(
        CultureInfo.InvariantCulture,
        $"trial {trialUsed}/{trial} left {trialLeft} until {trialEnds:O}; today {today}; week {weekStart:O} {week} {weekSeconds}s; month {monthStart:O} {month} {monthSeconds}s; total {total}; addons {addOns}; minutes {minutes}; {calls} {voice}");

    private static int? Setting(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : null;
}
