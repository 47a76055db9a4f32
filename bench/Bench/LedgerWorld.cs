using System.Diagnostics;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;

namespace Bench;

/// <summary>A ledger of its own on a new database, with wallets that never run dry.</summary>
internal sealed class LedgerWorld : IAsyncDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().BuildServiceProvider();
    private readonly Random random = new(7);
    private readonly Ids ids = new(TimeProvider.System);

    private LedgerWorld(Database database) => (Database, Ledger) =
        (database, new Ledger(database, new Outbox(new Listeners(), new JobSignal(), services, TimeProvider.System), ids, TimeProvider.System));

    public Database Database { get; }

    public Ledger Ledger { get; }

    public AccountId[] Accounts { get; private set; } = [];

    public static async Task<LedgerWorld> Start(string databaseUrl, int wallets)
    {
        var database = Database.Open(databaseUrl);
        await Migrate.Run(database, TimeProvider.System);
        var world = new LedgerWorld(database);
        world.Accounts = [.. Enumerable.Range(0, wallets).Select(_ => new AccountId(world.ids.Uuid()))];
        await Task.WhenAll(world.Accounts.Select(account => world.Ledger.Grant(new GrantOrder(
            account, Unit.Credit, "purchase", $"bench:{account}", Credits.Whole(1_000_000_000), "For the benchmark", Money.Usd(1)))));
        return world;
    }

    public AccountId Any() => Accounts[Below(Accounts.Length)];

    public int Below(int below)
    {
        lock (random)
        {
            return random.Next(below);
        }
    }

    public Task<HoldAnswer> Hold(AccountId account, TimeSpan? lifetime = null) => Ledger.Hold(new HoldOrder(
        account, Unit.Credit, ids.Text(), Credits.Whole(1), "transcribe", lifetime ?? TimeSpan.FromMinutes(10)));

    public Task<CaptureAnswer> Capture(AccountId account, string hold) => Ledger.Capture(new CaptureOrder(
        account, Unit.Credit, hold, Credits.Whole(1), "transcribe: 10.0s"));

    /// <summary>How many a second when so many callers ask again as soon as they have their answer.</summary>
    public static async Task<double> Rate(int callers, TimeSpan warmUp, TimeSpan measured, Func<int, Task> call)
    {
        var (count, running) = (0L, true);
        var all = Enumerable.Range(0, callers).Select(async caller =>
        {
            await Task.Yield();
            while (Volatile.Read(ref running))
            {
                await call(caller);
                Interlocked.Increment(ref count);
            }
        }).ToArray();
        await Task.Delay(warmUp);
        var (before, started) = (Interlocked.Read(ref count), Stopwatch.GetTimestamp());
        await Task.Delay(measured);
        var rate = (Interlocked.Read(ref count) - before) / Stopwatch.GetElapsedTime(started).TotalSeconds;
        Volatile.Write(ref running, false);
        await Task.WhenAll(all);
        return rate;
    }

    /// <summary>Sorted milliseconds of each call when so many are begun a second, whether or not earlier ones are answered.</summary>
    public static async Task<double[]> Latencies(double perSecond, TimeSpan measured, Func<int, Task> call)
    {
        List<Task<double>> calls = [];
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < measured)
        {
            for (var due = (int)(elapsed.TotalSeconds * perSecond); calls.Count < due;)
            {
                calls.Add(Timed(call, calls.Count));
            }

            await timer.WaitForNextTickAsync();
        }

        // What the first second shows is warming up.
        var all = await Task.WhenAll(calls);
        return [.. all.Skip((int)perSecond).Order()];
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await services.DisposeAsync();
    }

    private static async Task<double> Timed(Func<int, Task> call, int number)
    {
        var started = Stopwatch.GetTimestamp();
        await call(number);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
