using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bench;

/// <summary>A provider that reads the upload and answers at once: what is left to measure is what stands before it.</summary>
internal sealed class UpstreamStub : IAsyncDisposable
{
    private readonly WebApplication app;

    private UpstreamStub(WebApplication app) => this.app = app;

    public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public static async Task<UpstreamStub> Start(int seconds)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        var answer = Encoding.UTF8.GetBytes(
            $$$"""{"task":"transcribe","language":"english","duration":{{{seconds}}}.0,"text":"As fast as it gets.","segments":[],"usage":{"type":"duration","seconds":{{{seconds}}}}}""");
        var chat = Encoding.UTF8.GetBytes(
            """{"id":"chatcmpl-bench","object":"chat.completion","created":1,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"As fast as it gets."},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":6,"total_tokens":17}}""");
        app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.ContentType = "application/json";
            var body = context.Request.Path.Value!.EndsWith("/chat/completions", StringComparison.Ordinal) ? chat : answer;
            context.Response.ContentLength = body.Length;
            await context.Response.Body.WriteAsync(body);
        });
        await app.StartAsync();
        return new UpstreamStub(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
