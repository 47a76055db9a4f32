using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;

namespace Bench;

/// <summary>
/// What a metered request costs: sign-in checked, body read, credits held, provider asked, usage settled, all durable; beside the same
/// request through nginx and YARP, which decide nothing, and through the Portkey gateway, which meters nothing.
/// </summary>
internal static class GatewayBench
{
    private const int Rounds = 3;
    private const int Seconds = 10;

    // Fewer only show that it runs: BENCH_REQUESTS=50 bin/bench gateway.
    private static readonly int Requests = int.TryParse(Environment.GetEnvironmentVariable("BENCH_REQUESTS"), out var wanted) ? wanted : 2000;

    private const string Transcriptions = "/v1/audio/transcriptions";

    public static async Task Run(Report report)
    {
        Cores.PinThisProcess();
        await using var upstream = await UpstreamStub.Start(Seconds);
        var folder = Directory.CreateTempSubdirectory("ledgerline-bench-").FullName;
        try
        {
            await Compared(report, upstream, folder);
            await Memory(report, $"sqlite:{folder}/memory.db", upstream);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task Compared(Report report, UpstreamStub upstream, string folder)
    {
        using var sqlite = await Ours.Start("sqlite", $"sqlite:{folder}/gateway.db", upstream);
        using var postgres = Environment.GetEnvironmentVariable("BENCH_POSTGRES") is { Length: > 0 } url ? await Ours.Start("postgres", url, upstream) : null;
        using var nginx = await NginxProxy.Start(upstream.Address, $"{folder}/nginx");
        using var yarp = await YarpProxy.Start(upstream.Address);
        using var portkey = await PortkeyGateway.Start(upstream.Address);
        Ours[] ours = postgres is null ? [sqlite] : [sqlite, postgres];
        Peer[] peers = portkey is null ? [nginx, yarp] : [nginx, yarp, portkey];

        // A dictated sentence, and a moment of speech, where what is not the audio itself shows.
        foreach (var load in (Load[])[Load.Upload("transcription", WaveFile.Make(Seconds), Requests), Load.Upload("transcription.short", WaveFile.Make(1), Requests)])
        {
            await Compare(
                report, load, [.. ours.Select(one => one.At(Transcriptions))],
                [.. peers.Select(peer => new Target(peer.Name, peer.Child, peer.Client, Transcriptions))]);
        }

        // Nothing of ours takes JSON to a model yet.
        await Compare(
            report, Load.Json(Requests), [],
            [.. peers.Select(peer => new Target(peer.Name, peer.Child, peer.Client, "/v1/chat/completions"))]);
    }

    private static async Task Compare(Report report, Load load, Target[] ours, Target[] peers)
    {
        Target[] all = [.. ours, .. peers];
        var rounds = all.ToDictionary(target => target, _ => new List<Measured>());
        foreach (var target in all)
        {
            // .NET and Node compile anew what runs often; what that takes is no request's cost.
            await load.Send(target, 2 * Requests);
        }

        // In turns, so that a machine that slows down slows all.
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var target in all)
            {
                rounds[target].Add(await load.Measure(target));
            }
        }

        var medians = rounds.ToDictionary(target => target.Key, target => Median(target.Value));
        foreach (var target in ours)
        {
            var prefix = target.Name == "sqlite" ? $"gateway.{load.Name}" : $"gateway.{load.Name}.{target.Name}";
            foreach (var peer in peers)
            {
                Tell(report, prefix, peer == peers[0] ? "" : $".vs-{peer.Name}", medians[target], medians[peer], peer.Name);
            }

            report.Add($"{prefix}.p99-added", "ms", medians[target].P99 - medians[peers[0]].P99, 5, "bar");
        }

        // Nobody of ours to compare with: the peers stand beside the first of them.
        foreach (var peer in ours.Length == 0 ? peers[1..] : [])
        {
            Tell(report, $"gateway.{load.Name}.{peer.Name}", "", medians[peer], medians[peers[0]], peers[0].Name);
        }
    }

