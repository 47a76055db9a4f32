using Ledgerline.Jobs;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Jobs;

public class JobCrashTests
{
    [Theory, EveryDatabase]
    public async Task What_a_dead_node_had_claimed_runs_elsewhere_after_its_lease(string engine)
    {
        await using var world = await JobWorld.Start(engine, running: false);
        await world.Publish(new Ring("a", 1));
        await Die(world, "a", 1);

        await world.Run();
        await world.Publish(new Ring("b", 2));
        await world.Heard(1);
        Assert.Empty(world.Ears.Of("a"));

        world.Clock.Advance(TimeSpan.FromMinutes(3));
        await world.Heard(2);
    }

    [Theory, EveryDatabase]
    public async Task Nodes_that_die_use_up_no_attempts_until_so_many_have_that_the_job_must_be_what_ends_them(string engine)
    {
        await using var world = await JobWorld.Start(engine, running: false);
        world.Ears.FailOnce.TryAdd(("unlucky", 1), true);
        await world.Publish(new Ring("unlucky", 1));
        await world.Publish(new Ring("deadly", 1));
        await world.Publish(new Ring("deadly", 2));
        await world.Knock(new Knock("asks", 1), new Knock("deadly asks", 1));
        foreach (var (lane, died) in new[] { ("unlucky", JobStyle.Common.Crashes - 1), ("deadly", JobStyle.Common.Crashes), ("asks", JobStyle.Common.Crashes), ("deadly asks", JobStyle.Common.Crashes + 1) })
        {
            await Die(world, lane, died);
        }

        world.Clock.Advance(TimeSpan.FromMinutes(3));
        await world.Run();
        await TestWorld.Until(
            () =>
            {
                world.Clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(world.Ears is { Rings.Count: 2, Open.Count: 1 });
            },
            "whoever is not deadly is heard");

        Assert.Equal(1, Assert.Single(world.Ears.Of("unlucky")));
        Assert.Equal(2, Assert.Single(world.Ears.Of("deadly")));
        Assert.Equal("asks 1, attempt 1, hopeless", Assert.Single(world.Ears.Open));
        await TestWorld.Until(
            async () => (await world.Database.Read(session => session.List<string>(
                "SELECT lane || ' ' || last_error FROM jobs WHERE status = 'failed' ORDER BY lane"))).SequenceEqual(["deadly HopelessJob", "deadly asks HopelessJob"]),
            "what kills is kept for the operator");
    }

    // As nodes leave the first job of a lane that died with it, one after another.
    private static Task Die(JobWorld world, string lane, int nodes) => world.Database.Write(transaction => transaction.Execute(
        """
        UPDATE jobs SET status = 'running', claimed_by = 'dead', lease_until = @until, attempt = @nodes
        WHERE id IN (SELECT MIN(id) FROM jobs WHERE lane = @lane)
        """,
        new { until = world.Clock.GetUtcNow().AddMinutes(2), nodes, lane }));
}
