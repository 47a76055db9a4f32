using System.Collections.Concurrent;
using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Microsoft.Extensions.DependencyInjection;

using Sandbox.Core;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Jobs;

public class JobTests
{
    [Theory, EveryDatabase]
    public async Task What_is_published_is_heard_if_and_only_if_it_commits(string engine)
    {
        await using var world = await JobWorld.Start(engine);

        await world.Publish(new Ring("a", 1));
        await Assert.ThrowsAsync<TimeoutException>(() => world.Database.Write(async transaction =>
        {
            await world.Outbox.Publish(transaction, new Ring("a", 2));
            throw new TimeoutException();
        }));
        await world.Publish(new Ring("a", 3));

        await world.Heard(2);
        Assert.Equal([1, 3], world.Ears.Rings.Select(ring => ring.Number));
        Assert.Equal([1, 3], await world.Database.Read(session => session.List<long>("SELECT next_at FROM recurring WHERE name LIKE 'within%' ORDER BY next_at")));
    }

    [Theory, EveryDatabase]
    public async Task A_lane_keeps_its_order_over_failures_and_two_nodes_while_other_lanes_go_on(string engine)
    {
        await using var world = await JobWorld.Start(engine);
        await using var second = await world.AnotherNode();
        world.Ears.FailOnce.TryAdd(("slow", 1), true);

        for (var number = 1; number <= 20; number++)
        {
            await world.Publish(new Ring("slow", number));
            await world.Publish(new Ring("other", number));
        }

        await TestWorld.Until(() => Task.FromResult(world.Ears.Of("other").Count == 20), "the other lane is through");
        Assert.Empty(world.Ears.Of("slow"));

        // The failed one waits some seconds of the clock; nothing of its lane overtakes it.
        await TestWorld.Until(
            () =>
            {
                world.Clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(world.Ears.Of("slow").Count == 20);
            },
            "the slow lane is through");
        Assert.Equal(Enumerable.Range(1, 20), world.Ears.Of("slow"));
        Assert.Equal(Enumerable.Range(1, 20), world.Ears.Of("other"));
    }

    [Theory, EveryDatabase]
    public async Task What_could_not_be_put_off_and_what_was_claimed_unheard_runs_again(string engine)
    {
        await using var world = await JobWorld.Start(engine);
        world.Ears.FailOnce.TryAdd(("a", 1), true);
        var (putOffs, claims, commits) = (0, 0, 0);
        world.Database.Engine.Watch = sql =>
        {
            if (sql.Contains("last_error = @error", StringComparison.Ordinal) && putOffs++ == 0)
            {
                throw new TimeoutException("The database is away.");
            }

            claims += sql.Contains("attempt = attempt + 1", StringComparison.Ordinal) ? 1 : 0;
            // The third claim is written, and nobody hears of it.
            if (claims == 3 && sql == Transaction.Commit && ++commits == 2)
            {
                throw new TimeoutException("The answer to the commit got lost.");
            }
        };

        for (var number = 1; number <= 6; number++)
        {
            await world.Publish(new Ring("a", number));
            var expected = number;
            await TestWorld.Until(
                () =>
                {
                    world.Clock.Advance(TimeSpan.FromSeconds(1));
                    return Task.FromResult(world.Ears.Of("a").Count == expected);
                },
                $"ring {number} is heard");
        }

        Assert.Equal(Enumerable.Range(1, 6), world.Ears.Of("a"));
        // The clock that is moved on may also end an attempt of a slow machine.
        Assert.True(putOffs >= 1);
        Assert.True(commits >= 2);
    }

    [Theory, EveryDatabase]
    public async Task A_job_that_never_succeeds_is_kept_for_the_operator_and_blocks_nobody(string engine)
    {
        await using var world = await JobWorld.Start(engine);
        world.Ears.FailAlways.TryAdd(("a", 1), true);
        await world.Publish(new Ring("a", 1));
        await world.Publish(new Ring("a", 2));

        await TestWorld.Until(
            async () =>
            {
                var waiting = await world.Database.Read(session => session.One<long>(
                    "SELECT COUNT(*) FROM jobs WHERE lane = 'a' AND attempt > 0 AND status = 'ready' AND run_at > @now", new { now = world.Clock.GetUtcNow() }));
                world.Clock.Advance(TimeSpan.FromHours(waiting));
                return world.Ears.Of("a").Count == 1;
            },
            "the second job of the lane ran");
        var left = await world.Database.Read(session => session.One<(string Status, long Attempt, string Error)>(
            "SELECT status, attempt, last_error FROM jobs WHERE lane = 'a'"));
        Assert.Equal(("failed", Backoff.Attempts, "InvalidOperationException"), left);
        Assert.Equal(0, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM jobs WHERE status = 'failed' AND unique_key IS NOT NULL")));
    }

    [Theory, EveryDatabase]
    public async Task A_recurring_job_runs_once_a_turn_on_two_nodes(string engine)
    {
        await using var world = await JobWorld.Start(engine);
        await using var second = await world.AnotherNode();

        for (var turn = 1; turn <= 5; turn++)
        {
            var expected = turn;
            await TestWorld.Until(() => Task.FromResult(world.Ears.Ticks >= expected), $"turn {turn}");
            Assert.Equal(turn, world.Ears.Ticks);
            world.Clock.Advance(TimeSpan.FromMinutes(10));
        }
    }

    [Fact]
    public void Waiting_doubles_up_to_an_hour_and_jitter_only_shortens()
    {
        Assert.Equal(TimeSpan.FromSeconds(2), Backoff.After(1, 0));
        Assert.Equal(TimeSpan.FromSeconds(8), Backoff.After(3, 0));
        Assert.Equal(TimeSpan.FromHours(1), Backoff.After(20, 0));
        Assert.InRange(Backoff.After(3, 999), TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(8));
    }
}

internal sealed record Ring(string Lane, int Number) : IInLane;

internal sealed record Knock(string Lane, int Number) : IInLane;

internal sealed record Tick;

internal sealed class Ears
{
    public ConcurrentQueue<Ring> Rings { get; } = new();
    public ConcurrentDictionary<(string, int), bool> FailOnce { get; } = new();
    public ConcurrentDictionary<(string, int), bool> FailAlways { get; } = new();
    public ConcurrentQueue<string> Open { get; } = new();
    public SemaphoreSlim Doors { get; } = new(0);
    public int Ticks;

