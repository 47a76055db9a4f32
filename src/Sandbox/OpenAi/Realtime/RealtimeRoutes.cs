using Sandbox.Core;

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
        // Its handshake is signed in with a key or with a client secret, so it looks for itself.
        app.MapGet("/openai/v1/realtime", ConnectRealtime.Handle).AddEndpointFilter(OpenAiEdge.Shape);
        app.MapRealtimeControl();
    }

    public static void Forget(IServiceProvider services)
    {
        services.GetRequiredService<RealtimeScripts>().Clear();
        services.GetRequiredService<RealtimeSessions>().Clear();
        services.GetRequiredService<ClientSecrets>().Clear();
    }
}
