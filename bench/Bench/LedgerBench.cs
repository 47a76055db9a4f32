using System.Diagnostics;
using System.Globalization;
using Ledgerline.Kernel;

namespace Bench;

/// <summary>
/// Durable holds through the ledger's door: over many wallets and on one, beside a transaction for each hold and beside the
/// database's own set-based ceiling on the same tables; then latency at half of the peak, settling, HTTP, and many open holds.
/// </summary>
internal static class LedgerBench
{
    private const int Wallets = 10_000;
    private const int Callers = 10_000;
    private const int Rounds = 3;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(3);

    public static Task Run(Report report) => Engines.Each("ledger", (engine, url) => Engine(report, engine, url));

    private static async Task Engine(Report report, string engine, string databaseUrl)
    {
        await using var world = await LedgerWorld.Start(databaseUrl, Wallets);
        await OpenHolds(report, engine, world);
        var peak = await Holds(report, engine, world);
        var holds = await LedgerWorld.Latencies(peak / 2, TimeSpan.FromSeconds(4), _ => world.Hold(world.Any()));
        report.Add($"ledger.{engine}.hold.p50", "ms", holds[holds.Length / 2], 3, "bar");
        report.Add($"ledger.{engine}.hold.p99", "ms", holds[holds.Length * 99 / 100], 15, "bar");

        var settled = await Measure(report, $"ledger.{engine}.settle", _ => HoldAndSettle(world));
        report.Add($"ledger.{engine}.settle.spread", "1/s", settled, lowerIsBetter: false);
        var settles = await LedgerWorld.Latencies(settled / 2, TimeSpan.FromSeconds(4), _ => HoldAndSettle(world));
        report.Add($"ledger.{engine}.settle.p50", "ms", settles[settles.Length / 2]);
        report.Add($"ledger.{engine}.settle.p99", "ms", settles[settles.Length * 99 / 100]);
        await LedgerHttp.Run(report, engine, world, WarmUp, Measured);
    }

    // Each kind in turns, so that a machine that slows down slows all of them.
    private static async Task<double> Holds(Report report, string engine, LedgerWorld world)
    {
        var ids = new Ids(TimeProvider.System);
        var lots = await LedgerPeers.Lots(world);
        List<double> spread = [], hot = [], each = [], bulk = [];
        for (var round = 0; round < Rounds; round++)
        {
            spread.Add(await LedgerWorld.Rate(Callers, WarmUp, Measured, _ => world.Hold(world.Any())));
            hot.Add(await LedgerWorld.Rate(Callers, WarmUp, Measured, _ => world.Hold(world.Accounts[0])));
            each.Add(await LedgerWorld.Rate(16, WarmUp, Measured, _ => LedgerPeers.TransactionEach(world, world.Any(), ids)));
            bulk.Add(LedgerPeers.Together * await LedgerWorld.Rate(2, WarmUp, Measured, half => LedgerPeers.Bulk(world, lots, half, ids)));
        }

        var peak = StartBench.Median(spread);
        report.Add($"ledger.{engine}.hold.spread", "1/s", peak, 50_000, "bar", lowerIsBetter: false);
        report.Add($"ledger.{engine}.hold.hot", "1/s", StartBench.Median(hot), peak, "spread", lowerIsBetter: false);
        report.Add($"ledger.{engine}.hold.vs-transaction-each", "1/s", peak, StartBench.Median(each), "a transaction each", lowerIsBetter: false);
        report.Add($"ledger.{engine}.hold.vs-bulk", "1/s", peak, StartBench.Median(bulk), "set-based SQL", lowerIsBetter: false);
        await Measure(report, $"ledger.{engine}.hold", _ => world.Hold(world.Any()));
        return peak;
    }

    private static async Task HoldAndSettle(LedgerWorld world)
    {
        var account = world.Any();
        await world.Capture(account, (await world.Hold(account)).HoldId!);
    }

    // What a call costs: in this process, the load included, and in PostgreSQL's.
    private static async Task<double> Measure(Report report, string name, Func<int, Task> call)
    {
        using var self = Process.GetCurrentProcess();
        var (calls, ours, database) = (0L, self.TotalProcessorTime, DatabaseCpu());
        var rate = await LedgerWorld.Rate(Callers, WarmUp, Measured, async caller =>
        {
            await call(caller);
            Interlocked.Increment(ref calls);
        });
        self.Refresh();
        report.Add($"{name}.cpu-us", "µs", (self.TotalProcessorTime - ours).TotalMicroseconds / calls);
        if (database > 0)
        {
            report.Add($"{name}.database-cpu-us", "µs", (DatabaseCpu() - database) / calls);
        }

        return rate;
    }

    // Processor time of PostgreSQL's processes so far, in microseconds.
    private static double DatabaseCpu()
    {
        var server = Environment.GetEnvironmentVariable("BENCH_POSTGRES_PID");
        return server is null ? 0 : File.ReadAllText($"/proc/{server}/task/{server}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(child => $"/proc/{child}/schedstat").Where(File.Exists)
            .Sum(file => double.Parse(File.ReadAllText(file).Split(' ')[0], CultureInfo.InvariantCulture) / 1000);
    }

    // A hundred thousand at once, all of which run out.
    private static async Task OpenHolds(Report report, string engine, LedgerWorld world)
    {
        const int many = 100_000;
        foreach (var some in Enumerable.Range(0, many).Chunk(Callers))
        {
            await Task.WhenAll(some.Select(i => world.Hold(world.Accounts[i % Wallets], TimeSpan.FromMilliseconds(1))));
        }

        GC.Collect();
        using var self = Process.GetCurrentProcess();
        report.Add($"ledger.{engine}.open-holds.memory", "MB", self.WorkingSet64 / 1024.0 / 1024, 200, "bar");
        var started = Stopwatch.GetTimestamp();
        var swept = await world.Ledger.Sweep();
        var elapsed = Stopwatch.GetElapsedTime(started);
        report.Add($"ledger.{engine}.open-holds.sweep", "s", elapsed.TotalSeconds, 1, "bar");
        if (swept != many)
        {
            throw new InvalidOperationException($"{swept} holds were swept where {many} had expired.");
        }
    }
}
