using Ledgerline.Plans;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Mobile;

/// <summary><c>GET /mobile/pricing</c>: what the App Store sells, as texts.</summary>
internal static class ShowPricing
{
    public static async Task<Ok<MobilePricing>> Handle(Offers offers, CancellationToken stop) => TypedResults.Ok(await offers.MobilePricing(stop));
}