    public List<int> Of(string lane) => [.. Rings.Where(ring => ring.Lane == lane).Select(ring => ring.Number)];
}

internal sealed class Hear(Ears ears) : IJob<Ring>, IJob<Tick>, ITriedJob<Knock>
{
    public async Task Run(Knock news, JobAttempt attempt, CancellationToken stop)
    {
        ears.Open.Enqueue($"{news.Lane} {news.Number}{(attempt.IsHopeless ? $", attempt {attempt.Number}, hopeless" : "")}");
        await ears.Doors.WaitAsync(stop);
    }

    public Task Run(Ring news, CancellationToken stop)
    {
        if (ears.FailOnce.TryRemove((news.Lane, news.Number), out _) || ears.FailAlways.ContainsKey((news.Lane, news.Number)))
        {
            throw new InvalidOperationException("As the test wants it.");
        }

        ears.Rings.Enqueue(news);
        return Task.CompletedTask;
    }

    public Task Run(Tick news, CancellationToken stop)
    {
        Interlocked.Increment(ref ears.Ticks);
        return Task.CompletedTask;
    }
}

internal sealed class Note : IWithin<Ring>
{
    public Task Happen(Transaction transaction, IReadOnlyList<Ring> news, CancellationToken stop)
    {
        foreach (var ring in news)
        {
            transaction.Defer("INSERT INTO recurring (name, next_at) SELECT r.name, r.number FROM {rows}", new Row($"within {ring.Lane} {ring.Number}", ring.Number));
        }

        return Task.CompletedTask;
    }

    private sealed record Row(string Name, int Number);
}

/// <summary>Outbox and runner on a new database, with a clock to move.</summary>
internal sealed class JobWorld : IAsyncDisposable
{
    /// <summary>So many knocks are heard at once.</summary>
    public const int Doors = 3;

    public const string KnockPool = $"{nameof(Jobs.Knock)} → {nameof(Hear)}";

    private readonly TestDatabase place;
    private readonly bool ownsPlace;
    private readonly ServiceProvider services;

    private JobWorld(TestDatabase place, Database database, SandboxClock clock, Ears ears, bool ownsPlace)
    {
        (this.place, Clock, Ears, this.ownsPlace) = (place, clock, ears, ownsPlace);
        var listeners = new Listeners();
        listeners.On<Ring>().Within<Note>().Run<Hear>();
        listeners.On<Knock>().Run<Hear>(new JobStyle { AtOnce = Doors, BeginsHere = true });
        listeners.Every<Tick>(TimeSpan.FromMinutes(10)).Run<Hear>();
        services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(clock).AddSingleton<Ledgerline.Kernel.Ids>().AddSingleton(database)
            .AddSingleton(ears).AddSingleton(listeners).AddSingleton<JobSignal>().AddSingleton<JobQueue>().AddSingleton<Leases>().AddSingleton<Outbox>().AddSingleton<JobRunner>()
            .BuildServiceProvider();
    }

    public SandboxClock Clock { get; }
    public Ears Ears { get; }
    public Database Database => services.GetRequiredService<Database>();
    public Outbox Outbox => services.GetRequiredService<Outbox>();

    public static async Task<JobWorld> Start(string engine, bool running = true)
    {
        var place = await TestDatabase.New(engine);
        var clock = new SandboxClock();
        var world = new JobWorld(place, await place.Open(clock), clock, new Ears(), ownsPlace: true);
        await (running ? world.Run() : Task.CompletedTask);
        return world;
    }

    public async Task<JobWorld> AnotherNode()
    {
        var node = new JobWorld(place, Database.Open(place.Url), Clock, Ears, ownsPlace: false);
        await node.Run();
        return node;
    }

    public Task Run() => services.GetRequiredService<JobRunner>().StartAsync(CancellationToken.None);

    public Task Publish(Ring ring) => Database.Write(transaction => Outbox.Publish(transaction, ring));

    public JobSignal Signal => services.GetRequiredService<JobSignal>();

    public Task Knock(params Knock[] knocks) => Database.Write(async transaction =>
    {
        foreach (var knock in knocks)
        {
            await Outbox.Publish(transaction, knock);
        }
    });

    public Task Heard(int count) => TestWorld.Until(() => Task.FromResult(Ears.Rings.Count >= count), $"{count} rings are heard");

    public async ValueTask DisposeAsync()
    {
        // A test that failed lets nobody wait.
        Ears.Doors.Release(100);
        await services.GetRequiredService<JobRunner>().StopAsync(CancellationToken.None);
        await services.DisposeAsync();
        if (ownsPlace)
        {
            await place.DisposeAsync();
        }
    }
}
