using Ledgerline.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Sandbox.Core;
using Tests.World;
using Xunit;

namespace Tests.Http;

public sealed class PermitsTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Large_limits_rarely_ask_the_shared_counters_and_small_ones_are_exact()
    {
        var clock = new SandboxClock();
        var counters = new AskedCounters(clock);
        var permits = new Permits(counters, clock);

        for (var request = 0; request < 300; request++)
        {
            Assert.Null(await permits.Take("large", 300, Minute, default));
        }

        Assert.Equal(20, counters.Asked);
        Assert.NotNull(await permits.Take("large", 300, Minute, default));
        Assert.NotNull(await permits.Take("large", 300, Minute, default));
        // That there is nothing left is remembered too.
        Assert.Equal(20, counters.Asked);

        for (var request = 0; request < 5; request++)
        {
            Assert.Null(await permits.Take("small", 5, Minute, default));
        }

        Assert.Equal(25, counters.Asked);
    }

    [Fact]
    public async Task Made_up_identities_do_not_fill_the_memory()
    {
        var clock = new SandboxClock();
        var permits = new Permits(new OwnCounters(clock), clock);

        for (var number = 0; number < Permits.MostKeys + 5_000; number++)
        {
            await permits.Take($"made up {number}", 5, Minute, default);
        }

        Assert.InRange(permits.Keys, 1, Permits.MostKeys);
        clock.Advance(Minute);
        await permits.Take("one more", 5, Minute, default);
        Assert.Equal(1, permits.Keys);
    }

    [Fact]
    public async Task Counters_expire_and_are_swept_and_hold_no_addresses()
    {
        await using var database = await TestDatabase.WithSchema("postgres");
        var clock = new SandboxClock();
        await using var opened = await database.Open(clock);
        var counters = new SharedCounters(opened, clock, NullLogger<SharedCounters>.Instance);

        Assert.Equal(2, (await counters.Take("a", 2, 3, Minute, default)).Permits);
        Assert.Equal(new Grant(1, default, true), (await counters.Take("a", 2, 3, Minute, default)) with { EndsAt = default });
        Assert.Equal(new Grant(0, default, true), (await counters.Take("a", 2, 3, Minute, default)) with { EndsAt = default });
        await counters.Sweep(default);
        Assert.Equal(1, await Rows());

        clock.Advance(Minute + TimeSpan.FromSeconds(1));
        await counters.Sweep(default);
        Assert.Equal(0, await Rows());
        Assert.Equal(2, (await counters.Take("a", 2, 3, Minute, default)).Permits);

        Task<long> Rows() => opened.Read(session => session.One<long>("SELECT count(*) FROM rate_limits"));
    }

    [Fact]
    public async Task Without_its_database_a_node_counts_for_itself()
    {
        var database = await TestDatabase.WithSchema("postgres");
        var clock = new SandboxClock();
        await using var opened = await database.Open(clock);
        await database.DisposeAsync();
        var permits = new Permits(new SharedCounters(opened, clock, NullLogger<SharedCounters>.Instance), clock);

        for (var request = 0; request < 5; request++)
        {
            Assert.Null(await permits.Take("a", 5, Minute, default));
        }

        Assert.NotNull(await permits.Take("a", 5, Minute, default));
    }

    private sealed class AskedCounters(TimeProvider clock) : Counters
    {
        private readonly Dictionary<string, int> taken = [];

        public int Asked { get; private set; }

        internal override ValueTask<Grant> Take(string key, int want, int limit, TimeSpan window, CancellationToken stop)
        {
            Asked++;
            var before = taken.GetValueOrDefault(key);
            taken[key] = before + want;
            var granted = Math.Clamp(limit - before, 0, want);
            return ValueTask.FromResult(new Grant(granted, clock.GetUtcNow() + window, before + granted >= limit));
        }
    }
}
