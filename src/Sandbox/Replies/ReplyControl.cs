using Sandbox.Core;

namespace Sandbox.Replies;

/// <summary>The control calls by which the chat replies of a provider are scripted, held and released.</summary>
internal static class ReplyControl
{
    public static void AddReplies(this IServiceCollection services)
    {
        services.AddSingleton<ReplyScripts>();
        services.AddSingleton<ReplyPauses>();
    }

    public static void MapReplies(this IEndpointRouteBuilder app, string provider)
    {
        var control = app.MapGroup($"/_sandbox/{provider}");
        control.MapGet("/replies", (ReplyScripts scripts) => Json.Answer(scripts.List(provider)));
        control.MapPost("/replies", (HttpContext context, ReplyScripts scripts) => Script(context, scripts, provider));
        control.MapDelete("/replies", (ReplyScripts scripts) =>
        {
            scripts.Clear(provider);
            return Results.NoContent();
        });
        control.MapGet("/pauses", (ReplyPauses pauses) => Json.Answer(pauses.List(provider)));
        control.MapPost("/release", (HttpContext context, ReplyPauses pauses) => Release(context, pauses, provider));
    }

    /// <summary>Forgets what was scripted and lets everything go on that waits.</summary>
    public static void Forget(IServiceProvider services, string provider)
    {
        services.GetRequiredService<ReplyScripts>().Clear(provider);
        services.GetRequiredService<ReplyPauses>().Release(provider);
    }

    /// <summary>The form on the home page.</summary>
    public static Html Form(string provider, Html more = default) => Html.Of($"""
        <form class="row" data-json="POST" action="/_sandbox/{provider}/replies"><label>The next replies say<input name="text"></label>
        <label>to questions with<input name="when"></label><label>end with<input name="finish_reason"></label>{more}
        <label>thinking tokens<input name="thinking_tokens" type="number" min="0"></label><label>times<input name="times" type="number" min="1" value="1"></label><button>Script</button></form>
        <p>{Page.Button("Release what waits", "POST", $"/_sandbox/{provider}/release")}</p>
        """);

    public sealed record ReleaseCall
    {
        public string? Id { get; init; }
    }

    private static async Task<IResult> Script(HttpContext context, ReplyScripts scripts, string provider)
    {
        var reply = await Json.Read<NextReply>(context);
        if (reply.Fault is { } fault)
        {
            return Json.Refuse(fault);
        }

        scripts.Add(provider, reply);
        return Results.NoContent();
    }

    private static async Task<IResult> Release(HttpContext context, ReplyPauses pauses, string provider)
    {
        var call = await Json.Read<ReleaseCall>(context);
        return Json.Answer(new { released = pauses.Release(provider, call.Id) });
    }
}
