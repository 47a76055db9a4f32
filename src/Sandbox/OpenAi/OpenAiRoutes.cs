using Sandbox.Core;
using Sandbox.OpenAi.Chat;
using Sandbox.OpenAi.Realtime;
using Sandbox.Replies;

namespace Sandbox.OpenAi;

/// <summary>Every address of the OpenAI simulator, on the provider's own paths below <c>/openai</c>.</summary>
internal static class OpenAiRoutes
{
    public const string Name = "openai";

    public static void AddOpenAi(this IServiceCollection services)
    {
        services.AddSingleton<NextAnswers>();
        services.AddRealtime();
    }

    public static void MapOpenAi(this IEndpointRouteBuilder app)
    {
        var answers = app.ServiceProvider.GetRequiredService<NextAnswers>();
        var options = app.ServiceProvider.GetRequiredService<SandboxOptions>();
        app.ServiceProvider.GetRequiredService<Simulators>().Add(new Simulator(Name)
        {
            Keys = origin => new { base_url = $"{origin}/openai", api_key = options.OpenAiApiKey },
            Reset = () =>
            {
                answers.Clear();
                ReplyControl.Forget(app.ServiceProvider, Name);
                RealtimeRoutes.Forget(app.ServiceProvider);
            },
            Error = (status, message) => OpenAiError.Shape(status, message),
            Controls = () => Html.Join([Panel, RealtimePanel.Show(app.ServiceProvider.GetRequiredService<RealtimeSessions>())]),
        });

        var openai = app.MapGroup("/openai").AddEndpointFilter(OpenAiEdge.Filter);
        openai.MapPost("/v1/audio/transcriptions", CreateTranscription.Transcribe);
        openai.MapPost("/v1/audio/translations", CreateTranscription.Translate);
        openai.MapPost("/v1/chat/completions", CreateChatCompletion.Handle);
        openai.MapGet("/v1/models", OpenAiModels.List);
        openai.MapGet("/v1/models/{model}", OpenAiModels.Get);
        openai.Map("/{**path}", UnknownAddress);

        app.MapPost("/_sandbox/openai/next", Script);
        app.MapReplies(Name);
        app.MapRealtime();
    }

    private static Html Panel => Html.Of($"""
        <section><h2>OpenAI</h2><form class="row" data-json="POST" action="/_sandbox/openai/next"><label>The next transcriptions say<input name="text"></label>
        <label>last so many seconds<input name="duration" type="number" min="0" step="any"></label><label>times<input name="times" type="number" min="1" value="1"></label><button>Set</button></form>{ReplyControl.Form(Name, Html.Of($"""<label>refuse with<input name="refusal"></label>"""))}</section>
        """);

    private static IResult UnknownAddress(HttpContext context)
    {
        // No specification can say how an address is refused that it does not know.
        HeldAnswer.Excuse(context);
        throw new OpenAiError(404, $"Invalid URL ({context.Request.Method} {context.Request.Path.Value?["/openai".Length..]})");
    }

    private static async Task<IResult> Script(HttpContext context, NextAnswers answers)
    {
        var next = await Json.Read<NextAnswer>(context);
        if (next.Times is < 1 or > 10_000)
        {
            return Json.Refuse("times is between 1 and 10000.");
        }

        answers.Add(next);
        return Results.NoContent();
    }
}
