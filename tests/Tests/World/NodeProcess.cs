using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Tests.World;

/// <summary>One node as a process of its own, so that it can be killed as a machine kills it: at once and without goodbye.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<string> lines = new();

    private NodeProcess(Process process, Uri address)
    {
        this.process = process;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = address };
        process.OutputDataReceived += (_, line) => lines.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => lines.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public HttpClient Client { get; }

    /// <summary>A server that reaches a sandbox which runs elsewhere.</summary>
    public static Task<NodeProcess> Start(string databaseUrl, string sandboxUrl, Dictionary<string, string>? settings = null) =>
        Start("ledgerline", new(settings ?? []) { ["DATABASE_URL"] = databaseUrl, ["SANDBOX_URL"] = sandboxUrl });

    /// <summary>Server and sandbox in one process, as bin/dev runs them.</summary>
    public static Task<NodeProcess> StartDev(string databaseUrl) =>
        Start("dev", new() { ["DATABASE_URL"] = databaseUrl, ["SANDBOX_PORT"] = "0", ["SANDBOX_SMTP_PORT"] = "0" });

    private static async Task<NodeProcess> Start(string program, Dictionary<string, string> settings)
    {
        var port = FreePort();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, $"{program}.dll"));
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["PORT"] = $"{port}";
        var node = new NodeProcess(Process.Start(start)!, new Uri($"http://127.0.0.1:{port}"));
        await TestWorld.Until(node.IsHealthy, $"node on port {port} answers /health");
        return node;
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

        Client.Dispose();
        process.Dispose();
    }

    private async Task<bool> IsHealthy()
    {
        Assert.False(process.HasExited, $"The node ended by itself:\n{string.Join('\n', lines)}");
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
