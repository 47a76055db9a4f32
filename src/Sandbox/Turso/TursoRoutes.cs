using Sandbox.Core;

namespace Sandbox.Turso;

/// <summary>Every address of the Turso simulator: Hrana over HTTP below <c>/turso</c>, one database a namespace.</summary>
internal static class TursoRoutes
{
    public static void AddTurso(this IServiceCollection services) => services.AddSingleton<TursoWorld>();

    public static void MapTurso(this IEndpointRouteBuilder app)
    {
        var world = app.ServiceProvider.GetRequiredService<TursoWorld>();
        app.ServiceProvider.GetRequiredService<Simulators>().Add(new Simulator("turso")
        {
            // With a slash at the end: the official client takes the last part of a path for a file otherwise.
            Keys = origin => new { base_url = $"{origin}/turso/", database_url = $"{origin}/turso", auth_token = world.Settings.AuthToken },
            Reset = world.Clear,
            Error = (_, message) => new { message, code = "INTERNAL" },
            Controls = () => Panel,
        });

        var hrana = app.MapGroup("/turso").AddEndpointFilter(Refusals);
        foreach (var version in new[] { "v2", "v3" })
        {
            hrana.MapGet($"/{version}", () => Results.Ok());
            hrana.MapGet($"/dev/{{name}}/{version}", (string name) => Results.Ok(name));
            hrana.MapPost($"/{version}/pipeline", (HttpContext context, TursoWorld turso) => Pipeline.Run(context, turso, TursoWorld.Main, null));
            hrana.MapPost($"/dev/{{name}}/{version}/pipeline", (HttpContext context, TursoWorld turso, string name) => Pipeline.Run(context, turso, name, null));
            hrana.MapPost($"/at/{{pin}}/{version}/pipeline", (HttpContext context, TursoWorld turso, string pin) => Pipeline.Run(context, turso, null, pin));
        }

        app.MapGet("/_sandbox/turso", (TursoWorld turso) => Json.Answer(turso.Settings));
        app.MapPost("/_sandbox/turso", Change);
        app.MapDelete("/_sandbox/turso/{name}", Drop);
    }

    private static Html Panel => Html.Of($"""
        <section><h2>Turso</h2><form class="row" data-json="POST" action="/_sandbox/turso"><label>token that is asked for<input name="auth_token"></label>
        <label>so many writers find it busy<input name="busy" type="number" min="0"></label>
        <label>a writer waits, ms<input name="busy_timeout_ms" type="number" min="0" value="5000"></label>
        <label><input name="sticky" type="checkbox"> an address for each stream</label><button>Set</button></form></section>
        """);

    private static async Task<IResult> Change(HttpContext context, TursoWorld turso)
    {
        var settings = await Json.Read<TursoSettings>(context);
        return settings is { BusyTimeoutMs: < 0 } or { Busy: < 0 }
            ? Json.Refuse("busy and busy_timeout_ms are at least 0.")
            : Json.Answer(turso.Change(settings));
    }

    private static IResult Drop(TursoWorld turso, string name) =>
        turso.Drop(name) ? Results.NoContent() : Json.Refuse($"There is no database {name}.", 404);

    private static async ValueTask<object?> Refusals(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        try
        {
            return await next(call);
        }
        catch (HranaRefusal refusal)
        {
            return refusal.Answer;
        }
    }
}
