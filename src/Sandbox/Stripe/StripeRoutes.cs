using System.Text.Json.Nodes;
using Sandbox.Core;
using Sandbox.Stripe.Billing;

namespace Sandbox.Stripe;

/// <summary>Stripe under <c>/stripe</c> (and its API at the root's <c>/v1</c>, since Stripe's own libraries take no path prefix).</summary>
internal static class StripeRoutes
{
    public static void MapStripe(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        var options = services.GetRequiredService<SandboxOptions>();
        var world = new StripeWorld(services.GetRequiredService<SandboxClock>(), options, services.GetRequiredService<WebhookSender>(),
            services.GetRequiredService<ILogger<StripeWorld>>());
        services.GetRequiredService<Simulators>().Add(new Simulator("stripe")
        {
            Keys = origin => new
            {
                base_url = origin + "/stripe",
                api_version = StripeApi.PinnedVersion,
                secret_key = options.StripeSecretKey,
                publishable_key = options.StripePublishableKey,
                webhook_secret = options.StripeWebhookSecret,
                webhook_urls = Events.Addresses(options),
            },
            SendsWebhooks = true,
            Page = "/stripe/",
            Reset = world.Reset,
            Error = Error,
        });

        var api = new StripeApi(app, world);
        Customers.Map(api);
        PaymentMethods.Map(api);
        SetupIntents.Map(api);
        Catalogue.Map(api);
        Meters.Map(api);
        Coupons.Map(api);
        PromotionCodes.Map(api);
        Subscriptions.Map(api);
        SubscriptionItems.Map(api);
        Invoices.Map(api);
        InvoicePreview.Map(api);
        InvoicePayments.Map(api);
        InvoiceItems.Map(api);
        CustomerBalance.Map(api);
        Portal.Map(api);
        CheckoutSessions.Map(api);
        PaymentIntents.Map(api);
        Charges.Map(api);
        Refunds.Map(api);
        Disputes.Map(api);
        world.Events.Map(api);
        WebhookEndpoints.Map(api);
        app.Map("/stripe/v1/{**rest}", StripeApi.Unrecognized);

        CheckoutPage.Map(app, world);
        AuthenticationPage.Map(app, world);
        StripeHome.Map(app, world);
        InvoicePage.Map(app, world);
        PortalPage.Map(app, world);
        StripeControl.Map(app, world);
        BillingControl.Map(app, world);
    }

    /// <summary>What a fault that only names a status answers.</summary>
    private static JsonObject Error(int status, string message)
    {
        var type = status switch { 402 => "card_error", >= 500 => "api_error", _ => "invalid_request_error" };
        return new StripeError(status, type, message) { Code = status switch { 429 => "rate_limit", 409 => "lock_timeout", _ => null } }.ToJson(null);
    }
}
