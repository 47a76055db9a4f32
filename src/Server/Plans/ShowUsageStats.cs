using Ledgerline.Http;
using Ledgerline.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Plans;

/// <summary><c>GET /usage-stats</c>: the allowances of a company's account.</summary>
internal static class ShowUsageStats
{
    public static async Task<Ok<UsageStats>> Handle(CurrentAccount current, Entitlements entitlements, Offers offers, CancellationToken stop)
    {
        var standing = await entitlements.Of(current.Id, Platform.WebBusiness, stop);
        return TypedResults.Ok(UsageStats.Of(standing, await offers.Pricing(standing.AppType, stop)));
    }
}
