using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Soak;

/// <summary>One node as a process of its own, so that it can be killed as a machine kills it: at once and without goodbye.</summary>
public sealed class NodeProcess : IAsyncDisposable
{
    private static readonly string[] Kept = ["PATH", "HOME", "TMPDIR", "LANG"];
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(2);

    private readonly Process process;
    private readonly ConcurrentQueue<string> lines = new();
    private readonly TaskCompletionSource<Uri> address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NodeProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => lines.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public HttpClient Client { get; private set; } = null!;

    /// <summary>What it has said so far.</summary>
    public IEnumerable<string> Lines => lines;

    /// <summary>A server that reaches a sandbox which runs elsewhere.</summary>
    public static Task<NodeProcess> Start(string databaseUrl, string sandboxUrl, Dictionary<string, string>? settings = null) =>
        Start("ledgerline", new(settings ?? []) { ["DATABASE_URL"] = databaseUrl, ["SANDBOX_URL"] = sandboxUrl, ["PORT"] = "0" });

    /// <summary>Server and sandbox in one process, as bin/dev runs them.</summary>
    public static Task<NodeProcess> StartDev(string databaseUrl) => Start(
        "dev", new() { ["DATABASE_URL"] = databaseUrl, ["SANDBOX_PORT"] = "0", ["SANDBOX_SMTP_PORT"] = "0", ["PORT"] = $"{FreePort()}" });

    /// <summary>A .NET program that knows these settings and none of those that this process happens to have.</summary>
    public static ProcessStartInfo Dotnet(string assembly, Dictionary<string, string> settings, params string[] words)
    {
        var start = new ProcessStartInfo("dotnet", [assembly, .. words]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(name => !Kept.Contains(name) && !name.StartsWith("DOTNET_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>Where the server says that it listens; null when this line says something else.</summary>
    public static Uri? AddressIn(string? line) =>
        line?.Split("Now listening on: ") is [_, var said] && Uri.TryCreate(said.Trim(), UriKind.Absolute, out var found) ? found : null;

    private static async Task<NodeProcess> Start(string program, Dictionary<string, string> settings)
    {
        settings["ASPNETCORE_ENVIRONMENT"] = "Development";
        var node = new NodeProcess(Process.Start(Dotnet(Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), settings))!);
        // The dev launcher has two servers, so it is told which port it is.
        var address = settings["PORT"] == "0" ? await node.address.Task.WaitAsync(LongestStart) : new Uri($"http://127.0.0.1:{settings["PORT"]}");
        node.Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = address };
        for (var asked = TimeProvider.System.GetTimestamp(); !await node.IsHealthy(); await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System))
        {
            if (TimeProvider.System.GetElapsedTime(asked) > LongestStart)
            {
                throw new TimeoutException($"The node on {address} does not answer /health.");
            }
        }

        return node;
    }

    private void Hear(string? line)
    {
        lines.Enqueue(line ?? "");
        if (line is null)
        {
            address.TrySetException(new InvalidOperationException($"The node ended by itself:\n{string.Join('\n', lines)}"));
        }
        else if (AddressIn(line) is { } said)
        {
            address.TrySetResult(said);
        }
    }

    /// <summary>SIGKILL: nothing is finished, nothing is flushed.</summary>
    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await Kill();
        }

        Client?.Dispose();
        process.Dispose();
    }

    private async Task<bool> IsHealthy()
    {
        if (process.HasExited)
        {
            throw new InvalidOperationException($"The node ended by itself:\n{string.Join('\n', lines)}");
        }

        try
        {
            using var answer = await Client.GetAsync("/health");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
