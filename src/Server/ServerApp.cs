using System.Text.Json;
using Ledgerline.Http;
using Ledgerline.Persistence;

namespace Ledgerline;

/// <summary>Builds the whole product. Tests and the dev launcher start the very same, on a free port, with a clock of their own.</summary>
public static class ServerApp
{
    /// <summary>
    /// The app, ready to start; the schema is brought up to date when it starts. <paramref name="adjust"/> may add settings and
    /// replace services (the clock above all).
    /// </summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(TimeProvider.System);
        adjust?.Invoke(builder);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.WebHost.UseUrls($"http://{builder.Configuration["BIND"] ?? "127.0.0.1"}:{builder.Configuration["PORT"] ?? "8000"}");
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddLedgerline(builder.Configuration, builder.Environment);

        var app = builder.Build();
        app.UseProblems();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapLedgerline();
        return app;
    }

    /// <summary>Brings the schema up to date; every start does it first.</summary>
    public static Task<IReadOnlyList<string>> BringUpToDate(this WebApplication app, CancellationToken stop = default) => Migrate.Run(
        app.Services.GetRequiredService<Database>(), app.Services.GetRequiredService<TimeProvider>(),
        app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Migrate)), stop);
}
