using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tests.World;

namespace Tests.Transcription;

/// <summary>
/// A provider in the test's own hands, where the sandbox is too well-behaved: it reads each upload to its end, says that it was
/// asked, and answers what and when the test wants.
/// </summary>
internal sealed class StandInProvider : IAsyncDisposable
{
    private readonly WebApplication app;
    private int asked;
    private string sent = "";

    private StandInProvider(WebApplication app) => this.app = app;

    /// <summary>How many requests have arrived whole.</summary>
    public int Asked => Volatile.Read(ref asked);

    /// <summary>The last request's body, of those that are text.</summary>
    public string Sent => Volatile.Read(ref sent);

    /// <summary>Settings that make a world use it.</summary>
    public Dictionary<string, string> Settings => new()
    {
        ["OPENAI_API_KEY"] = "sk-stand-in",
        ["OPENAI_BASE_URL"] = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(),
    };

    public static async Task<StandInProvider> Start(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var provider = new StandInProvider(builder.Build());
        provider.app.MapPost("/v1/audio/transcriptions", async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            Interlocked.Increment(ref provider.asked);
            await answer(context);
        });
        provider.app.MapPost("/v1/chat/completions", async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            Volatile.Write(ref provider.sent, await reader.ReadToEndAsync());
            Interlocked.Increment(ref provider.asked);
            await answer(context);
        });
        await provider.app.StartAsync();
        return provider;
    }

    /// <summary>Says nothing for as long as the other side waits.</summary>
    public static async Task Silence(HttpContext context)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var leaving = context.RequestAborted.Register(left.SetResult);
        await left.Task;
    }

    public Task WasAsked(int times = 1) => TestWorld.Until(() => Task.FromResult(Asked >= times), $"the provider was asked {times} times");

    public async ValueTask DisposeAsync() => await app.DisposeAsync();
}
