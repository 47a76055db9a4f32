using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tests.World;

/// <summary>A server program that is killed, stopped and started again on the same port; it ends with this process, however this process ends.</summary>
internal sealed class ShellServer : IAsyncDisposable
{
    private readonly string serve;
    private readonly Dictionary<string, string> settings;
    private Process? guard;
    private string pid = "";

    private ShellServer(string serve, Dictionary<string, string> settings) => (this.serve, this.settings) = (serve, settings);

    public int Port => int.Parse(settings["PORT"], System.Globalization.CultureInfo.InvariantCulture);

    /// <param name="serve">Its command in the foreground, on $PORT, with its files in $FOLDER.</param>
    public static ShellServer On(int port, string serve) => new(serve, new()
    {
        ["PORT"] = $"{port}",
        ["FOLDER"] = Directory.CreateTempSubdirectory("ledgerline-test-").FullName,
    });

    /// <summary>Redis on a free port, not started yet.</summary>
    public static ShellServer Redis() =>
        On(FreePort(), "redis-server --port $PORT --bind 127.0.0.1 --dir \"$FOLDER\" --save '' --appendonly no");

    public string Folder => settings["FOLDER"];

    public string RedisUrl => $"redis://127.0.0.1:{Port}";

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async Task Start()
    {
        // The guard's input closes when this process ends or dies, and that is what ends the server.
        guard = new Process { StartInfo = new("sh", ["-c", $"{serve} </dev/null >\"$FOLDER/log\" 2>&1 & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null"]) { RedirectStandardInput = true, RedirectStandardOutput = true } };
        foreach (var (name, value) in settings)
        {
            guard.StartInfo.Environment[name] = value;
        }

        guard.Start();
        pid = (await guard.StandardOutput.ReadLineAsync())!;
        await TestWorld.Until(Listens, $"{serve} listens on {Port}");
    }

    /// <summary>SIGKILL: every connection breaks, what was in memory is gone.</summary>
    public async Task Kill()
    {
        await Signal("KILL");
        guard!.StandardInput.Close();
        await guard.WaitForExitAsync();
        guard.Dispose();
        guard = null;
    }

    /// <summary>SIGSTOP: connections stay, nobody answers.</summary>
    public Task Freeze() => Signal("STOP");

    public Task Thaw() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        if (guard is not null)
        {
            await Kill();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private async Task Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", pid]);
        await kill.WaitForExitAsync();
    }

    private async Task<bool> Listens()
    {
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
