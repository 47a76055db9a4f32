using System.Diagnostics.Metrics;
using Ledgerline.Kernel;
using Ledgerline.Usage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sandbox.Core;
using Tests.World;
using Xunit;

namespace Tests.Usage;

/// <summary>What could not be written while somebody waited is written later, once, or named as lost.</summary>
public sealed class BookkeepingTests : IDisposable
{
    private static readonly AudioUse Use = new(new AccountId(Guid.NewGuid()), "transcribe", "whisper-1", 1, "the-key", TimeSpan.FromMinutes(10));

    private readonly SandboxClock clock = new();
    private readonly LogLines logs = new();
    private readonly LoggerFactory loggers = new();

    [Fact]
    public async Task The_caller_is_told_after_half_a_minute_and_the_rest_happens_behind_its_back()
    {
        using var books = await Started();
        var (attempts, isDown) = (0, true);
        var start = clock.GetUtcNow();
        var insisting = books.Insist(Use, () => ++attempts > 0 && isDown ? throw new TimeoutException() : Task.FromResult(1));
        await Assert.ThrowsAsync<StillRunning>(() => Patiently(insisting));
        Assert.InRange(clock.GetUtcNow() - start, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(40));
        Assert.Equal((7, 1), (attempts, books.Waiting));

        await Passes(() => attempts >= 10);
        Assert.Equal(1, books.Waiting);
        isDown = false;
        await Passes(() => books.Waiting == 0);
        var last = attempts;
        await Passes(() => logs.All.Any(line => line.Contains("is booked at last", StringComparison.Ordinal)));
        Assert.Equal(last, attempts);
        await books.StopAsync(default);
        Assert.Equal(last, attempts);
    }

    [Fact]
    public async Task A_fault_that_is_no_trouble_of_the_database_is_the_callers_at_once_and_is_dropped_later()
    {
        using var books = await Started();
        await Assert.ThrowsAsync<InvalidOperationException>(() => books.Insist<int>(Use, () => throw new InvalidOperationException()));
        Assert.Equal(0, books.Waiting);

        var attempts = 0;
        await Assert.ThrowsAsync<StillRunning>(() => Patiently(books.Insist<int>(Use, () => ++attempts <= 7 ? throw new TimeoutException() : throw new InvalidOperationException())));
        await Passes(() => books.Waiting == 0 && attempts == 8);
        await Passes(() => logs.All.Any(line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("the-key is lost", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task One_that_never_succeeds_keeps_no_other_waiting()
    {
        using var books = await Started();
        var isDown = true;
        var written = 0;
        Task Hopeless() => Assert.ThrowsAsync<StillRunning>(() => Patiently(books.Insist<int>(Use, () => throw new TimeoutException())));
        Task Delayed() => Assert.ThrowsAsync<StillRunning>(() => Patiently(books.Insist(Use, () => isDown ? throw new TimeoutException() : Task.FromResult(++written))));
        await Task.WhenAll([Hopeless(), .. Enumerable.Range(0, 5).Select(_ => Delayed())]);

        isDown = false;
        await Passes(() => written == 5);
        Assert.Equal(1, books.Waiting);
    }

    [Fact]
    public async Task The_end_of_the_process_tries_once_more_and_names_what_is_lost()
    {
        using var books = await Started();
        var isDown = true;
        var written = 0;
        await Task.WhenAll(
            Assert.ThrowsAsync<StillRunning>(() => Patiently(books.Insist(Use, () => isDown ? throw new TimeoutException() : Task.FromResult(++written)))),
            Assert.ThrowsAsync<StillRunning>(() => Patiently(books.Insist<int>(Use with { Key = "hopeless" }, () => throw new TimeoutException()))));

        isDown = false;
        await books.StopAsync(default);

        Assert.Equal((1, 0), (written, books.Waiting));
        Assert.Single(logs.All, line => line.Contains("hopeless is lost because the process ends", StringComparison.Ordinal));
        await Assert.ThrowsAsync<TimeoutException>(() => Patiently(books.Insist<int>(Use with { Key = "after" }, () => throw new TimeoutException())));
        Assert.Single(logs.All, line => line.Contains("after is lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_more_wait_than_memory_may_hold_and_all_are_counted()
    {
        long delayed = 0, lost = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "ledgerline.bookings.late")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            Interlocked.Add(ref delayed, tags.Contains(new("outcome", "delayed")) ? count : 0);
            Interlocked.Add(ref lost, tags.Contains(new("outcome", "lost")) ? count : 0);
        });
        listener.Start();
        using var books = new Bookkeeping(clock, NullLogger<Bookkeeping>.Instance);
        var told = Enumerable.Range(0, Bookkeeping.MostWaiting + 3).Select(async _ =>
            (await Assert.ThrowsAnyAsync<Exception>(() => books.Insist<int>(Use, () => throw new TimeoutException()))).GetType()).ToList();
        await Patiently(Task.WhenAll(told));

        Assert.Equal(Bookkeeping.MostWaiting, books.Waiting);
        Assert.Equal(3, (await Task.WhenAll(told)).Count(type => type == typeof(TimeoutException)));
        // Other tests may delay bookings at the same time.
        Assert.True(Interlocked.Read(ref delayed) >= Bookkeeping.MostWaiting && Interlocked.Read(ref lost) >= 3);
    }

    public void Dispose() => loggers.Dispose();

    private async Task<Bookkeeping> Started()
    {
        loggers.AddProvider(logs);
        var books = new Bookkeeping(clock, loggers.CreateLogger<Bookkeeping>());
        await books.StartAsync(default);
        return books;
    }

    private async Task Patiently(Task task)
    {
        await Passes(() => task.IsCompleted);
        await task;
    }

    private Task Passes(Func<bool> happened) => TestWorld.Until(
        () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(happened());
        },
        "it happened while time passed");
}