    private static void Tell(Report report, string prefix, string suffix, Measured ours, Measured peer, string peerName)
    {
        report.Add($"{prefix}.cpu-us{suffix}", "µs", ours.CpuMicroseconds, peer.CpuMicroseconds, peerName);
        report.Add($"{prefix}.rate{suffix}", "req/s", ours.PerSecond, peer.PerSecond, peerName, lowerIsBetter: false);
        report.Add($"{prefix}.p50{suffix}", "ms", ours.P50, peer.P50, peerName);
        report.Add($"{prefix}.p99{suffix}", "ms", ours.P99, peer.P99, peerName);
        report.Add($"{prefix}.memory{suffix}", "MB", ours.PeakMegabytes, peer.PeakMegabytes, peerName);
    }

    private static Measured Median(List<Measured> rounds)
    {
        double Of(Func<Measured, double> figure) => StartBench.Median([.. rounds.Select(figure)]);
        return new Measured(Of(round => round.CpuMicroseconds), Of(round => round.PerSecond), Of(round => round.P50), Of(round => round.P99), Of(round => round.PeakMegabytes));
    }

    // Eight recordings of 24 MB at once through a server that has just started.
    private static async Task Memory(Report report, string databaseUrl, UpstreamStub upstream)
    {
        using var server = await Ours.Start("memory", databaseUrl, upstream);
        var load = Load.Upload("memory", WaveFile.Make(24 * 1024 * 1024 / WaveFile.BytesPerSecond), 8);
        var target = server.At(Transcriptions);
        for (var round = 0; round < Rounds; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => load.Post(target)));
        }

        report.Add("gateway.upload.8x24mb.memory", "MB", server.Child.PeakMegabytes(), 150, "bar");
    }

    /// <summary>A server of ours with a customer who has credits.</summary>
    private sealed class Ours : IDisposable
    {
        private readonly ServerProcess server;
        private readonly HttpClient client;
        private readonly string name;

        private Ours(string name, ServerProcess server, HttpClient client) => (this.name, this.server, this.client) = (name, server, client);

        public ChildProcess Child => server.Child;

        public static async Task<Ours> Start(string name, string databaseUrl, UpstreamStub upstream)
        {
            var server = await ServerProcess.Start(databaseUrl, upstream.Address, apart: true);
            return new Ours(name, server, await Customer(server, databaseUrl));
        }

        public Target At(string path) => new(name, server.Child, client, path);

        public void Dispose()
        {
            client.Dispose();
            server.Dispose();
        }

        private static async Task<HttpClient> Customer(ServerProcess server, string databaseUrl)
        {
            var client = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(2) };
            using var registered = await client.PostAsJsonAsync("/auth/register", new { email = $"bench-{Guid.NewGuid():N}@example.com", password = "bench" });
            registered.EnsureSuccessStatusCode();
            var token = (await registered.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString();
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            var me = await client.GetFromJsonAsync<JsonElement>("/api/users/me");
            var account = AccountId.Parse(me.GetProperty("id").GetString()!);
            await using var database = Database.Open(databaseUrl);
            await using var services = new ServiceCollection().BuildServiceProvider();
            var ledger = new Ledger(database, new Outbox(new Listeners(), new JobSignal(), services, TimeProvider.System), new Ids(TimeProvider.System), TimeProvider.System);
            await ledger.Grant(new GrantOrder(account, Unit.Credit, "bench", $"bench:{account}", Credits.Whole(10_000_000), "For the benchmark"));
            // From here on as a program comes: with a key.
            using var made = await client.PostAsJsonAsync("/api/keys", new { name = "bench", scopes = (string[])["transcription"] });
            made.EnsureSuccessStatusCode();
            var key = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("key").GetString();
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            return client;
        }
    }
}
