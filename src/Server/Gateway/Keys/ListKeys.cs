using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Usage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Gateway.Keys;

/// <summary><c>GET /api/keys</c>: the account's keys with what they have spent.</summary>
internal static class ListKeys
{
    public static async Task<Ok<IReadOnlyList<ShownKey>>> Handle(CurrentAccount caller, ApiKeys keys, SpendSummary spending, CancellationToken stop)
    {
        var spent = await spending.Of(caller.Id, stop);
        return TypedResults.Ok<IReadOnlyList<ShownKey>>(
            [.. (await keys.List(caller.Id, stop)).Select(key => ShownKey.Of(key, spent.GetValueOrDefault(KeyBudget.NameOf(key.Id))))]);
    }
}
