using Ledgerline.Billing;

namespace Ledgerline;

/// <summary>The map of the house: one line a capability.</summary>
internal static class Routes
{
    public static void MapLedgerline(this WebApplication app)
    {
        app.MapBilling();
    }
}
