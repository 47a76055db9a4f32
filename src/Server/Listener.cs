using Ledgerline.Http;
using Microsoft.AspNetCore.Connections;

namespace Ledgerline;

/// <summary>Where the server listens and what it puts up with.</summary>
internal static class Listener
{
    // Above what a drain may take: after the requests, jobs and connections need a moment too.
    private static readonly TimeSpan AfterDrain = TimeSpan.FromSeconds(30);

    public static void AddListener(this WebApplicationBuilder builder)
    {
        var settings = builder.Configuration;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A route that takes uploads says so itself (IRequestSizeLimitMetadata).
            kestrel.Limits.MaxRequestBodySize = Body<object>.LargestBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            // Longer than a reverse proxy keeps its idle connections, so that it is never us who closes under a request.
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        });
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, LargeBlocks.Factory>();
        builder.WebHost.UseUrls(Address(settings, builder.Environment));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Drain.Longest(settings) + AfterDrain);
    }

    /// <summary>PORT and BIND; this machine only in Development, every address in Production.</summary>
    /// <exception cref="FormatException">PORT is no port number.</exception>
    public static string Address(IConfiguration settings, IHostEnvironment environment)
    {
        var bind = settings["BIND"]?.Trim() is { Length: > 0 } given ? given : environment.IsDevelopment() ? "127.0.0.1" : "0.0.0.0";
        var port = settings["PORT"]?.Trim() is { Length: > 0 } text ? text : "8000";
        return ushort.TryParse(port, out var number)
            ? $"http://{(bind.Contains(':') && !bind.StartsWith('[') ? $"[{bind}]" : bind)}:{number}"
            : throw new FormatException("PORT must be a port number between 0 and 65535.");
    }
}
