using Sandbox.Core;
using Sandbox.Replies;

namespace Sandbox.Gemini;

/// <summary>Every address of the Gemini simulator, on the provider's own paths below <c>/gemini</c>.</summary>
internal static class GeminiRoutes
{
    public const string Name = "gemini";

    public static void MapGemini(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        var options = services.GetRequiredService<SandboxOptions>();
        services.GetRequiredService<Simulators>().Add(new Simulator(Name)
        {
            Keys = origin => new { base_url = $"{origin}/gemini", api_url = $"{origin}/gemini/v1beta", api_key = options.GeminiApiKey },
            Reset = () => ReplyControl.Forget(services, Name),
            Error = (status, message) => GeminiError.Shape(status, message),
            Controls = () => Panel,
        });

        var gemini = app.MapGroup("/gemini").AddEndpointFilter(GeminiEdge.Filter);
        gemini.MapGet("/v1beta/models", GeminiModels.List);
        gemini.MapGet("/v1beta/models/{name}", GeminiModels.Get);
        gemini.MapPost("/v1beta/models/{call}", GenerateContent.Call);
        gemini.Map("/{**path}", IResult (HttpContext context) => throw Unknown(context));
        app.MapReplies(Name);
    }

    /// <summary>The refusal of an address that is none.</summary>
    public static GeminiError Unknown(HttpContext context)
    {
        // No specification can say how an address is refused that it does not know.
        HeldAnswer.Excuse(context);
        return new GeminiError(404, $"Not Found: {context.Request.Method} {context.Request.Path.Value?["/gemini".Length..]}");
    }

    private static Html Panel => Html.Of($"""
        <section><h2>Gemini</h2>{ReplyControl.Form(Name, Html.Of($"""<label>block the prompt for<input name="block_reason"></label>"""))}</section>
        """);
}
