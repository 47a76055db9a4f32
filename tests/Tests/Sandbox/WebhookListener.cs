using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tests.World;

namespace Tests.Sandbox;

/// <summary>A webhook as it arrived.</summary>
internal sealed record ReceivedWebhook(string Path, string Signature, byte[] Body)
{
    public JsonObject Event { get; } = JsonNode.Parse(Body)!.AsObject();

    public string Type => (string)Event["type"]!;
    public string Id => (string)Event["id"]!;
}

/// <summary>Stands where the server would: takes every webhook, answers what it is told to.</summary>
internal sealed class WebhookListener : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedWebhook> _received = [];

    private WebhookListener(WebApplication app) => _app = app;

    public string Address { get; private set; } = "";
    public IReadOnlyList<ReceivedWebhook> Received => [.. _received];

    /// <summary>What the next webhooks are answered with.</summary>
    public int Status { get; set; } = 200;

    public static async Task<WebhookListener> Start()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var listener = new WebhookListener(builder.Build());
        listener._app.Run(listener.Take);
        await listener._app.StartAsync();
        listener.Address = listener._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return listener;
    }

    /// <summary>Waits until so many webhooks that fit have arrived, and answers them in the order of arrival.</summary>
    public async Task<IReadOnlyList<ReceivedWebhook>> Wait(Func<ReceivedWebhook, bool> fits, int count = 1)
    {
        await TestWorld.Until(() => Task.FromResult(_received.Count(fits) >= count), $"{count} webhooks that fit; arrived: {string.Join(", ", _received.Select(one => one.Type))}");
        return [.. _received.Where(fits)];
    }

    public async Task<ReceivedWebhook> Wait(string type) => (await Wait(one => one.Type == type))[0];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Take(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _received.Enqueue(new ReceivedWebhook(context.Request.Path, context.Request.Headers["Stripe-Signature"].ToString(), body.ToArray()));
        context.Response.StatusCode = Status;
    }
}
