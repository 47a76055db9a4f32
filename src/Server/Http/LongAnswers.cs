using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;

namespace Ledgerline.Http;

/// <summary>What is left of an answer that goes on for hours, once its beginning is sent. Its handler leaves it with <see cref="LongAnswers.Leave"/>.</summary>
internal interface ILongAnswer
{
    /// <summary>Whose it is.</summary>
    CurrentAccount Account { get; }

    /// <summary>Runs to the end of the answer. Of the request there is only the connection: no services, no headers, nobody signed in.</summary>
    Task Run();
}

/// <summary>
/// Runs what is left of an answer after everything further in has returned. There may be thousands of streams that wait: each would hold
/// the frames of all middlewares, its services, its claims and its headers for nothing.
/// </summary>
internal static class LongAnswers
{
    /// <summary>What this answer goes on with when the handler has returned; it must have sent its beginning.</summary>
    public static void Leave(this HttpContext context, ILongAnswer rest) => context.Features.Set(rest);

    /// <summary>Null for answers that end with their handler.</summary>
    public static ILongAnswer? Of(HttpContext context) => context.Features.Get<ILongAnswer>();

    public static void UseLongAnswers(this WebApplication app) => app.Use(static async (context, next) =>
    {
        await next(context);
        if (Of(context) is { } rest)
        {
            await LetGo(context);
            await rest.Run();
        }
    });

    private static async ValueTask LetGo(HttpContext context)
    {
        if (context.Features.Get<IServiceProvidersFeature>() is IAsyncDisposable services)
        {
            await services.DisposeAsync();
        }

        if (context.Features.Get<IAuthenticateResultFeature>() is { } signedIn)
        {
            signedIn.AuthenticateResult = null;
        }

        context.Features.Set<IHttpWebSocketFeature>(null);
        context.Features.Set<IItemsFeature>(null);
        context.Features.Set<IQueryFeature>(null);
        context.Request.RouteValues = null!;
        context.Request.Headers.Clear();
    }
}
