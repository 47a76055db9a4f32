namespace Ledgerline.Http;

/// <summary>The addresses that belong to no capability.</summary>
internal static class HttpRoutes
{
    private const string Tag = "Server";

    public static void MapHttp(this IEndpointRouteBuilder app)
    {
        app.MapGet("/", HomePage.Handle)
            .AllowAnonymous()
            .WithMetadata(RateLimit.Everything)
            .WithName("Home")
            .WithTags(Tag)
            .WithSummary("Who answers here")
            .WithDescription("JSON, or a page when `Accept` contains `text/html`.")
            .Produces<HomePage.Answer>()
            .Example(new HomePage.Answer("Ledgerline", ProductVersion.Text, "/docs", "Ledgerline API is live"));

        app.MapGet("/health", Health.Handle)
            .AllowAnonymous()
            .WithMetadata(RateLimit.None, RequestLog.Quiet.Please)
            .WithName("Health")
            .WithTags(Tag)
            .WithSummary("Whether the process can serve")
            .WithDescription("200 for as long as the process can serve; asks neither the database nor any provider. Never rate limited.")
            .Example(new Health.Answer("healthy", "ledgerline", ProductVersion.Text));

        app.MapGet("/health/ready", Readiness.Handle)
            .AllowAnonymous()
            .WithMetadata(RateLimit.None, RequestLog.Quiet.Please)
            .WithName("Readiness")
            .WithTags(Tag)
            .WithSummary("Whether to send requests here")
            .WithDescription("503 while the database does not answer, while migrations are missing, and from the moment a shutdown begins. Never rate limited.")
            .Produces<Readiness.Answer>()
            .Produces<Readiness.Answer>(StatusCodes.Status503ServiceUnavailable)
            .Example(new Readiness.Answer("ready", null, new(new(true, null), new(true, null), new(true, null), null)));
    }
}
