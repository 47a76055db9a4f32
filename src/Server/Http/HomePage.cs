using System.Security.Cryptography;
using System.Text;

namespace Ledgerline.Http;

/// <summary><c>GET /</c>: a browser gets a page, anything else JSON that says who answers.</summary>
internal static class HomePage
{
    private const string Style =
        "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:38rem;margin:12vh auto;padding:0 1.5rem;color:#1b2330;background:#fbfaf7}"
        + "h1{font-size:2.2rem;margin:0 0 .5rem}a{color:#0b5cad}li{margin:.3rem 0}"
        + "@media(prefers-color-scheme:dark){body{color:#e8e6e1;background:#15181d}a{color:#7db8ee}}";

    private const string Page =
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Ledgerline</title>
        <style>{Style}</style>
        </head>
        <body>
        <h1>Ledgerline</h1>
        <p>The backend of products that sell AI voice and chat: sign-in, prepaid credits, and AI work that is paid for before it is done
        and charged to the second. This is its API; it is running.</p>
        <ul>
        <li><a href="/docs">API reference</a>, where every request can be tried</li>
        <li><a href="/openapi.json">The same as an OpenAPI document</a></li>
        <li><a href="/health/ready">Whether this server is ready</a></li>
        </ul>
        </body>
        </html>
        """;

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; frame-ancestors 'none'";

    public static IResult Handle(HttpContext context)
    {
        context.Response.Headers.Vary = "Accept";
        if (!context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            return TypedResults.Ok(new Answer("Ledgerline", ProductVersion.Text, "/docs", "Ledgerline API is live"));
        }

        context.Response.Headers.ContentSecurityPolicy = Policy;
        return TypedResults.Content(Page, "text/html; charset=utf-8");
    }

    /// <param name="Name">Always <c>Ledgerline</c>.</param>
    /// <param name="Version">The running version.</param>
    /// <param name="Docs">Where the API reference is.</param>
    /// <param name="Message">For people.</param>
    public sealed record Answer(string Name, string Version, string Docs, string Message);
}
