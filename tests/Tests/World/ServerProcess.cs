using System.Collections.Concurrent;
using System.Diagnostics;

namespace Tests.World;

/// <summary>One more node in a process of its own, on the world's database and sandbox, in real time.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> lines = new();
    private readonly TaskCompletionSource<Uri> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process process;

    private ServerProcess(TestWorld world)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ledgerline.dll")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in world.NodeSettings.Append(new("DOTNET_ENVIRONMENT", "Development")).Append(new("LOG_LEVEL", "INFO")))
        {
            start.Environment[name] = value;
        }

        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
    }

    public HttpClient Client { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    public static async Task<ServerProcess> Start(TestWorld world)
    {
        var server = new ServerProcess(world);
        server.process.Start();
        server.process.BeginOutputReadLine();
        server.process.BeginErrorReadLine();
        _ = server.process.WaitForExitAsync().ContinueWith(
            _ => server.ready.TrySetException(new InvalidOperationException($"The node ended before it was ready:\n{string.Join('\n', server.lines)}")), TaskScheduler.Default);
        server.Client.BaseAddress = await server.ready.Task.WaitAsync(LongestStart);
        return server;
    }

    /// <summary>Ends it as a power cut does.</summary>
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

        process.Dispose();
        Client.Dispose();
    }

    private void Hear(string? line)
    {
        lines.Enqueue(line ?? "");
        if (line?.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
        {
            ready.TrySetResult(new Uri(line[(at + Listening.Length)..].Split(['"', ' '])[0]));
        }
    }
}
