using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Sandbox.Core;
using Tests.Specs;
using Xunit;

namespace Tests.Sandbox;

/// <summary>The sandbox alone on a free port; every JSON answer it gives is held against the published specifications.</summary>
internal sealed class SandboxHost : IAsyncDisposable
{
    private readonly WebApplication app;

    private SandboxHost(WebApplication app, SandboxClock clock, SandboxOptions options)
    {
        (this.app, Clock, Options) = (app, clock, options);
        Address = SandboxApp.AddressOf(app);
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(Address) };
    }

    public SandboxClock Clock { get; }
    public SandboxOptions Options { get; }
    public string Address { get; }

    /// <summary>Follows no redirect.</summary>
    public HttpClient Http { get; }

    public T Service<T>() where T : notnull => (T)app.Services.GetService(typeof(T))!;

    public static async Task<SandboxHost> Start(SandboxOptions? options = null)
    {
        await SpecInspector.Ready();
        options ??= new SandboxOptions { InspectAnswer = SpecInspector.Inspect };
        var clock = new SandboxClock();
        var app = SandboxApp.Build(options, clock);
        await app.StartAsync();
        return new SandboxHost(app, clock, options);
    }

    public async Task<JsonElement> Get(string path)
    {
        using var answer = await Http.GetAsync(path);
        return await Read(path, answer);
    }

    public async Task<JsonElement> Post(string path, object? body = null)
    {
        using var answer = await Http.PostAsJsonAsync(path, body ?? new { });
        return await Read(path, answer);
    }

    /// <summary>Waits for what is bound to happen; fails with the sentence when it has not after 20 real seconds.</summary>
    public static async Task Until(Func<bool> happened, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!happened())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(20), $"Waited 20 s and it has not happened: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.DisposeAsync();
    }

    private static async Task<JsonElement> Read(string path, HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path} answered {(int)answer.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }
}
