using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Bench;

/// <summary>The product as it runs in production: a process of its own, Release, on a free port, fsync on.</summary>
internal sealed class ServerProcess : IDisposable
{
    private ServerProcess(ChildProcess child, Uri address, TimeSpan coldStart) => (Child, Address, ColdStart) = (child, address, coldStart);

    public ChildProcess Child { get; }
    public Uri Address { get; }

    /// <summary>From the start of the process to the first answer of /health.</summary>
    public TimeSpan ColdStart { get; }

    /// <param name="apart">On the core under test, away from who measures.</param>
    /// <param name="settings">Besides those that every run has.</param>
    public static async Task<ServerProcess> Start(string databaseUrl, string upstream = "http://127.0.0.1:9", bool apart = false, IReadOnlyDictionary<string, string>? settings = null)
    {
        var port = FreePort();
        var address = new Uri($"http://127.0.0.1:{port}");
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(1) };
        var started = Stopwatch.GetTimestamp();
        string[] words = [typeof(Ledgerline.ServerApp).Assembly.Location];
        var (program, arguments) = apart ? Cores.Apart("dotnet", words) : ("dotnet", words);
        var child = ChildProcess.Start(program, arguments, new Dictionary<string, string>(settings ?? new Dictionary<string, string>())
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["PORT"] = $"{port}",
            ["BIND"] = "127.0.0.1",
            ["DATABASE_URL"] = databaseUrl,
            ["SECRET_KEY"] = "a secret of the benchmark, 32 characters or more",
            ["PUBLIC_URL"] = address.ToString(),
            ["OPENAI_API_KEY"] = "sk-bench",
            ["OPENAI_BASE_URL"] = upstream,
            ["RATELIMIT_AI_WORK"] = "0",
            ["RATELIMIT_SIGN_IN"] = "0",
            ["LOG_LEVEL"] = "WARNING",
        });
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync("/health");
                if (answer.IsSuccessStatusCode)
                {
                    return new ServerProcess(child, address, Stopwatch.GetElapsedTime(started));
                }
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
            {
                // Not listening yet, or too busy starting to answer.
            }

            if (Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(30))
            {
                child.Dispose();
                throw new TimeoutException("The server did not answer /health within 30 s.");
            }

            await Task.Delay(5);
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose() => Child.Dispose();
}
