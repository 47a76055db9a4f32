using System.Reflection;
using System.Text.Encodings.Web;

namespace Dev;

/// <summary>A small client of the public API, so that a newcomer sees the whole way without writing a line. Only the dev launcher serves it.</summary>
internal static class TryPage
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapTryPage(this WebApplication app, string sandboxAddress)
    {
        var page = Read("try.html").Replace(
            "<title>", $"<meta name=\"sandbox\" content=\"{HtmlEncoder.Default.Encode(sandboxAddress)}\">\n<title>", StringComparison.Ordinal);
        Serve(app, "/try", "text/html; charset=utf-8", page);
        Serve(app, "/try/try.js", "text/javascript; charset=utf-8", Read("try.js"));
        Serve(app, "/try/try.css", "text/css; charset=utf-8", Read("try.css"));
    }

    private static void Serve(WebApplication app, string path, string type, string text) => app.MapGet(path, context =>
    {
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.ContentSecurityPolicy = Policy;
            return Task.CompletedTask;
        });
        context.Response.ContentType = type;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }).AllowAnonymous().ExcludeFromDescription();

    private static string Read(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Dev.Try.{file}")
            ?? throw new InvalidOperationException($"The launcher was built without {file}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
