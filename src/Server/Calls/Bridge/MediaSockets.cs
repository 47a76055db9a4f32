using System.Net.WebSockets;
using Ledgerline.Http;
using Ledgerline.Providers.Twilio;
using Microsoft.AspNetCore.Http.Features;

namespace Ledgerline.Calls.Bridge;

/// <summary>
/// Where the carrier's media streams arrive. A stream proves itself three times: its upgrade is signed, its start carries a token that is
/// good once, and the token is bound to its call and its path. Until then nothing is opened and nothing counted.
/// </summary>
internal sealed class MediaSockets(
    MediaOptions options, TwilioSignature signatures, IServiceProvider services, Drain drain, LiveCalls calls, TimeProvider clock, ILogger<MediaSockets> log)
{
    private const int LargestBeforeStart = 16 * 1024;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(20);

    public static Task<IResult> Handle(HttpContext context, MediaSockets sockets) => sockets.Take(context, context.Request.RouteValues["scenario"] as string);

    public static Task<IResult> HandleCustom(HttpContext context, MediaSockets sockets) => sockets.Take(context, context.Request.RouteValues["scenario_id"] as string);

    /// <summary>Says that a scenario was updated, as clients of a predecessor expect, and changes nothing.</summary>
    public static async Task<IResult> UpdateScenario(HttpContext context, CancellationToken stop)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            return NoSocket(context);
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        try
        {
            await socket.SendAsync("""{"status":"ok"}"""u8.ToArray(), WebSocketMessageType.Text, true, stop);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, stop);
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException)
        {
            socket.Abort();
        }

        return Results.Empty;
    }

    private async Task<IResult> Take(HttpContext context, string? scenario)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            return NoSocket(context);
        }

        if (Unsigned(context) is { } refusal)
        {
            Telemetry.CountWebhook("twilio", "refused");
            return await services.GetRequiredService<RateLimiter>().BadSignature(context, context.RequestAborted) ?? refusal;
        }

        // No new call where the running ones are being waited for.
        if (drain.Stopping)
        {
            return new Refusal(StatusCodes.Status503ServiceUnavailable, "No calls are taken here now");
        }

        var path = context.Request.Path.Value!;
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { DangerousEnableCompression = false, KeepAliveInterval = PingInterval, KeepAliveTimeout = PingInterval });
        using var line = new PhoneLine(socket);
        await Bridge(line, services.GetRequiredService<IStreamDoor>(), path, scenario, context.RequestAborted);
        return Results.Empty;
    }

    private async Task Bridge(PhoneLine line, IStreamDoor door, string path, string? scenario, CancellationToken gone)
    {
        if (await Start(line, gone) is not { } start)
        {
            await Refuse(line, "The stream did not start");
            return;
        }

        BridgeOrder? order;
        try
        {
            order = await door.Admit(new StreamStart(path, scenario, start.CallSid, start.StreamSid, start.Token), gone);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            log.LogError(failure, "Nobody could say whether the stream of {CallSid} is to be taken", start.CallSid);
            await line.Close(WebSocketCloseStatus.InternalServerError, "Try again", ClosePatience, clock);
            return;
        }

        if (order is null)
        {
            log.LogWarning("The stream of {CallSid} on {Path} showed no token that is good for it", start.CallSid, path);
            await Refuse(line, "The stream is not expected");
            return;
        }

        line.Name(start.StreamSid);
        if (!await calls.Run(order, line))
        {
            await Refuse(line, "The call is bridged already");
        }
    }

    /// <summary>The start, if it comes soon.</summary>
    private async Task<StartFrame?> Start(PhoneLine line, CancellationToken gone)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(gone);
        var starting = Start(line);
        // A receive that is given up takes the socket with it, and then nobody could be told why.
        if (await Task.WhenAny(starting, Task.Delay(StartPatience, clock, patience.Token)) == starting)
        {
            await patience.CancelAsync();
            return await starting;
        }

        await Refuse(line, "The stream did not start in time");
        await Task.WhenAny(starting, Task.Delay(ClosePatience, TimeProvider.System));
        line.Abort();
        await starting;
        return null;
    }

    /// <summary>The start has to be the second frame.</summary>
    private static async Task<StartFrame?> Start(PhoneLine line)
    {
        try
        {
            var first = await line.Receive(LargestBeforeStart);
            if (!first.IsWhole || PhoneFrame.Read(first.Text.Span).Event != PhoneEvent.Connected)
            {
                return null;
            }

            var second = await line.Receive(LargestBeforeStart);
            return second.IsWhole ? StartFrame.Read(second.Text) : null;
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException or IOException)
        {
            return null;
        }
    }

    private Task Refuse(PhoneLine line, string why) => line.Close(WebSocketCloseStatus.PolicyViolation, why, ClosePatience, clock);

    /// <summary>Null when the upgrade may go on: a signature that is there must be good, and in Production it must be there.</summary>
    private Refusal? Unsigned(HttpContext context)
    {
        var signature = (string?)context.Request.Headers[TwilioSignature.Header];
        if (string.IsNullOrEmpty(signature))
        {
            return options.RequiresSignature ? Refusal.Unauthorized("The stream is not signed") : null;
        }

        if (signatures.IsOff || options.Host is not { } host)
        {
            return new Refusal(StatusCodes.Status503ServiceUnavailable, "Signatures cannot be checked: set TWILIO_AUTH_TOKEN and PUBLIC_URL");
        }

        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget is { } raw && raw.StartsWith('/') ? raw : context.Request.Path + context.Request.QueryString;
        // Whoever ends TLS in front of us was called by wss; without one it was ws.
        return signatures.IsValid($"wss://{host}{target}", [], signature) || signatures.IsValid($"ws://{host}{target}", [], signature)
            ? null
            : Refusal.Unauthorized("The stream's signature is wrong");
    }

    private static Refusal NoSocket(HttpContext context)
    {
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.Connection = "Upgrade";
        return new Refusal(StatusCodes.Status426UpgradeRequired, "This address takes WebSockets only");
    }
}
