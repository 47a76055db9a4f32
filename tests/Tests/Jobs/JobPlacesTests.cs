using System.Data.Common;
using Ledgerline.Jobs;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Jobs;

public class JobPlacesTests
{
    [Theory, EveryDatabase]
    public async Task What_begins_with_its_commit_is_claimed_by_it_where_a_place_is_free_and_waits_in_the_table_otherwise(string engine)
    {
        await using var world = await JobWorld.Start(engine);
        // The runner has looked for what others have left.
        await TestWorld.Until(() => Task.FromResult(world.Signal.Places.TryTake(JobWorld.KnockPool) is { } place && Left(place)), "places are given");
        // Nobody else claims anything.
        world.Database.Engine.Watch = sql => _ = sql.Contains("attempt = attempt + 1", StringComparison.Ordinal) ? throw new TimeoutException() : false;

        // A transaction that fails leaves the places it took.
        for (var turn = 0; turn < JobWorld.Doors + 1; turn++)
        {
            await Assert.ThrowsAnyAsync<DbException>(() => world.Database.Write(async transaction =>
            {
                await world.Outbox.Publish(transaction, new Knock("lost", turn));
                // It has published, and fails with the commit: the column takes no null.
                transaction.Gather(turn, (last, _, _) =>
                {
                    last.Defer("INSERT INTO recurring (name, next_at) SELECT r.name, r.next_at FROM {rows}", new Nothing("x", null));
                    return Task.CompletedTask;
                });
            }));
        }

        await world.Knock(new Knock("a", 1), new Knock("b", 1));
        await TestWorld.Until(() => Task.FromResult(world.Ears.Open.Count == 2), "both have begun");
        Assert.Equal(2, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM jobs WHERE pool <> '' AND status = 'running' AND attempt = 1 AND claimed_by IS NOT NULL")));

        world.Database.Engine.Watch = null;
        // One that is behind another of its lane, one that no place is left for after the next, and nobody comes twice.
        await world.Knock(new Knock("a", 2), new Knock("c", 1), new Knock("d", 1));
        await TestWorld.Until(() => Task.FromResult(world.Ears.Open.Count == JobWorld.Doors), "the last place is taken");
        Assert.Equal(2, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM jobs WHERE pool <> '' AND status = 'ready'")));
        world.Ears.Doors.Release(10);
        await TestWorld.Until(
            async () => await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM jobs WHERE pool <> ''")) == 0, "all have been let in");
        Assert.Equal(["a 1", "a 2", "b 1", "c 1", "d 1"], world.Ears.Open.Order());
    }

    private static bool Left(JobPlaces.Pool place)
    {
        place.Leave();
        return true;
    }

    private readonly record struct Nothing(string Name, long? NextAt);
}
