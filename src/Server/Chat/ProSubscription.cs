using Ledgerline.Billing.Subscriptions;
using Ledgerline.Http;
using Ledgerline.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Chat;

/// <summary><c>/subscription/pro</c> and <c>/subscription/status</c>: how one comes to Pro, and whether one has it.</summary>
internal static class ProSubscription
{
    public const string Already = "Already subscribed to Pro";
    public const string Unavailable = "Payment provider unavailable";

    private const string Plan = "chat_pro";

    public sealed record Page(string CheckoutUrl);

    /// <param name="Status"><c>basic</c> or <c>pro</c>.</param>
    public sealed record Answer(string Status);

    public static async Task<Results<Ok<Page>, Refusal>> Start(
        CurrentAccount current, ChatTiers tiers, Accounts accounts, PlanCheckout checkout, ChatOptions options, CancellationToken stop)
    {
        if (await accounts.Find(current.Id, stop) is not { } account)
        {
            return Refusal.Unauthorized(AreaWords.Chat.BadToken);
        }

        if (await tiers.Of(current.Id, stop) == ChatTiers.Pro)
        {
            return Refusal.BadRequest(Already);
        }

        return await checkout.Open(account.Id, account.Number, Plan, options.SuccessUrl, options.CancelUrl, stop) is { } page
            ? TypedResults.Ok(new Page(page))
            : new Refusal(StatusCodes.Status400BadRequest, Unavailable) { IsPassing = true };
    }

    public static async Task<Ok<Answer>> Show(CurrentAccount account, ChatTiers tiers, CancellationToken stop) =>
        TypedResults.Ok(new Answer(await tiers.Of(account.Id, stop)));
}
