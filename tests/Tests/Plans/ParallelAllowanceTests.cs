using Ledgerline.Identity;
using Ledgerline.Plans;
using Tests.Persistence;
using Xunit;

namespace Tests.Plans;

/// <summary>However many ask at once, and on however many nodes: as many are admitted as there are.</summary>
public sealed class ParallelAllowanceTests
{
    [Theory, EveryDatabase]
    public async Task Of_ten_on_the_last_trial_call_one_is_admitted(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var account = await world.Account(Platform.MobileConsumer);
        await world.Call(account, 10);
        await world.Call(account, 10);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => world.Reserve(account, Want.Call()))));

        Assert.Equal(1, answers.Count(answer => answer.Verdict.IsAllowed));
        Assert.All(answers.Where(answer => !answer.Verdict.IsAllowed), answer => Assert.Equal(AllowanceStatus.TrialExhausted, answer.Verdict.Status));
        var standing = await world.Entitlements.Of(account);
        Assert.Equal((false, 3, 3L), (standing.Trial.IsActive, standing.Trial.Used, standing.Calls.Total));
        Assert.Equal(9, Assert.Single(await world.Refusals.Of(account, "2026-11")).Count);
    }

    [Theory, EveryDatabase]
    public async Task Of_twenty_over_two_nodes_on_a_trial_of_three_three_are_admitted(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        await using var other = world.Node();
        var account = await world.Account(Platform.MobileConsumer);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(() => (number % 2 == 0 ? world : other).Reserve(account, Want.Call(), $"call:{number}"))));

        Assert.Equal(3, answers.Count(answer => answer.Verdict.IsAllowed));
        Assert.Equal(17, answers.Count(answer => answer.Verdict.Status == AllowanceStatus.TrialExhausted));
        Assert.Equal((3, 3L), await other.Entitlements.Of(account) is var standing ? (standing.Trial.Used, standing.Calls.Total) : default);
    }

    [Theory, EveryDatabase]
    public async Task Twenty_with_one_key_are_one(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        await using var other = world.Node();
        var account = await world.Account();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(() => (number % 2 == 0 ? world : other).Reserve(account, Want.Call(), "same"))));

        Assert.All(answers, answer => Assert.True(answer.Verdict.IsAllowed));
        Assert.Equal(1, answers.Count(answer => !answer.Again));
        Assert.Equal(1, (await world.Entitlements.Of(account)).Calls.Total);
    }

    [Theory, EveryDatabase]
    public async Task Thirty_scenarios_at_once_are_twenty(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        var account = await world.Account();

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(number => Task.Run(() => world.Reserve(account, Want.Scenario, $"scenario:{number}"))));

        Assert.Equal(20, answers.Count(answer => answer.Verdict.IsAllowed));
        Assert.All(answers.Where(answer => !answer.Verdict.IsAllowed), answer => Assert.Equal((AllowanceStatus.LimitReached, 20L), (answer.Verdict.Status, answer.Verdict.Limit)));
    }

    /// <summary>A quota is never passed by what is admitted, whatever is reserved, given back and completed beside it.</summary>
    [Theory, EveryDatabase]
    public async Task A_quota_is_never_passed(string engine)
    {
        await using var world = await PlansWorld.Start(engine);
        await using var other = world.Node();
        var account = await world.Account();
        await world.Subscribe(account, "basic_monthly");
        var seed = Environment.TickCount;
        var (promised, used) = (0L, 0L);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            var (random, node) = (new Random(seed + worker), worker % 2 == 0 ? world : other);
            for (var step = 0; step < 25; step++)
            {
                var (key, minutes) = ($"{worker}:{step}", random.Next(1, 8));
                var answer = await node.Reserve(account, Want.Call(longestSeconds: minutes * 60), key);
                Assert.InRange((await node.Entitlements.Of(account)).VoiceMinutes!.Used, 0, 100);
                if (!answer.Verdict.IsAllowed)
                {
                    continue;
                }

                var most = answer.Verdict.DurationLimitSeconds!.Value;
                Interlocked.Add(ref promised, most / 60);
                if (random.Next(3) == 0)
                {
                    Assert.True(await node.Entitlements.GiveBack(account, key));
                }
                else
                {
                    var ended = await node.Entitlements.Complete(account, key, random.Next(1, most + 1));
                    Interlocked.Add(ref used, ended!.Units);
                }
            }
        })));

        var standing = await world.Entitlements.Of(account);
        Assert.True(used == standing.VoiceMinutes!.Used && used is > 0 and <= 100, $"seed {seed}: used {used}, counted {standing.VoiceMinutes!.Used}, promised {promised}");
    }
}
