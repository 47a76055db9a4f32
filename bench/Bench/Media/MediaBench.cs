using System.Globalization;

namespace Bench.Media;

/// <summary>
/// What a call costs that is bridged to a model: processor, memory, delay, lost frames; beside a bare bridge on the same web server, and
/// beside whatever bridge is named. Signature, metering and transcript are on in ours.
/// </summary>
internal static class MediaBench
{
    private const int LatencyCalls = 100;
    private const int ManyCalls = 500;
    private const int MixedCount = 1_000;
    private const int RealPieceMs = 200;
    private const int SlowHandshakeMs = 300;

    // Fewer only show that it runs: BENCH_CALLS=10 BENCH_SECONDS=3 bin/bench media.
    private static readonly int? Calls = Number("BENCH_CALLS");
    private static readonly int Seconds = Number("BENCH_SECONDS") ?? 20;

    /// <summary>Measured in the place of the bare bridge's and ours.</summary>
    public static OtherBridge? Others { get; set; }

    public static async Task Run(Report report)
    {
        if (Others is { } other)
        {
            var order = Plain(other.Address, other.ModelPort, other.Pid);
            await Measure(report, "media.other", [("other", order)], Floor(other.ModelPort));
            return;
        }

        var port = ServerProcess.FreePort();
        var folder = Directory.CreateTempSubdirectory("ledgerline-bench-").FullName;
        Cores.PinThisProcess();
        try
        {
            var database = Environment.GetEnvironmentVariable("BENCH_POSTGRES") is { Length: > 0 } url ? url : $"sqlite:{folder}/media.db";
            await using var carrier = await CarrierStub.Start();
            using var world = await MediaWorld.Start(database, port, carrier);
            using var bare = await PassThrough.Start(port);
            var (ours, peer) = (world.Order(port), Plain(new Uri(bare.Client.BaseAddress!.ToString().Replace("http", "ws", StringComparison.Ordinal)), port, bare.Child.Id));
            await Measure(report, "media", [("ours", ours), (bare.Name, peer)], Floor(port));
            await Aftermath(report, world, ours);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static LoadOrder Plain(Uri bridge, int modelPort, int? pid) => new(bridge, null, "", "", [], modelPort, 0, 0, 2, 20, 0, pid, false);

    // Phones that speak to the model themselves: what one hop takes that no bridge can spare.
    private static LoadOrder Floor(int modelPort) => Plain(new Uri($"ws://127.0.0.1:{modelPort}/v1/realtime"), modelPort, null);

    private static async Task Measure(Report report, string prefix, (string Name, LoadOrder Order)[] bridges, LoadOrder floor)
    {
        var latencyCalls = Calls ?? LatencyCalls;
        var manyCalls = Calls ?? ManyCalls;
        foreach (var (_, order) in bridges)
        {
            // What runs often is compiled anew; that is no call's cost.
            await LoadProcess.Run(order with { Calls = Math.Min(50, latencyCalls), Seconds = Math.Min(10, Seconds) });
        }

        var direct = await LoadProcess.Run(floor with { Calls = latencyCalls, Seconds = Seconds });
        var idle = new List<double>();
        List<LoadResult> echoed = [], spoken = [], slow = [], many = [];
        foreach (var (_, order) in bridges)
        {
            idle.Add((await LoadProcess.Run(order with { Calls = 1, Seconds = 1 })).MemoryMegabytes);
            echoed.Add(await LoadProcess.Run(order with { Calls = latencyCalls, Seconds = Seconds }));
            spoken.Add(await LoadProcess.Run(order with { Calls = latencyCalls, Seconds = Seconds, PieceMs = RealPieceMs }));
            slow.Add(await LoadProcess.Run(order with { Calls = Math.Min(50, latencyCalls), Seconds = Math.Min(5, Seconds), HandshakeMs = SlowHandshakeMs, PieceMs = RealPieceMs }));
            many.Add(await LoadProcess.Run(order with { Calls = manyCalls, Seconds = Seconds, PieceMs = RealPieceMs }));
        }

        Tell("call.cpu", "% core", bridges.Select((_, at) => spoken[at].CpuPercent / latencyCalls));
        Tell("call.cpu.pieces-of-20ms", "% core", bridges.Select((_, at) => echoed[at].CpuPercent / latencyCalls));
        Tell("call.memory", "MB", bridges.Select((_, at) => Math.Max(0, many[at].MemoryMegabytes - idle[at]) / manyCalls));
        Tell("latency.to-model.p50", "ms", echoed.Select(one => one.ToModelP50));
        Tell("latency.to-model.p99", "ms", echoed.Select(one => one.ToModelP99));
        Tell("latency.to-phone.p50", "ms", echoed.Select(one => one.ToPhoneP50));
        Tell("latency.to-phone.p99", "ms", echoed.Select(one => one.ToPhoneP99));
        Tell("latency.added.p50", "ms", echoed.Select(one => Math.Max(one.ToModelP50 - direct.ToModelP50, one.ToPhoneP50 - direct.ToPhoneP50)));
        Tell("latency.added.p99", "ms", echoed.Select(one => Math.Max(one.ToModelP99 - direct.ToModelP99, one.ToPhoneP99 - direct.ToPhoneP99)));
        Tell("handshake-300ms.lost", "frames", slow.Select(one => (double)one.Lost));
        Tell($"{manyCalls}-calls.connected", "calls", many.Select(one => (double)one.Connected), lowerIsBetter: false);
        Tell($"{manyCalls}-calls.cpu", "% core", many.Select(one => one.CpuPercent));
        Tell($"{manyCalls}-calls.lost", "frames", many.Select(one => (double)(one.Lost + one.LostFromModel)));
        Tell($"{manyCalls}-calls.to-model.p99", "ms", many.Select(one => one.ToModelP99));
        Tell($"{manyCalls}-calls.load.cpu", "% core", many.Select(one => one.LoadCpuPercent));
        Tell($"{manyCalls}-calls.load.late", "ms", many.Select(one => (double)one.LateMs));
        report.Add($"{prefix}.latency.direct.to-model.p50", "ms", direct.ToModelP50);
        report.Add($"{prefix}.latency.direct.to-model.p99", "ms", direct.ToModelP99);

        void Tell(string name, string unit, IEnumerable<double> figures, bool lowerIsBetter = true)
        {
            var all = figures.ToArray();
            report.Add($"{prefix}.{name}", unit, all[0], all.Length > 1 ? all[1] : null, all.Length > 1 ? bridges[1].Name : null, lowerIsBetter);
        }
    }

    /// <summary>After many calls that ended in every way nothing is left of them.</summary>
    private static async Task Aftermath(Report report, MediaWorld world, LoadOrder order)
    {
        var mixed = order with { Calls = Math.Min(MixedCount, (Calls ?? MixedCount) * 10), Seconds = 10, Mixed = true, PieceMs = RealPieceMs };
        // The first hundreds make caches and pools as large as they will be.
        await LoadProcess.Run(mixed with { Calls = mixed.Calls / 2 });
        await Settled(world, order);
        var memory = world.Server.Child.MemoryMegabytes();
        var result = await LoadProcess.Run(mixed);
        var (sockets, memoryAfter) = (await Settled(world, order), world.Server.Child.MemoryMegabytes());
        var (holds, calls) = await world.Open();
        report.Add($"media.after-{mixed.Calls}.sent-away", "calls", result.Refused, mixed.Calls / 5.0, "wrong token or no start", lowerIsBetter: false);
        report.Add($"media.after-{mixed.Calls}.sockets", "sockets", sockets, 0, "bar");
        report.Add($"media.after-{mixed.Calls}.holds", "holds", holds, 0, "bar");
        report.Add($"media.after-{mixed.Calls}.calls", "calls", calls, 0, "bar");
        report.Add($"media.after-{mixed.Calls}.memory", "MB", memoryAfter - memory, 10, "bar");
    }

    /// <summary>Sockets of phones and models that are still open when the last should have gone.</summary>
    private static async Task<int> Settled(MediaWorld world, LoadOrder order)
    {
        var open = 1;
        for (var second = 0; second < 30 && open > 0; second++)
        {
            await Task.Delay(1000);
            open = OpenTo(world.Server.Address.Port, order.ModelPort);
        }

        return open;
    }

    private static int OpenTo(int serverPort, int modelPort) => File.ReadLines("/proc/net/tcp").Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        // Established, or left by the other side and not closed here.
        .Count(fields => fields[3] is "01" or "08" && (PortOf(fields[1]) == serverPort || PortOf(fields[2]) == modelPort));

    private static int PortOf(string address) => int.Parse(address.Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static int? Number(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), out var wanted) ? wanted : null;
}
