using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Ledgerline;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sandbox.Core;
using Tests.World;

namespace Tests.Http;

/// <summary>
/// The real server on a free port with some routes of the test's own, and a sign-in that believes what it is told: these tests are
/// about what surrounds every handler.
/// </summary>
internal sealed class EdgeServer : IAsyncDisposable
{
    private readonly TestDatabase? ownDatabase;

    private EdgeServer(WebApplication app, SandboxClock clock, LogLines logs, TestDatabase? ownDatabase)
    {
        (App, Clock, Logs, this.ownDatabase) = (app, clock, logs, ownDatabase);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Client = NewClient();
    }

    public WebApplication App { get; }
    public SandboxClock Clock { get; }
    public LogLines Logs { get; }
    public Uri Address { get; }

    /// <summary>Nobody, on a client address of its own; follows no redirect.</summary>
    public HttpClient Client { get; }

    public Database Database => App.Services.GetRequiredService<Database>();

    /// <param name="database">Of another node; else a new one of the engine.</param>
    public static async Task<EdgeServer> Start(
        string engine = "sqlite", Dictionary<string, string?>? settings = null, Action<WebApplication>? map = null, SandboxClock? clock = null,
        TestDatabase? database = null, string environment = "Development")
    {
        clock ??= new SandboxClock();
        var own = database is null ? await TestDatabase.WithSchema(engine) : null;
        var logs = new LogLines();
        var app = ServerApp.Build([], builder =>
        {
            builder.Environment.EnvironmentName = environment;
            builder.Configuration.Sources.Clear();
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["PORT"] = "0",
                ["BIND"] = "127.0.0.1",
                ["DATABASE_URL"] = (database ?? own!).Url,
                ["SECRET_KEY"] = "a secret of the tests, long enough for anybody",
                ["TRUSTED_PROXIES"] = "127.0.0.1",
            });
            builder.Configuration.AddInMemoryCollection(settings ?? []);
            builder.Services.AddSingleton<TimeProvider>(clock);
            builder.Services.PostConfigure<AuthenticationOptions>(options =>
            {
                options.AddScheme<ToldSignIn>(ToldSignIn.Scheme, null);
                options.DefaultScheme = options.DefaultAuthenticateScheme = options.DefaultChallengeScheme = ToldSignIn.Scheme;
            });
            builder.Logging.ClearProviders().AddProvider(logs);
        });
        map?.Invoke(app);
        await app.BringUpToDate();
        await app.StartAsync();
        return new EdgeServer(app, clock, logs, own);
    }

    /// <param name="from">The client's address, as the trusted proxy before the server tells it.</param>
    public HttpClient NewClient(string? from = null, AccountId? account = null, string session = "s1", DateTimeOffset? expires = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
        if (from is not null)
        {
            client.DefaultRequestHeaders.Add("X-Forwarded-For", from);
        }

        if (account is { } id)
        {
            var expiry = (expires ?? Clock.GetUtcNow().AddDays(30)).ToUnixTimeSeconds();
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", $"{id}_{session}_{expiry}");
        }

        return client;
    }

    public T Service<T>()
        where T : notnull => App.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.DisposeAsync();
        if (ownDatabase is not null)
        {
            await ownDatabase.DisposeAsync();
        }
    }

    private sealed class ToldSignIn(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
    {
        public new const string Scheme = "Told";

        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers.Authorization.ToString() is not ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var token] || token.Split('_') is not [var account, var session, var expiry])
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var until = DateTimeOffset.FromUnixTimeSeconds(long.Parse(expiry, CultureInfo.InvariantCulture));
            if (until <= TimeProvider.GetUtcNow())
            {
                return Task.FromResult(AuthenticateResult.Fail("expired"));
            }

            var person = new ClaimsIdentity([new("sub", account), new(CurrentAccount.SessionClaim, session), new("exp", expiry)], Scheme);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(person), Scheme)));
        }

        protected override Task HandleChallengeAsync(AuthenticationProperties properties) => Refusal.Unauthorized().ExecuteAsync(Context);
    }
}
