using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.OpenAi.Realtime;

/// <summary>
/// <c>/v1/realtime/calls</c>: calls whose audio comes over WebRTC or SIP. Nothing is heard here of such audio; what the person says a
/// script or the control room says, and a control socket hears the rest.
/// </summary>
internal static class RealtimeCalls
{
    public static async Task<IResult> Create(
        HttpContext context, RealtimeSessions sessions, RealtimeScripts scripts, ClientSecrets secrets, SandboxClock clock, string? model = null)
    {
        var secret = secrets.Open(context);
        var (offer, session) = await Read(context, secret, model);
        var answer = Sdp.Answer(offer);
        var config = CreateClientSecret.Configured(session, clock);
        var call = sessions.Begin(config.Model, scripts.ForAny(), Ids.Hex("rtc_"));
        call.Preset(session);
        _ = Talk(call);
        context.Response.Headers.Location = $"/v1/realtime/calls/{call.CallId}";
        return Results.Text(answer, "application/sdp", Encoding.UTF8, StatusCodes.Status201Created);
    }

    public static IResult Hangup(RealtimeSessions sessions, string callId)
    {
        Known(sessions, callId).Close(RealtimeEnd.Hangup, WebSocketCloseStatus.NormalClosure, "The call was hung up.");
        return Results.Ok();
    }

    public static async Task<IResult> Accept(HttpContext context, RealtimeSessions sessions, SandboxClock clock, string callId)
    {
        var call = Known(sessions, callId);
        var session = await Body(context);
        CreateClientSecret.Configured(session, clock);
        try
        {
            call.Preset(session);
        }
        catch (RealtimeError wrong)
        {
            throw new OpenAiError(400, wrong.Message, wrong.Param, wrong.Code);
        }

        return Results.Ok();
    }

    public static async Task<IResult> Reject(HttpContext context, RealtimeSessions sessions, string callId)
    {
        var call = Known(sessions, callId);
        if ((await Body(context))["status_code"] is { } status && !(status is JsonValue given && given.TryGetValue<int>(out var code) && code is >= 300 and < 700))
        {
            throw new OpenAiError(400, "Invalid 'status_code': expected a SIP status between 300 and 699.", "status_code", "invalid_value");
        }

        call.Close(RealtimeEnd.Hangup, WebSocketCloseStatus.NormalClosure, "The call was declined.");
        return Results.Ok();
    }

    public static async Task<IResult> Refer(HttpContext context, RealtimeSessions sessions, string callId)
    {
        var call = Known(sessions, callId);
        if (!((await Body(context))["target_uri"] is JsonValue target && target.TryGetValue<string>(out var uri) && uri.Length > 0))
        {
            throw new OpenAiError(400, "Missing required parameter: 'target_uri'.", "target_uri", "missing_required_parameter");
        }

        call.Close(RealtimeEnd.Hangup, WebSocketCloseStatus.NormalClosure, "The call was referred.");
        return Results.Ok();
    }

    private static async Task<(string Offer, JsonObject Session)> Read(HttpContext context, ClientSecret? secret, string? model)
    {
        var preset = secret?.Session ?? new JsonObject { ["type"] = "realtime" };
        if (context.Request.ContentType?.StartsWith("application/sdp", StringComparison.OrdinalIgnoreCase) == true)
        {
            using var read = new StreamReader(context.Request.Body);
            var offer = await read.ReadToEndAsync(context.RequestAborted);
            if (model is not null)
            {
                preset = (JsonObject)preset.DeepClone();
                preset["model"] = model;
            }

            return (offer, preset);
        }

        await using var upload = await Upload.Read(context);
        var given = upload.Value("session") is { } text ? CreateClientSecret.Parse(text) : preset;
        return (upload.Value("sdp") ?? throw new OpenAiError(400, "Missing required parameter: 'sdp'.", "sdp", "missing_required_parameter"), given);
    }

    private static async Task<JsonObject> Body(HttpContext context)
    {
        using var read = new StreamReader(context.Request.Body);
        return CreateClientSecret.Parse(await read.ReadToEndAsync(context.RequestAborted));
    }

    /// <summary>The person of the call speaks when the script says so.</summary>
    private static async Task Talk(RealtimeSession call)
    {
        try
        {
            foreach (var said in call.Script.Caller)
            {
                await Task.Delay(said.AfterMs, call.Closed);
                RealtimeControl.Speak(call, said.ToneHz, said.Seconds);
            }
        }
        catch (OperationCanceledException)
        {
            // The call has ended before everything was said.
        }
    }

    private static RealtimeSession Known(RealtimeSessions sessions, string callId) =>
        sessions.Find(callId) is { IsOver: false, CallId: not null } call ? call : throw new OpenAiError(404, $"No call found for call_id '{callId}'.", "call_id", "call_id_not_found");
}
