using Sandbox.Core;

namespace Sandbox.Control;

/// <summary>Every address of the control room, one line each; a provider's own controls stand in its folder.</summary>
internal static class ControlRoutes
{
    public static void MapControl(this IEndpointRouteBuilder app)
    {
        app.MapGet("/", HomePage.Show);
        var room = app.MapGroup("/_sandbox");
        room.MapGet("/providers", Providers);
        room.MapGet("/requests", Requests);
        room.MapGet("/messages", Messages);
        room.MapGet("/clock", (SandboxClock clock) => Json.Answer(new { now = clock.GetUtcNow() }));
        room.MapPost("/clock", MoveClock);
        room.MapGet("/faults", (Faults faults) => Json.Answer(faults.List()));
        room.MapPost("/faults", AddFault);
        room.MapDelete("/faults", ClearFaults);
        room.MapGet("/webhooks", Webhooks);
        room.MapGet("/{provider}/webhooks", WebhookModes);
        room.MapPost("/{provider}/webhooks", SetWebhookModes);
        room.MapPost("/{provider}/events/{id}/resend", Resend);
        room.MapPost("/reset", Reset);
    }

    private static IResult Providers(HttpContext context, Simulators simulators) =>
        Json.Answer(simulators.All.ToDictionary(simulator => simulator.Name, simulator => simulator.Keys(context.Origin())));

    private static IResult Requests(RequestLog log, string? provider, int? limit) => Json.Answer(log.List(provider, limit ?? 50));

    private static IResult Messages(MessageBox messages, string? to, int? limit) => Json.Answer(messages.List(to, limit ?? 100));

    private static IResult Webhooks(WebhookSender webhooks, string? provider, int? limit) => Json.Answer(webhooks.List(provider, limit ?? 100));

    public sealed record ClockMove
    {
        public decimal? AdvanceSeconds { get; init; }
        public DateTimeOffset? Now { get; init; }
    }

    private static async Task<IResult> MoveClock(HttpContext context, SandboxClock clock)
    {
        var move = await Json.Read<ClockMove>(context);
        try
        {
            switch (move)
            {
                case { AdvanceSeconds: { } seconds, Now: null }:
                    clock.Advance(TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)));
                    break;
                case { AdvanceSeconds: null, Now: { } now }:
                    clock.SetNow(now);
                    break;
                default:
                    return Json.Refuse("Give either advance_seconds or now.");
            }
        }
        catch (Exception wrong) when (wrong is ArgumentOutOfRangeException or OverflowException)
        {
            return Json.Refuse("The clock only moves forward, and not beyond the year 9999.");
        }

        return Json.Answer(new { now = clock.GetUtcNow() });
    }

    private static async Task<IResult> AddFault(HttpContext context, Faults faults, Simulators simulators)
    {
        var fault = await Json.Read<Fault>(context);
        if (simulators.ByName(fault.Provider) is null)
        {
            return Json.Refuse($"provider must be one of {string.Join(", ", simulators.All.Select(simulator => simulator.Name))}.");
        }

        if (fault.Times < 1 || fault.DelayMs < 0 || fault.AfterEvents < 0 || fault.Status is < 200 or > 599)
        {
            return Json.Refuse("times is at least 1, delay_ms and after_events at least 0, status between 200 and 599.");
        }

        if (fault is { AfterEvents: not null, Truncate: true } or { AfterEvents: not null, Headers: not null })
        {
            return Json.Refuse("after_events goes with status, body, delay_ms and drop; what has left can be neither halved nor headed.");
        }

        if (fault is { DelayMs: null, Drop: false, Truncate: false, AnswersItself: false })
        {
            return Json.Refuse("A fault needs something to do: status, body, delay_ms, drop or truncate.");
        }

        faults.Add(fault);
        return Json.Answer(fault, 201);
    }

    private static IResult ClearFaults(Faults faults)
    {
        faults.Clear();
        return Results.NoContent();
    }

    private static IResult WebhookModes(WebhookSender webhooks, Simulators simulators, string provider) =>
        Json.Answer(webhooks.Modes(Known(simulators, provider)));

    private static async Task<IResult> SetWebhookModes(HttpContext context, WebhookSender webhooks, Simulators simulators, string provider)
    {
        var modes = await Json.Read<WebhookModes>(context);
        if (modes.Duplicate is < 0 or > 100 || modes.DelayMs < 0)
        {
            return Json.Refuse("duplicate is between 0 and 100, delay_ms at least 0.");
        }

        webhooks.SetModes(Known(simulators, provider), modes);
        return Json.Answer(modes);
    }

    private static IResult Resend(WebhookSender webhooks, string id) =>
        webhooks.Resend(id) ? Json.Answer(new { id }, 202) : Json.Refuse($"There is no event {id}.", 404);

    private static IResult Reset(Simulators simulators, RequestLog log, Faults faults, MessageBox messages, WebhookSender webhooks)
    {
        webhooks.Clear();
        foreach (var simulator in simulators.All)
        {
            simulator.Reset();
        }

        faults.Clear();
        messages.Clear();
        log.Clear();
        return Results.NoContent();
    }

    private static string Known(Simulators simulators, string provider) =>
        simulators.ByName(provider)?.Name ?? throw new ControlException($"There is no provider {provider} here.", 404);
}
