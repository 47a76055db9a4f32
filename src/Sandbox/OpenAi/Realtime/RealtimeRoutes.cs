namespace Sandbox.OpenAi.Realtime;

/// <summary>Every address of the Realtime API.</summary>
internal static class RealtimeRoutes
{
    public static void AddRealtime(this IServiceCollection services)
    {
        services.AddSingleton<RealtimeScripts>();
        services.AddSingleton<RealtimeSessions>();
        services.AddSingleton<ClientSecrets>();
    }

    public static void MapRealtime(this IEndpointRouteBuilder app)
    {
        // These are opened with a key or with a client secret, so they look for themselves.
        var open = app.MapGroup("/openai/v1/realtime").AddEndpointFilter(OpenAiEdge.Shape);
        open.MapGet("", ConnectRealtime.Handle);
        open.MapPost("/calls", RealtimeCalls.Create);

        var keyed = app.MapGroup("/openai/v1/realtime").AddEndpointFilter(OpenAiEdge.Filter);
        keyed.MapPost("/client_secrets", CreateClientSecret.Handle);
        keyed.MapPost("/calls/{callId}/hangup", RealtimeCalls.Hangup);
        keyed.MapPost("/calls/{callId}/accept", RealtimeCalls.Accept);
        keyed.MapPost("/calls/{callId}/reject", RealtimeCalls.Reject);
        keyed.MapPost("/calls/{callId}/refer", RealtimeCalls.Refer);
        app.MapRealtimeControl();

        // A server that stops would wait for sockets whose clients do not know of it.
        var services = app.ServiceProvider;
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => services.GetRequiredService<RealtimeSessions>().Clear());
    }

    public static void Forget(IServiceProvider services)
    {
        services.GetRequiredService<RealtimeScripts>().Clear();
        services.GetRequiredService<RealtimeSessions>().Clear();
        services.GetRequiredService<ClientSecrets>().Clear();
    }
}
