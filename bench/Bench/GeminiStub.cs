using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bench;

/// <summary>A Gemini that answers at once, in one event: what is left to measure is everything else.</summary>
internal sealed class GeminiStub : IAsyncDisposable
{
    private static readonly byte[] Answer = Encoding.UTF8.GetBytes(
        """
        data: {"candidates":[{"index":0,"finishReason":"STOP","content":{"role":"model","parts":[{"text":"As fast as it gets."}]}}],"usageMetadata":{"promptTokenCount":11,"candidatesTokenCount":6,"totalTokenCount":17},"modelVersion":"gemini-2.5-flash","responseId":"bench"}


        """.ReplaceLineEndings("\r\n"));

    private readonly WebApplication app;

    private GeminiStub(WebApplication app) => this.app = app;

    /// <summary>As <c>GEMINI_API_URL</c> takes it.</summary>
    public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/v1beta";

    public static async Task<GeminiStub> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync(Answer);
        });
        await app.StartAsync();
        return new GeminiStub(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
