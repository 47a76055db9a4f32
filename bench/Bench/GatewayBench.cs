using System.Diagnostics;
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
/// What a metered transcription costs: sign-in checked, upload spooled and read, credits held, provider asked, usage settled, all
/// durable; beside the same bytes through nginx, which decides nothing.
/// </summary>
internal static class GatewayBench
{
    private const int AtOnce = 4;
    private const int WarmUp = 400;
    private const int Requests = 2000;
    private const int Rounds = 3;
    private const int Seconds = 10;

    public static async Task Run(Report report)
    {
        await using var upstream = await UpstreamStub.Start(Seconds);
        using var nginx = await NginxProxy.Start(upstream.Address);
        var upload = WaveFile.Make(Seconds);
        var folder = Directory.CreateTempSubdirectory("ledgerline-bench-").FullName;
        try
        {
            await Metered(report, "sqlite", $"sqlite:{folder}/gateway.db", upstream, nginx, upload);
            if (Environment.GetEnvironmentVariable("BENCH_POSTGRES") is { Length: > 0 } postgres)
            {
                await Metered(report, "postgres", postgres, upstream, nginx, upload);
            }

            await Memory(report, $"sqlite:{folder}/memory.db", upstream);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task Metered(Report report, string engine, string databaseUrl, UpstreamStub upstream, NginxProxy nginx, byte[] upload)
    {
        using var server = await ServerProcess.Start(databaseUrl, upstream.Address);
        using var ours = await Customer(server, databaseUrl);
        using var plain = new HttpClient { BaseAddress = nginx.Address };
        await Load(ours, "/api/transcribe", upload, WarmUp);
        await Load(plain, "/v1/audio/transcriptions", upload, WarmUp);
        List<Measured> metered = [], proxied = [];
        // In turns, so that a machine that slows down slows both.
        for (var round = 0; round < Rounds; round++)
        {
            metered.Add(await Measure(server.Child, () => Load(ours, "/api/transcribe", upload, Requests)));
            proxied.Add(await Measure(nginx.Child, () => Load(plain, "/v1/audio/transcriptions", upload, Requests)));
        }

        var prefix = engine == "sqlite" ? "gateway.transcription" : $"gateway.transcription.{engine}";
        Compare($"{prefix}.cpu-us", "µs", figures => figures.CpuMicroseconds, lowerIsBetter: true);
        Compare($"{prefix}.rate", "req/s", figures => figures.PerSecond, lowerIsBetter: false);
        Compare($"{prefix}.p50", "ms", figures => figures.P50, lowerIsBetter: true);
        Compare($"{prefix}.p99", "ms", figures => figures.P99, lowerIsBetter: true);

        void Compare(string name, string unit, Func<Measured, double> figure, bool lowerIsBetter) => report.Add(
            name, unit, StartBench.Median([.. metered.Select(figure)]), StartBench.Median([.. proxied.Select(figure)]), "nginx", lowerIsBetter);
    }

    // Eight recordings of 24 MB at once through a server that has just started.
    private static async Task Memory(Report report, string databaseUrl, UpstreamStub upstream)
    {
        using var server = await ServerProcess.Start(databaseUrl, upstream.Address);
        using var client = await Customer(server, databaseUrl);
        var upload = WaveFile.Make(24 * 1024 * 1024 / WaveFile.BytesPerSecond);
        for (var round = 0; round < Rounds; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Post(client, "/api/transcribe", upload)));
        }

        report.Add("gateway.upload.8x24mb.memory", "MB", server.Child.PeakMegabytes(), 150, "bar");
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
        return client;
    }

    private static async Task<Measured> Measure(ChildProcess child, Func<Task<List<double>>> load)
    {
        var (cpu, started) = (child.CpuMicroseconds(), Stopwatch.GetTimestamp());
        var latencies = await load();
        var elapsed = Stopwatch.GetElapsedTime(started);
        var sorted = latencies.Order().ToArray();
        return new Measured(
            (child.CpuMicroseconds() - cpu) / sorted.Length, sorted.Length / elapsed.TotalSeconds, sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100]);
    }

    private static async Task<List<double>> Load(HttpClient client, string path, byte[] upload, int requests)
    {
        var left = requests;
        var workers = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(async () =>
        {
            List<double> latencies = [];
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var started = Stopwatch.GetTimestamp();
                await Post(client, path, upload);
                latencies.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return latencies;
        })));
        return [.. workers.SelectMany(latencies => latencies)];
    }

    private static async Task Post(HttpClient client, string path, byte[] upload)
    {
        using var file = new ByteArrayContent(upload) { Headers = { ContentType = new MediaTypeHeaderValue("audio/wav") } };
        using var form = new MultipartFormDataContent { { file, "audio", "bench.wav" } };
        using var answer = await client.PostAsync(path, form);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{path} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    private sealed record Measured(double CpuMicroseconds, double PerSecond, double P50, double P99);
}
