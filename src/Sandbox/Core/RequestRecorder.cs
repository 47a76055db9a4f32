using System.Text;
using System.Text.RegularExpressions;

namespace Sandbox.Core;

/// <summary>Middleware that writes every request to a provider into the <see cref="RequestLog"/>.</summary>
internal sealed partial class RequestRecorder(RequestLog log, Simulators simulators, SandboxClock clock) : IMiddleware
{
    private const int KeptBytes = 8 * 1024;

    private static readonly string[] HeadersThatMatter =
    [
        "accept", "accept-language", "authorization", "content-length", "content-type", "expect", "idempotency-key",
        "openai-beta", "openai-organization", "openai-project", "stripe-account", "stripe-version", "traceparent", "user-agent",
        "x-goog-api-key", "x-request-id", "x-stainless-retry-count",
    ];

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (simulators.ByPath(context.Request.Path) is not { } simulator)
        {
            await next(context);
            return;
        }

        var request = context.Request;
        var at = clock.GetUtcNow();
        request.Path.StartsWithSegments(simulator.Prefix, out var path);
        var method = request.Method;
        var query = request.QueryString.HasValue ? request.QueryString.Value : null;
        var headers = Headers(request.Headers);
        var body = new Tee(request.Body, KeptBytes);
        request.Body = body;
        var broke = true;
        try
        {
            await next(context);
            broke = false;
        }
        finally
        {
            var status = RequestLog.WasDropped(context) ? 0 : broke ? StatusCodes.Status500InternalServerError : context.Response.StatusCode;
            var text = RequestLog.NoteOf(context) ?? Text(body);
            log.Add(new LoggedRequest(Ids.New("log_", 12), simulator.Name, method, path, query, headers, text, body.Length, status, at));
        }
    }

    private static Dictionary<string, string> Headers(IHeaderDictionary all)
    {
        var kept = new Dictionary<string, string>();
        foreach (var name in HeadersThatMatter)
        {
            if (all.TryGetValue(name, out var value))
            {
                kept[name] = name is "authorization" or "x-goog-api-key" ? Mask(value.ToString()) : value.ToString();
            }
        }

        return kept;
    }

    /// <summary>The scheme and the last four characters: enough to tell two keys apart, not enough to use one.</summary>
    private static string Mask(string credential)
    {
        var space = credential.IndexOf(' ', StringComparison.Ordinal);
        var secret = credential[(space + 1)..];
        return credential[..(space + 1)] + "…" + (secret.Length > 8 ? secret[^4..] : "");
    }

    private static string? Text(Tee body)
    {
        if (body.Kept.Length == 0)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(body.Kept.Span);
        text = Unprintable().Replace(text, "·");
        text = Secrets().Replace(text, "$1=…");
        return body.Length > body.Kept.Length ? text + "…" : text;
    }

    [GeneratedRegex(@"[^\P{C}\r\n\t]|\uFFFD")]
    private static partial Regex Unprintable();

    [GeneratedRegex(@"\b(client_secret|refresh_token|card\[number\]|card%5Bnumber%5D)=[^&]*")]
    private static partial Regex Secrets();
}
