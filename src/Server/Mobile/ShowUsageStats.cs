using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Plans;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Mobile;

/// <summary><c>GET /mobile/usage-stats</c>: what the app's person has left.</summary>
internal static class ShowUsageStats
{
    public static async Task<Ok<UsageStats>> Handle(CurrentAccount current, Entitlements entitlements, Offers offers, CancellationToken stop)
    {
        var standing = await entitlements.Of(current.Id, Platform.MobileConsumer, stop);
        return TypedResults.Ok(UsageStats.Of(standing, await offers.Pricing(standing.AppType, stop)));
    }
}
