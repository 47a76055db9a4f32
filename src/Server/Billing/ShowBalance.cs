using Ledgerline.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Billing;

/// <summary>What the account can spend now.</summary>
internal static class ShowBalance
{
    public sealed record Answer(long Credits, string UserId);

    public static async Task<Ok<Answer>> Handle(CurrentAccount account, Balances balances, CancellationToken stop) =>
        TypedResults.Ok(new Answer(await balances.Credits(account.Id, stop), account.Id.ToString()));
}
