using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Plans;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Mobile;

/// <summary><c>POST /mobile/check-call-permission</c>: may this account call now; reserves nothing.</summary>
internal static class CheckCallPermission
{
    public static async Task<Ok<CallPermission>> Handle(CurrentAccount current, Entitlements entitlements, Offers offers, CancellationToken stop) =>
        TypedResults.Ok(await offers.Permission(await entitlements.May(current.Id, Want.Call(), stop, Platform.MobileConsumer), stop));
}
