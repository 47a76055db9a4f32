using Ledgerline.Billing.Payments;
using Ledgerline.Billing.Subscriptions;
using Ledgerline.Kernel;
using Ledgerline.Providers.Stripe;
using Ledgerline.Providers.Wire;
using Ledgerline.Wallet;

namespace Ledgerline.Billing;

/// <summary>What billing registers.</summary>
internal static class BillingServices
{
    /// <exception cref="FormatException">A setting is not what it should be; the sentence names it.</exception>
    public static void AddBilling(this IServiceCollection services, ProviderSettings settings)
    {
        var stripe = StripeOptions.Read(settings);
        services.AddStripe(stripe);
        services.AddSingleton(new StartupRule(() => stripe.Fault is { } fault ? [fault] : []));
        services.AddSingleton(BillingOptions.Read(settings));
        services.AddSingleton<ReturnUrls>();
        services.AddSingleton(Packages.Default);
        services.AddSingleton<Balances>();
        services.AddSingleton<Statement>();
        services.AddSingleton<Statements>();
        services.AddSingleton(provider => new WelcomeCredits(
            provider.GetRequiredService<Ledger>(), provider.GetRequiredService<BillingOptions>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<StripeCustomerBook>();
        services.AddSingleton(PaymentOptions.Read(settings));
        services.AddSingleton<PaymentRequests>();
        services.AddSingleton<PayerDesk>();
        services.AddSingleton<OperatorAlarm>();
        services.AddSingleton<CheckoutDesk>();
        services.AddSingleton<CheckoutSettlement>();
        services.AddSingleton<EventInbox>();
        AddSubscriptions(services, settings);
    }

    private static void AddSubscriptions(IServiceCollection services, ProviderSettings settings)
    {
        services.AddSingleton(new PriceOptions(settings));
        services.AddSingleton<CatalogueSync>();
        services.AddSingleton<PlanPriceBook>();
        services.AddSingleton<PaymentBook>();
        services.AddSingleton<PaymentSettlement>();
        services.AddSingleton<PushSubscription>();
        services.AddSingleton<SubscriptionEffects>();
        services.AddSingleton<SubscriptionSettlement>();
        services.AddSingleton<SubscriptionOrders>();
        services.AddSingleton<SubscriptionDesk>();
        services.AddSingleton<Reconciliation>();
        services.AddSingleton(provider => new PlanCheckout(
            provider.GetRequiredService<StripeClient>(), provider.GetRequiredService<StripeCustomerBook>(), provider.GetRequiredService<PlanPriceBook>(),
            provider.GetRequiredService<Plans.PlanCatalog>(), provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<CatalogueStart>();
    }
}
