using Ledgerline.Http;

namespace Ledgerline.Chat;

/// <summary>Every address of Chat.</summary>
internal static class ChatRoutes
{
    public static void MapChat(this IEndpointRouteBuilder app)
    {
        var routes = app.MapGroup("").WithMetadata(AreaWords.Chat).WithTags("Chat");
        routes.MapGet("/user/me", ShowUser.Handle)
            .RequireAuthorization()
            .WithMetadata(RateLimit.Everything)
            .WithName("ChatUserMe")
            .WithSummary("Who is signed in")
            .WithDescription("`id` is the account's number. `mobile_number` is empty for an account that signs in otherwise.")
            .Example(new ShowUser.Answer(4503599627370497, "+15550100123", true, ChatTiers.Basic));
    }
}
