using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Plans;
using Ledgerline.Usage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Mobile;

/// <summary><c>POST /mobile/check-call-permission</c>: may this account call now; reserves nothing.</summary>
internal static class CheckCallPermission
{
    public static async Task<Ok<CallPermission>> Handle(CurrentAccount current, Meter meter, Offers offers, CancellationToken stop) =>
        TypedResults.Ok(await offers.Permission(await meter.May(current.Id, Want.Call(), Platform.MobileConsumer, stop), stop));
}
