using System.Net.WebSockets;
using Sandbox.Core;

namespace Sandbox.OpenAi.Realtime;

/// <summary><c>GET /v1/realtime</c>: a session of its own over a WebSocket, or a control socket to a call.</summary>
internal static class ConnectRealtime
{
    public static async Task<IResult> Handle(
        HttpContext context, RealtimeSessions sessions, RealtimeScripts scripts, ClientSecrets secrets, string? model = null, string? call_id = null)
    {
        var secret = secrets.Open(context);
        if (context.Request.Headers.ContainsKey("openai-beta"))
        {
            throw new OpenAiError(400, "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.", code: "beta_api_shape_disabled");
        }

        if ((model is null && secret is null) == call_id is null)
        {
            throw new OpenAiError(400, "Give either model or call_id.", model is null ? "model" : "call_id", "missing_required_parameter");
        }

        if (call_id is null && !OpenAiModels.Converses(model ?? secret!.Model))
        {
            throw OpenAiModels.NotFound(model ?? secret!.Model);
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            throw new OpenAiError(400, "This address speaks WebSocket; send an Upgrade request.");
        }

        if (call_id is not null && sessions.Find(call_id) is not { IsOver: false })
        {
            throw new OpenAiError(404, $"No session found for call_id '{call_id}'.", "call_id", "call_id_not_found");
        }

        var script = call_id is null ? scripts.ForAny() : null;
        if (script is { HandshakeMs: > 0 })
        {
            await Task.Delay(script.HandshakeMs, context.RequestAborted);
        }

        using var wire = await Accept(context);
        if (wire is null)
        {
            return Results.Empty;
        }

        var socket = new RealtimeSocket(wire);
        var session = call_id is null ? sessions.Begin(model ?? secret!.Model, script) : sessions.Find(call_id)!;
        if (secret?.Session is { } preset && call_id is null)
        {
            session.Preset(preset);
        }

        if (context.Items[typeof(Fault)] is Fault fault)
        {
            session.Meet(fault);
        }

        session.Attach(socket);
        var saidGoodbye = await socket.Run(session, context.RequestAborted);
        session.Detach(socket, saidGoodbye);
        return Results.Empty;
    }

    /// <summary>Null when the client left while the connection was being upgraded.</summary>
    private static async Task<WebSocket?> Accept(HttpContext context)
    {
        try
        {
            return await context.WebSockets.AcceptWebSocketAsync(ClientSecrets.SubProtocol(context));
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            return null;
        }
    }
}
