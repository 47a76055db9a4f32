using Ledgerline.Gateway.Keys;
using Ledgerline.Gateway.V1;
using Ledgerline.Http;
using Ledgerline.Identity;

namespace Ledgerline.Gateway;

/// <summary>Every address of Gateway: API keys, and what they open.</summary>
internal static class GatewayRoutes
{
    private const string ExampleId = "0190f8e2-6d2c-7b3a-9d55-3f0c1f1f2a10";
    private const string ExampleTime = "2026-11-28T09:30:00Z";

    private static readonly string[] ExampleScopes = ["transcription", "models"];

    public static void MapGateway(this IEndpointRouteBuilder app)
    {
        MapKeys(app.MapGroup("").WithTags("API keys").RequireAuthorization().WithMetadata(RateLimit.Everything));
        var v1 = app.MapGroup("").WithTags("OpenAI-compatible").RequireAuthorization().AddEndpointFilter(V1Filter.Run)
            .WithMetadata(app.ServiceProvider.GetRequiredService<OpenAiErrors>());
        v1.MapAudio();
        v1.MapChat();
        v1.MapConversations();
        v1.MapModels();
    }

    private static void MapKeys(RouteGroupBuilder routes)
    {
        routes.MapPost("/api/keys", CreateKey.Handle)
            .WithName("CreateKey")
            .WithSummary("Make an API key")
            .WithDescription(
                "For programs that call `/v1`; it opens nothing else. The key is in this answer and never shown again. `scopes`: `transcription`, "
                + "`chat`, `realtime`, `models`. A spend limit holds for the key's whole life and counts running requests too.")
            .ExampleRequest(new { name = "Build server", scopes = ExampleScopes, spend_limit_credits = 500, expires_at = "2027-11-28T00:00:00Z" })
            .Example(new CreateKey.Answer(
                ExampleId, "lk_9tQ2…", "Build server", ExampleScopes, 500, ExampleTime, "2027-11-28T00:00:00Z"))
            .Refuses(StatusCodes.Status409Conflict, "the account has 100 keys", $"There are {ApiKeys.Most} API keys already; revoke one first");

        routes.MapGet("/api/keys", ListKeys.Handle)
            .WithName("ListKeys")
            .WithSummary("The account's API keys")
            .WithDescription("Those that were not revoked, the newest first, with what each has spent and when it was last used, to the minute.")
            .Example(new[] { new ShownKey(ExampleId, "lk_9tQ2…a1Zf", "Build server", ExampleScopes, 500, 12.5m, ExampleTime, null, ExampleTime) });

        routes.MapDelete("/api/keys/{id}", RevokeKey.Handle)
            .WithName("RevokeKey")
            .WithSummary("Revoke an API key")
            .WithDescription("Ends at once on the node that is asked, and within 30 seconds on every other.")
            .Parameter("path", "id", "As the list has it.", ExampleId)
            .Example(new RevokeKey.Answer(ExampleId, true))
            .Refuses(StatusCodes.Status404NotFound, "the account has no such key, or revoked it before", "API key not found");
    }
}
