using System.Net.WebSockets;
using Sandbox.Core;
using Sandbox.OpenAi.Realtime.Sound;

namespace Sandbox.OpenAi.Realtime;

/// <summary>The control calls by which sessions are prepared, looked at and ended.</summary>
internal static class RealtimeControl
{
    public static void MapRealtimeControl(this IEndpointRouteBuilder app)
    {
        var control = app.MapGroup("/_sandbox/openai/realtime");
        control.MapPost("", Prepare);
        control.MapDelete("", (RealtimeScripts scripts) =>
        {
            scripts.Clear();
            return Results.NoContent();
        });
        control.MapGet("/sessions", (RealtimeSessions sessions, int? limit) => Json.Answer(sessions.List(limit ?? 100).Select(session => session.View())));
        control.MapGet("/sessions/{id}", (RealtimeSessions sessions, string id) => Json.Answer(Known(sessions, id).View()));
        control.MapPost("/sessions/{id}/close", Close);
        control.MapPost("/sessions/{id}/say", Say);
    }

    public sealed record CloseCall
    {
        public int Code { get; init; } = (int)WebSocketCloseStatus.NormalClosure;
    }

    public sealed record SayCall
    {
        public double ToneHz { get; init; } = 300;
        public decimal Seconds { get; init; } = 1;
    }

    private static async Task<IResult> Prepare(HttpContext context, RealtimeScripts scripts)
    {
        var script = await Json.Read<RealtimeScript>(context);
        if (script.Fault is { } fault)
        {
            return Json.Refuse(fault);
        }

        scripts.Add(script);
        return Results.NoContent();
    }

    private static async Task<IResult> Close(HttpContext context, RealtimeSessions sessions, string id)
    {
        var call = await Json.Read<CloseCall>(context);
        if (call.Code is not (1000 or 1001 or 1002 or 1003 or 1007 or 1008 or 1009 or 1010 or 1011 or (>= 3000 and <= 4999)))
        {
            return Json.Refuse("code is a close code that may be sent: 1000 to 1003, 1007 to 1011, or 3000 to 4999.");
        }

        Known(sessions, id).Close(RealtimeEnd.Control, (WebSocketCloseStatus)call.Code, "The sandbox was told to close this session.");
        return Results.NoContent();
    }

    /// <summary>The person of a call speaks, and then is silent for a second.</summary>
    private static async Task<IResult> Say(HttpContext context, RealtimeSessions sessions, string id)
    {
        var call = await Json.Read<SayCall>(context);
        if (call.Seconds is < 0 or > 60 || call.ToneHz is < 50 or > 4_000)
        {
            return Json.Refuse("seconds is between 0 and 60, tone_hz between 50 and 4000.");
        }

        Speak(Known(sessions, id), call.ToneHz, call.Seconds);
        return Results.NoContent();
    }

    /// <summary>Lets a session hear a tone and the silence after it, at once.</summary>
    public static void Speak(RealtimeSession session, double toneHz, decimal seconds)
    {
        var format = session.Config.InputFormat;
        var bytes = (int)(seconds * format.Rate) * format.BytesPerSample;
        session.Hear(Tone.Sound(format, toneHz, 0, bytes), format);
        var silence = new byte[format.BytesPerSecond * 2];
        if (format != SoundFormat.Pcm)
        {
            silence.AsSpan().Fill(format == SoundFormat.Mulaw ? (byte)0xFF : (byte)0xD5);
        }

        session.Hear(silence, format);
    }

    private static RealtimeSession Known(RealtimeSessions sessions, string id) =>
        sessions.Find(id) ?? throw new ControlException($"There is no session {id}.", 404);
}
