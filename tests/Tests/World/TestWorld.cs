using System.Net.Http.Json;
using System.Text.Json;
using Ledgerline;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sandbox.Core;
using Tests.Specs;
using Xunit;

namespace Tests.World;

/// <summary>
/// The whole product as a customer meets it: server and sandbox on free ports, one new database, one clock. Every call the server
/// makes, and every answer it gets, is held against the provider's specification; the books are audited at the end.
/// </summary>
internal sealed class TestWorld : IAsyncDisposable
{
    private readonly List<WebApplication> servers = [];
    private readonly WebApplication sandbox;
    private readonly TestDatabase database;
    private readonly Dictionary<string, string?> settings;
    private readonly Action<WebApplicationBuilder>? adjust;

    private TestWorld(
        WebApplication sandbox, SandboxClock clock, TestDatabase database, Dictionary<string, string?> settings, Action<WebApplicationBuilder>? adjust)
    {
        (this.sandbox, Clock, this.database, this.settings, this.adjust) = (sandbox, clock, database, settings, adjust);
        Sandbox = new HttpClient { BaseAddress = new Uri(SandboxApp.AddressOf(sandbox)) };
    }

    public SandboxClock Clock { get; }
    public SpecLog Specs { get; } = new();
    public LogLines Logs { get; } = new();

    /// <summary>What the sandbox logs; none of it may be an error.</summary>
    public LogLines SandboxLogs { get; private init; } = new();

    /// <summary>Parts of violations that a test asked for itself, such as an answer that a fault turns into nonsense.</summary>
    public List<string> ExpectedViolations { get; } = [];

    /// <summary>What the sandbox was told; a test may change it.</summary>
    public SandboxOptions SandboxOptions { get; private init; } = null!;

    /// <summary>The sandbox and its control room.</summary>
    public HttpClient Sandbox { get; }

    /// <summary>As <c>SANDBOX_URL</c> takes it.</summary>
    public string SandboxAddress => SandboxApp.AddressOf(sandbox);

    /// <summary>The first node; follows no redirect.</summary>
    public HttpClient Client { get; private set; } = null!;

    public WebApplication FirstNode => servers[0];

    public IServiceProvider Services => FirstNode.Services;

    /// <summary>Of every node, the first one first.</summary>
    public IEnumerable<IServiceProvider> Nodes => servers.Select(server => server.Services);

    public Database Database => Services.GetRequiredService<Database>();

    public string DatabaseUrl => database.Url;

    /// <param name="engine">The database's.</param>
    /// <param name="settings">Besides those that every test has.</param>
    /// <param name="adjust">What a test changes in the server's own parts, on every node.</param>
    public static async Task<TestWorld> Start(
        string engine = "sqlite", Dictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? adjust = null)
    {
        var clock = new SandboxClock();
        var sandboxLogs = new LogLines();
        // What happens before the first node is there is told to nobody.
        var options = new SandboxOptions { Log = sandboxLogs, ServerUrl = null };
        var sandbox = SandboxApp.Build(options, clock);
        await sandbox.StartAsync();
        var world = new TestWorld(sandbox, clock, await TestDatabase.WithSchema(engine), settings ?? [], adjust) { SandboxLogs = sandboxLogs, SandboxOptions = options };
        world.Client = await world.StartNode();
        options.ServerUrl = world.Client.BaseAddress!.ToString().TrimEnd('/');
        return world;
    }

    /// <summary>A setting of the nodes that start from now on.</summary>
    public void Set(string name, string? value) => settings[name] = value;

    /// <summary>One more node of the same product: same database, same clock, another port.</summary>
    public async Task<HttpClient> StartNode()
    {
        var server = ServerApp.Build(["--environment=Development"], builder =>
        {
            builder.Configuration.Sources.Clear();
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(settings)
            {
                ["PORT"] = "0",
                ["DATABASE_URL"] = database.Url,
                ["SANDBOX_URL"] = SandboxApp.AddressOf(sandbox),
                // Tests of other things count what is sent to Stripe; those of plans switch it on.
                ["STRIPE_SYNC_CATALOGUE"] = settings.GetValueOrDefault("STRIPE_SYNC_CATALOGUE", "false"),
                // What is proven is that passwords are hashed, not how long that takes: there are tests of their own for it.
                ["PASSWORD_ITERATIONS"] = settings.GetValueOrDefault("PASSWORD_ITERATIONS", "1000"),
                ["SMTP_PORT"] = settings.GetValueOrDefault("SMTP_PORT", $"{SandboxApp.SmtpPortOf(sandbox)}"),
            });
            builder.Services.AddSingleton<TimeProvider>(Clock);
            builder.Services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(() => new SpecHandler(Specs)));
            builder.Logging.ClearProviders().AddProvider(Logs);
            adjust?.Invoke(builder);
        });
        await server.BringUpToDate();
        await server.StartAsync();
        servers.Add(server);
        var address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        // Who calls our public address, reaches the nodes through the sandbox in turn.
        SandboxOptions.PublicUrl = settings.GetValueOrDefault("PUBLIC_URL");
        SandboxOptions.NodeUrls = [.. SandboxOptions.NodeUrls, address];
        return new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(address) };
    }

    /// <summary>Ends the first node as a deployment does: what runs is finished first.</summary>
    public Task StopFirstNode()
    {
        // Nothing new is sent to a node that is going.
        SandboxOptions.NodeUrls = [.. SandboxOptions.NodeUrls.Skip(1)];
        return servers[0].StopAsync();
    }

    /// <summary>Calls the sandbox's control room and answers its JSON.</summary>
    public async Task<JsonElement> Control(string path, object? body = null)
    {
        using var answer = body is null ? await Sandbox.GetAsync(path) : await Sandbox.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path} answered {(int)answer.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Waits for what is bound to happen; fails with the sentence when it has not after a real minute, which only a machine full of other work needs.</summary>
    public static Task Until(Func<Task<bool>> happened, string what) => Until(happened, () => what);

    /// <inheritdoc cref="Until(Func{Task{bool}}, string)"/>
    /// <param name="what">With what was seen last.</param>
    public static async Task Until(Func<Task<bool>> happened, Func<string> what)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!await happened())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromMinutes(1), $"Waited a minute and it has not happened: {what()}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        var books = await Verbs.Audit(servers[0]);
        Client.Dispose();
        foreach (var server in servers)
        {
            // Its jobs may be at a provider: a sandbox that is going away would answer them what no provider answers.
            await server.StopAsync();
            await server.DisposeAsync();
        }

        Sandbox.Dispose();
        await sandbox.DisposeAsync();
        await database.DisposeAsync();
        Assert.Empty(books.Differences);
        Assert.DoesNotContain(SandboxLogs.All, line => line.StartsWith(nameof(LogLevel.Error), StringComparison.Ordinal));
        Specs.AssertClean([.. ExpectedViolations]);
    }
}
