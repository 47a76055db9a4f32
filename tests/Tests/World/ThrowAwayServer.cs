using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tests.World;

/// <summary>A server program on a free port with a folder of its own; it ends with this process, however this process ends.</summary>
internal sealed class ThrowAwayServer : IDisposable
{
    // The guard's input closes when this process ends or dies, and that is what stops the server.
    private const string Guard = """
        trap : INT TERM
        exec 3<&0
        cd "$FOLDER" || exit 1
        @PREPARE@
        @SERVE@ </dev/null &
        server=$!
        { cat <&3; kill -INT "$server"; } >/dev/null 2>&1 &
        wait "$server"
        kill -INT "$server" "$!" 2>/dev/null
        wait "$server"
        cd / && rm -rf "$FOLDER"
        """;

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _guard;

    private ThrowAwayServer(int port, string prepare, string serve)
    {
        Port = port;
        var script = "exec 2>&1\n" + Guard.Replace("@PREPARE@", prepare, StringComparison.Ordinal).Replace("@SERVE@", serve, StringComparison.Ordinal);
        _guard = new Process { StartInfo = new("sh", ["-c", script]) { RedirectStandardInput = true, RedirectStandardOutput = true } };
        _guard.StartInfo.Environment["PORT"] = $"{port}";
        _guard.StartInfo.Environment["FOLDER"] = Directory.CreateTempSubdirectory("ledgerline-test-").FullName;
        _guard.OutputDataReceived += (_, line) => Hear(line.Data);
    }

    public int Port { get; }

    /// <summary>Starts a server that prints "ready to accept connections" when it is.</summary>
    /// <param name="prepare">Shell lines that run first, in the empty folder.</param>
    /// <param name="serve">The server's command in the foreground, on $PORT, with its files in $FOLDER.</param>
    public static async Task<ThrowAwayServer> Start(string prepare, string serve)
    {
        var server = new ThrowAwayServer(FreePort(), prepare, serve);
        server._guard.Start();
        server._guard.BeginOutputReadLine();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Dispose();
        await server._ready.Task.WaitAsync(LongestStart);
        return server;
    }

    public void Dispose()
    {
        _guard.StandardInput.Close();
        _guard.WaitForExit(TimeSpan.FromSeconds(10));
        _guard.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            _ready.TrySetException(new InvalidOperationException($"The server ended before it was ready:\n{string.Join('\n', _lines)}"));
        }
        else if (!_ready.Task.IsCompleted)
        {
            _lines.Enqueue(line);
            if (line.Contains("eady to accept connections", StringComparison.Ordinal))
            {
                _ready.TrySetResult();
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
