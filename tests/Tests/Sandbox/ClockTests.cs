using System.Net;
using System.Net.Http.Json;
using Sandbox.Core;
using Xunit;

namespace Tests.Sandbox;

public sealed class ClockTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task ADelayEndsWhenTheJumpReachesItAndNotBefore()
    {
        var clock = new SandboxClock();
        var hour = Task.Delay(TimeSpan.FromHours(1), clock);
        var nearly = Task.Delay(TimeSpan.FromMinutes(59), clock);

        clock.Advance(TimeSpan.FromMinutes(59));
        await nearly.WaitAsync(Patience);
        Assert.False(hour.IsCompleted);

        clock.Advance(TimeSpan.FromMinutes(1));
        await hour.WaitAsync(Patience);
    }

    [Fact]
    public async Task TimeAlsoPassesByItself()
    {
        var clock = new SandboxClock();
        clock.Advance(TimeSpan.FromDays(400));
        var before = clock.GetTimestamp();
        await Task.Delay(TimeSpan.FromMilliseconds(30), clock).WaitAsync(Patience);
        Assert.True(clock.GetElapsedTime(before) >= TimeSpan.FromMilliseconds(30));
    }

    [Fact]
    public async Task APeriodThatWasJumpedOverManyTimesTicksOnceAndGoesOn()
    {
        var clock = new SandboxClock();
        var ticks = 0;
        using var ticked = new SemaphoreSlim(0);
        await using var timer = clock.CreateTimer(_ =>
        {
            Interlocked.Increment(ref ticks);
            ticked.Release();
        }, null, TimeSpan.FromHours(1), TimeSpan.FromHours(1));

        clock.Advance(TimeSpan.FromHours(100.5));
        Assert.True(await ticked.WaitAsync(Patience));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.True(await ticked.WaitAsync(Patience));
        Assert.Equal(2, ticks);

        using var periodic = new PeriodicTimer(TimeSpan.FromMinutes(10), clock);
        var tick = periodic.WaitForNextTickAsync().AsTask();
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.True(await tick.WaitAsync(Patience));
    }

    [Fact]
    public async Task WhatIsDueInManyMonthsComesByOneJump()
    {
        var clock = new SandboxClock();
        var fired = new TaskCompletionSource();
        await using var timer = clock.CreateTimer(_ => fired.SetResult(), null, TimeSpan.FromDays(365), Timeout.InfiniteTimeSpan);
        using var expiry = new CancellationTokenSource(TimeSpan.FromDays(40), clock);

        clock.Advance(TimeSpan.FromDays(366));
        await fired.Task.WaitAsync(Patience);
        await SandboxHost.Until(() => expiry.IsCancellationRequested, "the token's time-out");
    }

    [Fact]
    public void InstantAndTimestampMoveTogetherAndOnlyForward()
    {
        var clock = new SandboxClock();
        var (instant, stamp) = (clock.GetUtcNow(), clock.GetTimestamp());
        clock.Advance(TimeSpan.FromDays(10_000));
        Assert.InRange(clock.GetUtcNow() - instant, TimeSpan.FromDays(10_000), TimeSpan.FromDays(10_000) + Patience);
        Assert.InRange(clock.GetElapsedTime(stamp), TimeSpan.FromDays(10_000), TimeSpan.FromDays(10_000) + Patience);

        var target = clock.GetUtcNow().AddYears(1);
        clock.SetNow(target);
        Assert.InRange(clock.GetUtcNow(), target, target + Patience);
        Assert.Throws<ArgumentOutOfRangeException>(() => clock.SetNow(instant));
        Assert.Throws<ArgumentOutOfRangeException>(() => clock.Advance(TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => clock.Advance(TimeSpan.MaxValue));
        Assert.InRange(clock.GetUtcNow(), target, target + Patience);
    }

    [Fact]
    public async Task TimersThatAreDoneAreNotHeld()
    {
        var clock = new SandboxClock();
        var fired = 0;
        for (var round = 0; round < 100; round++)
        {
            await using var unused = clock.CreateTimer(_ => Interlocked.Increment(ref fired), null, TimeSpan.FromHours(1), TimeSpan.FromHours(1));
            using var token = new CancellationTokenSource(TimeSpan.FromHours(1), clock);
        }

        Assert.Equal(0, clock.ArmedTimers);
        var sentinel = Task.Delay(TimeSpan.FromHours(2), clock);
        Assert.Equal(1, clock.ArmedTimers);
        clock.Advance(TimeSpan.FromHours(2));
        await sentinel.WaitAsync(Patience);
        Assert.Equal(0, fired);
        Assert.Equal(0, clock.ArmedTimers);
    }

    [Fact]
    public async Task ManyThreadsMayJumpAndWaitAtOnce()
    {
        var clock = new SandboxClock();
        var random = new Random(20261120);
        var waits = Enumerable.Range(0, 2000).Select(_ => TimeSpan.FromSeconds(random.Next(1, 4000))).ToList();
        var begun = waits.Select(wait => Task.Run(() => new[] { Task.Delay(wait, clock) })).ToList();
        var jumps = Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var step = 0; step < 1000; step++)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
            }
        })).ToList();

        await Task.WhenAll(jumps).WaitAsync(Patience);
        var delays = await Task.WhenAll(begun).WaitAsync(Patience);
        clock.Advance(TimeSpan.FromSeconds(4000));
        await Task.WhenAll(delays.Select(delay => delay[0])).WaitAsync(Patience);
        Assert.Equal(0, clock.ArmedTimers);
    }

    [Fact]
    public async Task TheControlRoomMovesIt()
    {
        await using var sandbox = await SandboxHost.Start();
        var month = Task.Delay(TimeSpan.FromDays(31), sandbox.Clock);
        var before = (await sandbox.Get("/_sandbox/clock")).GetProperty("now").GetString()!;
        Assert.EndsWith("Z", before, StringComparison.Ordinal);

        await sandbox.Post("/_sandbox/clock", new { advance_seconds = 31 * 86_400 });
        await month.WaitAsync(Patience);
        var now = (await sandbox.Post("/_sandbox/clock", new { now = "2031-01-01T00:00:00Z" })).GetProperty("now").GetString()!;
        Assert.StartsWith("2031-01-01T00:00:0", now, StringComparison.Ordinal);

        foreach (var wrong in new object[] { new { now = before }, new { advance_seconds = -1 }, new { }, new { seconds = 5 }, new { now = "soon" }, new { advance_seconds = 1e15 } })
        {
            using var answer = await sandbox.Http.PostAsJsonAsync("/_sandbox/clock", wrong);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains("detail", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }
}
