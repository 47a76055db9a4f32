using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bench;

/// <summary>YARP as a bare forwarder: what our own web server takes to carry the same bytes when nothing is decided or booked.</summary>
internal static class YarpProxy
{
    /// <summary>The first word of the command line that makes this program the proxy: <c>yarp PORT UPSTREAM</c>.</summary>
    public const string Mode = "yarp";

    public static async Task Serve(string port, string upstream)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddHttpForwarder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{int.Parse(port, CultureInfo.InvariantCulture)}").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        await using var app = builder.Build();
        app.MapForwarder("/{**path}", upstream);
        await app.RunAsync();
    }

    public static async Task<Peer> Start(string upstream)
    {
        var port = ServerProcess.FreePort();
        return await Peer.Start(
            "yarp", new Uri($"http://127.0.0.1:{port}"), "dotnet", [typeof(YarpProxy).Assembly.Location, Mode, $"{port}", upstream],
            new Dictionary<string, string> { ["DOTNET_gcServer"] = "0" });
    }
}
