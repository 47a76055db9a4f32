using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Sandbox.Control;
using Sandbox.Gemini;
using Sandbox.Google;
using Sandbox.Mail;
using Sandbox.OpenAi;
using Sandbox.Replies;
using Sandbox.Stripe;
using Sandbox.Turso;
using Sandbox.Twilio;

namespace Sandbox.Core;

/// <summary>Builds the sandbox: every simulator, the control room and its pages on one loopback address.</summary>
public static class SandboxApp
{
    public static WebApplication Build(SandboxOptions options, SandboxClock? clock = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, options.Port);
            kestrel.Limits.MaxRequestBodySize = 64 * 1024 * 1024;
        });
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning)
            // A truncated answer is a fault that was asked for.
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Critical);
        if (options.Log is { } listener)
        {
            builder.Logging.AddProvider(listener);
        }

        builder.Services.AddRoutingCore();
        AddCore(builder.Services, options, clock ?? new SandboxClock());
        AddSimulators(builder.Services);

        var app = builder.Build();
        app.Use(RootPaths);
        app.Use(app.Services.GetRequiredService<Failures>().Answer);
        // A ping of ours would find the half-open client before its own does.
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        app.UseMiddleware<RequestRecorder>();
        app.UseMiddleware<FaultMiddleware>();
        app.Use(Refusals);
        app.UseRouting();
        MapSimulators(app);
        app.MapControl();
        return app;
    }

    /// <summary>The address a started sandbox listens on, without a slash at the end.</summary>
    public static string AddressOf(WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First().TrimEnd('/');
    }

    /// <summary>The port of a started sandbox's mail server.</summary>
    public static int SmtpPortOf(WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.Services.GetRequiredService<SmtpServer>().Port;
    }

    private static void AddCore(IServiceCollection services, SandboxOptions options, SandboxClock clock)
    {
        services.AddSingleton(options);
        services.AddSingleton(clock);
        services.AddSingleton<Simulators>();
        services.AddSingleton<Failures>();
        services.AddSingleton<NodeAddresses>();
        services.AddSingleton<RequestLog>();
        services.AddSingleton<Faults>();
        services.AddSingleton<MessageBox>();
        services.AddSingleton<RequestRecorder>();
        services.AddSingleton<FaultMiddleware>();
        services.AddSingleton<WebhookSender>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookSender>());
    }

    /// <summary>One line a simulator that keeps a state of its own.</summary>
    private static void AddSimulators(IServiceCollection services)
    {
        services.AddGoogle();
        services.AddMail();
        services.AddOpenAi();
        services.AddReplies();
        services.AddTurso();
        services.AddTwilio();
    }

    /// <summary>One line a simulator; each enters itself in <see cref="Simulators"/>.</summary>
    private static void MapSimulators(WebApplication app)
    {
        app.MapGemini();
        app.MapGoogle();
        app.MapMail();
        app.MapOpenAi();
        app.MapStripe();
        app.MapTurso();
        app.MapTwilio();
    }

    // Stripe's official libraries take a host but no path prefix.
    private static Task RootPaths(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal))
        {
            context.Request.Path = "/stripe" + context.Request.Path;
        }

        return next(context);
    }

    private static async Task Refusals(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (ControlException refusal) when (!context.Response.HasStarted)
        {
            await Json.Refuse(refusal.Message, refusal.Status).ExecuteAsync(context);
        }
    }
}
