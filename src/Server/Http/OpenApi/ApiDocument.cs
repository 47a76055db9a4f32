using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerUI;

namespace Ledgerline.Http.OpenApi;

/// <summary>The OpenAPI 3.1 document of the running routes, and the pages that show it. Setting <c>DOCS_ENABLED=false</c> hides both.</summary>
internal static class ApiDocument
{
    private const string Name = "ledgerline";
    private const string Path = "/openapi.json";

    private const string Page =
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Ledgerline API</title>
        <link rel="stylesheet" href="/docs/swagger-ui.css">
        <link rel="stylesheet" href="/docs/index.css">
        <link rel="icon" type="image/png" href="/docs/favicon-32x32.png" sizes="32x32">
        </head>
        <body>
        <div id="swagger-ui"></div>
        <script src="/docs/swagger-ui-bundle.js"></script>
        <script src="/docs/swagger-ui-standalone-preset.js"></script>
        <script src="/docs/index.js"></script>
        </body>
        </html>
        """;

    // The reference writes style attributes; scripts are its own files only.
    private static readonly string Policy =
        SecurityHeaders.PagePolicy.Replace("style-src 'self'", "style-src 'self' 'unsafe-inline'", StringComparison.Ordinal);

    public static bool IsOn(IConfiguration settings) =>
        !string.Equals(settings["DOCS_ENABLED"]?.Trim(), "false", StringComparison.OrdinalIgnoreCase);

    public static void AddApiDocument(this IServiceCollection services)
    {
        services.AddOpenApi(Name, document =>
        {
            document.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            document.CreateSchemaReferenceId = SchemaNames.Of;
            document.AddDocumentTransformer<DescribeProduct>();
            document.AddOperationTransformer<DescribeOperation>();
        });
        services.AddSingleton<ApiDocumentText>();
    }

    /// <summary>The reference's pages, scripts and styles; before routing, which knows nothing of them.</summary>
    public static void UseApiPages(this WebApplication app)
    {
        app.Use(static (context, next) =>
        {
            // One address with and without slash, and no redirect to index.html.
            if (context.Request.Path.Value is "/docs" or "/docs/")
            {
                context.Request.Path = "/docs/index.html";
                context.Response.Headers.ContentSecurityPolicy = Policy;
            }

            return next(context);
        });
        app.UseSwaggerUI(pages =>
        {
            pages.RoutePrefix = "docs";
            pages.DocumentTitle = "Ledgerline API";
            pages.IndexStream = () => new MemoryStream(Encoding.UTF8.GetBytes(Page));
            pages.SwaggerEndpoint(Path, "Ledgerline");
            // The areas first: all routes at once are a long page, of which it shows no more than fits the window.
            pages.DocExpansion(DocExpansion.None);
            pages.EnableFilter();
            pages.EnableDeepLinking();
            pages.EnableTryItOutByDefault();
            pages.EnablePersistAuthorization();
            pages.DisplayRequestDuration();
        });
    }

    public static void MapApiDocument(this IEndpointRouteBuilder app) => app.MapGet(Path, async (HttpContext context, ApiDocumentText document) =>
        {
            var (text, tag) = await document.Get(context.RequestAborted);
            context.Response.Headers.CacheControl = "no-cache";
            return TypedResults.Bytes(text, "application/json; charset=utf-8", entityTag: new(tag));
        })
        .AllowAnonymous()
        .WithMetadata(RateLimit.Everything)
        .ExcludeFromDescription();

    /// <summary>Written when it is first asked for, then kept: the routes of a running server do not change.</summary>
    internal sealed class ApiDocumentText([FromKeyedServices(Name)] IOpenApiDocumentProvider provider) : IDisposable
    {
        private readonly SemaphoreSlim writing = new(1, 1);
        private (byte[] Text, string Tag)? written;

        public async Task<(byte[] Text, string Tag)> Get(CancellationToken stop)
        {
            if (written is { } ready)
            {
                return ready;
            }

            await writing.WaitAsync(stop);
            try
            {
                if (written is null)
                {
                    var document = await provider.GetOpenApiDocumentAsync(stop);
                    var text = Encoding.UTF8.GetBytes(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, stop));
                    written = (text, $"\"{Convert.ToHexStringLower(SHA256.HashData(text).AsSpan(0, 8))}\"");
                }

                return written.Value;
            }
            finally
            {
                writing.Release();
            }
        }

        public void Dispose() => writing.Dispose();
    }
}
