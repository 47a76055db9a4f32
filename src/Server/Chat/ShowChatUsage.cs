using Ledgerline.Http;
using Ledgerline.Plans;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Chat;

/// <summary><c>GET /user/usage</c>: how many messages the UTC day has left.</summary>
internal static class ShowChatUsage
{
    private const string Unlimited = "unlimited";

    /// <param name="Tier"><c>basic</c> or <c>pro</c>.</param>
    /// <param name="DailyLimit">A number, or <c>unlimited</c>.</param>
    /// <param name="Remaining">A number, or <c>unlimited</c>.</param>
    public sealed record Answer(string Tier, object DailyLimit, long UsedToday, object Remaining);

    public static async Task<Ok<Answer>> Handle(CurrentAccount account, Entitlements entitlements, CancellationToken stop)
    {
        var standing = await entitlements.Of(account.Id, stop);
        var today = standing.Quotas.First(quota => quota.Quota == QuotaName.ChatMessages);
        return TypedResults.Ok(new Answer(
            ChatTiers.Of(standing), today.Limit is { } limit ? limit : Unlimited, today.Used, today.Limit is { } most ? Math.Max(0, most - today.Used) : Unlimited));
    }
}
