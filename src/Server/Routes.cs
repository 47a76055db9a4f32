using Ledgerline.Billing;
using Ledgerline.Calls.Bridge;
using Ledgerline.Calls.Browser;
using Ledgerline.Calls.CustomScenarios;
using Ledgerline.Calls;
using Ledgerline.Chat;
using Ledgerline.Gateway;
using Ledgerline.Http;
using Ledgerline.Http.OpenApi;
using Ledgerline.Identity;
using Ledgerline.Mobile;
using Ledgerline.Plans;
using Ledgerline.Realtime;
using Ledgerline.Transcription;
using Ledgerline.Usage;

namespace Ledgerline;

/// <summary>The map of the house: one line a capability.</summary>
internal static class Routes
{
    public static void MapLedgerline(this WebApplication app)
    {
        app.MapHttp();
        app.MapIdentity();
        app.MapRealtime();
        app.MapPlans();
        app.MapUsage();
        app.MapBilling();
        app.MapGateway();
        app.MapTranscription();
        app.MapChat();
        app.MapBridge();
        app.MapCalls();
        app.MapCustomScenarios();
        app.MapBrowserCalls();
        app.MapMobile();
        if (ApiDocument.IsOn(app.Configuration))
        {
            app.MapApiDocument();
        }
    }
}
