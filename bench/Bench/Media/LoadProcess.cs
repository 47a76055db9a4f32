using System.Diagnostics;
using System.Text.Json;

namespace Bench.Media;

/// <summary>The load in a process of its own, so that nothing it does is counted for the bridge.</summary>
internal static class LoadProcess
{
    /// <summary>The first word of the command line that makes this program the load: <c>media-load ORDER</c>.</summary>
    public const string Mode = "media-load";

    public static async Task Serve(string order)
    {
        using var load = new PhoneLoad(JsonSerializer.Deserialize<LoadOrder>(order)!);
        Console.WriteLine(JsonSerializer.Serialize(await load.Run()));
    }

    public static async Task<LoadResult> Run(LoadOrder order)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(LoadProcess).Assembly.Location, Mode, JsonSerializer.Serialize(order)]) { RedirectStandardOutput = true };
        // All that is received is worked off by the one thread that waits for it.
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1";
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT"] = "1";
        start.Environment["DOTNET_gcServer"] = "0";
        using var load = Process.Start(start)!;
        var said = await load.StandardOutput.ReadToEndAsync();
        await load.WaitForExitAsync();
        return load.ExitCode == 0 ? JsonSerializer.Deserialize<LoadResult>(said)! : throw new InvalidOperationException($"The load ended with {load.ExitCode}: {said}");
    }
}
