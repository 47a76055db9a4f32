using System.Data.Common;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ledgerline.Http;

/// <summary>Turns what goes wrong into the answers the contracts give: 422 in the area's form, 413, 404, 405, a 503 while the database is away, and a 500 that tells nothing.</summary>
internal static class Problems
{
    private static readonly TimeSpan WhileAway = TimeSpan.FromSeconds(2);

    public static void UseProblems(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Problems));
        app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
                if (!context.Response.HasStarted && context.Response is { ContentLength: null, ContentType: null })
                {
                    await NameStatus(context);
                }
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // Nobody is there to read an answer; the log shall say so all the same.
                if (!context.Response.HasStarted)
                {
                    context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
                }
            }
            catch (Exception failure) when (!context.Response.HasStarted)
            {
                await Answer(context, failure, log);
            }
        });
    }

    private static Task NameStatus(HttpContext context) => context.Response.StatusCode switch
    {
        // The framework could not read a parameter and does not say which.
        StatusCodes.Status400BadRequest when context.GetEndpoint() is RouteEndpoint =>
            Answer(context, Unbound.Find(context), NullLogger.Instance),
        StatusCodes.Status401Unauthorized => Refusal.Unauthorized().ExecuteAsync(context),
        StatusCodes.Status403Forbidden => new Refusal(403, "Admin privileges required").ExecuteAsync(context),
        StatusCodes.Status404NotFound => Refusal.NotFound().ExecuteAsync(context),
        StatusCodes.Status405MethodNotAllowed => new Refusal(405, "Method Not Allowed").ExecuteAsync(context),
        StatusCodes.Status415UnsupportedMediaType => new Refusal(415, "Unsupported media type").ExecuteAsync(context),
        _ => Task.CompletedTask,
    };

    private static Task Answer(HttpContext context, Exception failure, ILogger log)
    {
        switch (failure)
        {
            case Invalid invalid when RefusalForm.For(context) is { } form:
                return form.Write(context, StatusCodes.Status400BadRequest, invalid.Message, invalid.Field is { Length: > 0 } field ? field : null);
            case Invalid invalid:
                context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                return context.Response.WriteAsJsonAsync(Form(context, invalid), context.RequestAborted);
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                RestOfBody.LetPass(context);
                return new Refusal(413, "Request body too large").ExecuteAsync(context);
            case BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } bad when Unbound.Read(bad, context) is { } invalid:
                return Answer(context, invalid, log);
            case BadHttpRequestException bad:
                return new Refusal(bad.StatusCode, "The request could not be read").ExecuteAsync(context);
            // Kestrel says so of chunk sizes that no number holds.
            case IOException { Message: "Bad chunk size data." or "Bad chunk suffix." or "Bad chunk size data" }:
                return Refusal.BadRequest("The request could not be read").ExecuteAsync(context);
            // Not there, ending, or not yet ready: whoever asks again a little later is answered.
            case DbException { IsTransient: true } or DbException { SqlState: "57P01" or "57P02" or "57P03" }:
                log.LogError(failure, "{Method} {Path} did not reach the database", context.Request.Method, context.Features.Get<IEndpointFeature>()?.Endpoint?.DisplayName);
                return new Refusal(503, "The service is unavailable for a moment. Please try again.") { RetryAfter = WhileAway }.ExecuteAsync(context);
            default:
                log.LogError(failure, "{Method} {Path} failed", context.Request.Method, context.Features.Get<IEndpointFeature>()?.Endpoint?.DisplayName);
                return new Refusal(500, AreaWords.Of(context).Failure).ExecuteAsync(context);
        }
    }

    private static object Form(HttpContext context, Invalid invalid)
    {
        string[] location = invalid.Field.Length > 0 ? [invalid.Place, .. invalid.Field.Split('.')] : [invalid.Place];
        return context.GetEndpoint()?.Metadata.GetMetadata<FlatValidation>() is null
            ? new { detail = new[] { new { loc = location, msg = invalid.Message, type = invalid.Type } } }
            : new { detail = "Validation error", errors = new[] { new { field = string.Join(" -> ", location), message = invalid.Message } } };
    }
}
