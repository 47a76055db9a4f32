using Ledgerline.Http;
using Ledgerline.Persistence;
using Microsoft.Extensions.Logging.Abstractions;
using Sandbox.Core;
using Tests.World;
using Xunit;

namespace Tests.Nodes;

public sealed class RedisCountersTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Windows_and_grants_are_those_of_the_database()
    {
        await using var world = await CountedWorld.Start(await RedisServer.Address);
        foreach (var counters in new Counters[] { world.First, world.Shared })
        {
            var key = $"{Guid.NewGuid()}";
            Assert.Equal(new Grant(2, default, false) { Left = 1 }, (await counters.Take(key, 2, 3, Minute, default)) with { EndsAt = default });
            var last = await counters.Take(key, 2, 3, Minute, default);
            Assert.Equal(new Grant(1, default, true), last with { EndsAt = default });
            Assert.InRange(last.EndsAt - world.Clock.GetUtcNow(), Minute - TimeSpan.FromSeconds(30), Minute);
            Assert.Equal(new Grant(0, default, true), (await counters.Take(key, 2, 3, Minute, default)) with { EndsAt = default });
            world.Clock.Advance(Minute);
            Assert.Equal(2, (await counters.Take(key, 2, 3, Minute, default)).Permits);
        }

        Assert.Equal(0, world.Outages);
    }

    [Fact]
    public async Task Racers_on_two_nodes_get_exactly_the_limit()
    {
        await using var world = await CountedWorld.Start(await RedisServer.Address);
        world.Clock.Advance(Minute);
        var grants = await Task.WhenAll(Enumerable.Range(0, 256).Select(i => (i % 2 == 0 ? world.First : world.Second).Take("racers", 1, 5, Minute, default).AsTask()));
        Assert.Equal(5, grants.Sum(grant => grant.Permits));
        Assert.Equal(0, world.Outages);
    }

    [Fact]
    public async Task A_limit_holds_in_one_window_through_the_death_and_the_return_of_Redis()
    {
        await using var redis = ShellServer.Redis();
        await redis.Start();
        await using var world = await CountedWorld.Start(redis.RedisUrl);
        await Take(world, "settles");
        world.Clock.Advance(Minute);

        Assert.Equal(2, await Take(world, "ada"));
        Assert.Equal(4, await Take(world, "grace") + await Take(world, "grace"));
        await TestWorld.Until(async () => await world.Taken("ada") == 2 && await world.Taken("grace") == 4, "the database has a copy");
        await redis.Kill();
        Assert.Equal(2, await Take(world, "ada"));
        Assert.Equal(1, await Take(world, "grace"));
        await redis.Start();
        await world.AreThere();
        Assert.Equal(1, await Take(world, "ada"));
        Assert.Equal(0, await Take(world, "ada"));
        Assert.Equal(0, await Take(world, "grace"));

        world.Clock.Advance(Minute);
        List<int> taken = [await Take(world, "ada"), await Take(world, "ada"), await Take(world, "ada"), await Take(world, "ada")];
        Assert.Equal([2, 2, 1, 0], taken);

        // By now Redis counts on its own again: the database has not been asked, it only gets its copy.
        world.Clock.Advance(Minute);
        var asked = world.Asked;
        Assert.Equal(2, await Take(world, "heidi"));
        Assert.Equal(asked, world.Asked);
    }

    [Fact]
    public async Task What_a_hanging_Redis_counted_is_not_forgotten_when_it_goes_on()
    {
        await using var redis = ShellServer.Redis();
        await redis.Start();
        await using var world = await CountedWorld.Start(redis.RedisUrl);
        await Take(world, "settles");
        world.Clock.Advance(Minute);
        Assert.Equal(2, await Take(world, "ada"));
        await TestWorld.Until(async () => await world.Taken("ada") == 2, "the database has a copy");
        await redis.Freeze();
        Assert.Equal(2, await Take(world, "ada"));
        await redis.Thaw();
        await world.AreThere();
        Assert.InRange(await Take(world, "ada"), 0, 1);
        Assert.Equal(0, await Take(world, "ada"));
    }

    // One permit of five on each node.
    private static async Task<int> Take(CountedWorld world, string key) =>
        (await world.First.Take(key, 1, 5, Minute, default)).Permits + (await world.Second.Take(key, 1, 5, Minute, default)).Permits;

    private sealed class CountedWorld : IAsyncDisposable
    {
        private readonly TestDatabase database;
        private readonly Database opened;
        private readonly Node[] nodes;

        private CountedWorld(TestDatabase database, Database opened, Node[] nodes, SandboxClock clock)
        {
            (this.database, this.opened, this.nodes, Clock) = (database, opened, nodes, clock);
            Shared = new SharedCounters(opened, clock, NullLogger<SharedCounters>.Instance);
            First = new RedisCounters(nodes[0].Redis, Shared, clock, NullLogger<RedisCounters>.Instance);
            Second = new RedisCounters(nodes[1].Redis, Shared, clock, NullLogger<RedisCounters>.Instance);
            opened.Engine.Watch = sql => Asked += sql.Contains("RETURNING taken", StringComparison.Ordinal) ? 1 : 0;
        }

        public SandboxClock Clock { get; }

        public SharedCounters Shared { get; }

        public RedisCounters First { get; }

        public RedisCounters Second { get; }

        /// <summary>How often the database was asked for a permit.</summary>
        public int Asked { get; private set; }

        public int Outages => nodes.Sum(node => node.Redis.Outages);

        public static async Task<CountedWorld> Start(string redisUrl)
        {
            var database = await TestDatabase.New("postgres");
            var clock = new SandboxClock();
            var prefix = Node.NewPrefix();
            var world = new CountedWorld(database, await database.Open(clock), [await Node.Start(redisUrl, prefix), await Node.Start(redisUrl, prefix)], clock);
            await world.AreThere();
            return world;
        }

        public Task AreThere() => Task.WhenAll(nodes.Select(node => node.IsThere()));

        public Task<long> Taken(string key) =>
            opened.Read(session => session.Maybe<long>("SELECT taken FROM rate_limits WHERE limit_key = @key", new { key }));

        public async ValueTask DisposeAsync()
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }

            await opened.DisposeAsync();
            await database.DisposeAsync();
        }
    }
}
