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
        app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(answer);
        });
        await app.StartAsync();
        return new UpstreamStub(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
