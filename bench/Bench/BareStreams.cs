using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bench;

/// <summary>
/// Live streams on the same web server and nothing else: what is posted to an address is written to its open streams. No sign-in, no rows,
/// no numbers, no replay, no slow readers: what it takes is what anything takes that keeps so many connections.
/// </summary>
internal static class BareStreams
{
    /// <summary>The first word of the command line that makes this program the server: <c>bare-streams PORT</c>.</summary>
    public const string Mode = "bare-streams";

    public static async Task Serve(string port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{int.Parse(port, CultureInfo.InvariantCulture)}");
        await using var app = builder.Build();
        var streams = new ConcurrentDictionary<string, ConcurrentDictionary<string, PipeWriter>>();
        app.Run(context => HttpMethods.IsPost(context.Request.Method) ? Post(context, streams) : Stream(context, streams));
        await app.RunAsync();
    }

    public static async Task<Peer> Start()
    {
        var port = ServerProcess.FreePort();
        return await Peer.Start("bare Kestrel", new Uri($"http://127.0.0.1:{port}"), "dotnet", [typeof(BareStreams).Assembly.Location, Mode, $"{port}"], apart: false);
    }

    private static async Task Stream(HttpContext context, ConcurrentDictionary<string, ConcurrentDictionary<string, PipeWriter>> streams)
    {
        if (context.Request.Path == "/")
        {
            return;
        }

        var here = streams.GetOrAdd(context.Request.Path, _ => new());
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Response.ContentType = "text/event-stream";
        await using var left = context.RequestAborted.Register(gone.SetResult);
        await context.Response.BodyWriter.WriteAsync("data: {\"type\":\"connected\"}\n\n"u8.ToArray());
        here[context.Connection.Id] = context.Response.BodyWriter;
        await gone.Task;
        here.TryRemove(context.Connection.Id, out _);
    }

    // Accepted first, as a message is by the time that its event is on its way.
    private static async Task Post(HttpContext context, ConcurrentDictionary<string, ConcurrentDictionary<string, PipeWriter>> streams)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        await context.Response.CompleteAsync();
        foreach (var stream in streams[context.Request.Path].Values)
        {
            await stream.WriteAsync(body.ToArray());
        }
    }
}
