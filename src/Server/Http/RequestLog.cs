using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace Ledgerline.Http;

/// <summary>
/// One line a request: method, route, status, duration, account. The route is the template, never the path: paths and queries
/// hold ids, phone numbers, codes.
/// </summary>
internal static class RequestLog
{
    public static void UseRequestLog(this WebApplication app)
    {
        var clock = app.Services.GetRequiredService<TimeProvider>();
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(RequestLog));
        app.Use(async (context, next) =>
        {
            var method = context.Request.Method;
            var began = clock.GetTimestamp();
            try
            {
                await next(context);
            }
            finally
            {
                var endpoint = context.GetEndpoint();
                var route = (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
                Name(context.Features.Get<IHttpActivityFeature>()?.Activity, Known(method), route, context.Response.StatusCode);
                var level = endpoint?.Metadata.GetMetadata<Quiet>() is null ? LogLevel.Information : LogLevel.Debug;
                log.Log(
                    level,
                    "{Method} {Route} answered {Status} in {Milliseconds} ms for {Account}",
                    Known(method),
                    route,
                    context.Response.StatusCode,
                    (long)clock.GetElapsedTime(began).TotalMilliseconds,
                    (LongAnswers.Of(context)?.Account ?? CurrentAccount.Of(context.User))?.Id.ToString() ?? "nobody");
            }
        });
    }

    // The framework names its span after itself and knows no route.
    private static void Name(Activity? span, string method, string route, int status)
    {
        if (span is { IsAllDataRequested: true })
        {
            span.DisplayName = $"{method} {route}";
            span.SetTag("http.route", route);
            span.SetTag("http.response.status_code", status);
        }
    }

    // A client may send any word as method.
    private static string Known(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsPost(method) || HttpMethods.IsPut(method) || HttpMethods.IsPatch(method)
        || HttpMethods.IsDelete(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) ? method : "(other)";

    /// <summary>Marks routes that are asked all the time and mean nothing: logged only at DEBUG.</summary>
    internal sealed class Quiet
    {
        public static readonly Quiet Please = new();
    }
}
