using Ledgerline.Identity;
using Ledgerline.Http;
using Ledgerline.Http.OpenApi;
using Ledgerline.Realtime;

namespace Ledgerline;

/// <summary>The map of the house: one line a capability.</summary>
internal static class Routes
{
    public static void MapLedgerline(this WebApplication app)
    {
        app.MapIdentity();
        app.MapHttp();
        app.MapRealtime();
        if (ApiDocument.IsOn(app.Configuration))
        {
            app.MapApiDocument();
        }
    }
}
