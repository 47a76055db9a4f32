using Ledgerline.Http;
using Ledgerline.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Chat;

/// <summary><c>GET /user/me</c>: who chats, and on which plan.</summary>
internal static class ShowUser
{
    public static async Task<Results<Ok<Answer>, Refusal>> Handle(CurrentAccount current, Accounts accounts, ChatTiers tiers, CancellationToken stop)
    {
        if (await accounts.Find(current.Id, stop) is not { } account)
        {
            return Refusal.Unauthorized(AreaWords.Chat.BadToken);
        }

        var phone = await accounts.FindPhone(account.Id, stop);
        return TypedResults.Ok(new Answer(account.Number, phone?.Number ?? "", phone?.VerifiedAt is not null, await tiers.Of(account.Id, stop)));
    }

    /// <param name="Id">The account's number.</param>
    /// <param name="MobileNumber">E.164; empty for an account that signs in otherwise.</param>
    /// <param name="IsVerified">A code has shown that the number is this person's.</param>
    /// <param name="Subscription"><c>basic</c> or <c>pro</c>.</param>
    internal sealed record Answer(long Id, string MobileNumber, bool IsVerified, string Subscription);
}
