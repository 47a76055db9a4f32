using System.Text.Json;
using Ledgerline.Http;
using Ledgerline.Http.OpenApi;
using Ledgerline.Persistence;

namespace Ledgerline;

/// <summary>Builds the whole product. Tests and the dev launcher start the very same, on a free port, with a clock of their own.</summary>
public static class ServerApp
{
    /// <summary>
    /// The app, ready to start; <see cref="BringUpToDate"/> comes first. <paramref name="adjust"/> may add settings and replace
    /// services (the clock above all); routes may be added until it starts.
    /// </summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = EnvironmentName(),
        });
        builder.Services.AddSingleton(TimeProvider.System);
        var started = builder.AddLogging();
        adjust?.Invoke(builder);
        StartupChecks.Check(builder.Configuration, builder.Environment);
        Register(builder);

        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(started);
        UseHttp(app);
        app.MapLedgerline();
        return app;
    }

    /// <summary>Brings the schema up to date; every start does it first.</summary>
    public static Task<IReadOnlyList<string>> BringUpToDate(this WebApplication app, CancellationToken stop = default) => Migrate.Run(
        app.Services.GetRequiredService<Database>(), app.Services.GetRequiredService<TimeProvider>(),
        app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Migrate)), stop);

    private static void Register(WebApplicationBuilder builder)
    {
        var (services, settings) = (builder.Services, builder.Configuration);
        builder.AddListener();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddAuthorization();
        services.AddCors();
        services.AddEdges(settings, builder.Environment);
        services.AddLedgerline(settings, builder.Environment);
        builder.AddTelemetryExport();
    }

    // The order is the meaning: what is further out sees the answers of everything further in.
    private static void UseHttp(WebApplication app)
    {
        app.UseTrustedProxies();
        app.Use(app.Services.GetRequiredService<Drain>().Count);
        app.UseSecurityHeaders();
        app.UseRequestLog();
        app.UseLongAnswers();
        app.UseProblems();
        app.UseCors(app.Services.GetRequiredService<AllowedOrigins>().Describe);
        app.UseHeadRequests();
        app.UseExactQueries();
        if (ApiDocument.IsOn(app.Configuration))
        {
            app.UseApiPages();
        }

        app.UseWebSockets();
        app.UseRouting();
        app.UseExactPaths();
        app.UseAuthentication();
        app.UseRateLimits();
        app.UseAuthorization();
    }

    // DEVELOPMENT_MODE=true is the predecessors' word for it; an environment that is named wins. Null: the host looks itself.
    private static string? EnvironmentName() =>
        Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") is null
        && string.Equals(Environment.GetEnvironmentVariable("DEVELOPMENT_MODE")?.Trim(), "true", StringComparison.OrdinalIgnoreCase)
            ? Environments.Development
            : null;
}
