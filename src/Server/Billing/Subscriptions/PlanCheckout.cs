using System.Globalization;
using Ledgerline.Kernel;
using Ledgerline.Plans;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>
/// The door to plans that are bought on Stripe's own page. What becomes of it is told by webhooks and settled like every subscription.
/// </summary>
public sealed class PlanCheckout
{
    /// <summary>Who asks again so soon is led to the same page.</summary>
    private static readonly TimeSpan SamePage = TimeSpan.FromMinutes(10);

    private readonly StripeClient stripe;
    private readonly StripeCustomerBook customers;
    private readonly PlanPriceBook prices;
    private readonly PlanCatalog catalog;
    private readonly TimeProvider clock;

    internal PlanCheckout(StripeClient stripe, StripeCustomerBook customers, PlanPriceBook prices, PlanCatalog catalog, TimeProvider clock) =>
        (this.stripe, this.customers, this.prices, this.catalog, this.clock) = (stripe, customers, prices, catalog, clock);

    /// <summary>The page's address; null when Stripe is off or cannot be asked, or does not sell the plan.</summary>
    /// <param name="userNumber">The account's number, for people who look at the subscription at Stripe.</param>
    public async Task<string?> Open(AccountId account, long userNumber, string planId, string successUrl, string cancelUrl, CancellationToken stop)
    {
        try
        {
            if (await catalog.Find(planId, stop: stop) is not { IsArchived: false } plan || await prices.PricesOf(plan, stop) is not [var price, ..])
            {
                return null;
            }

            for (var second = false; ; second = true)
            {
                var customer = await customers.Ensure(account, stop);
                try
                {
                    return (await stripe.CreateSubscriptionCheckout(
                        new SubscriptionCheckoutRequest(customer, account.ToString(), price, successUrl, cancelUrl, Metadata(account, userNumber, plan)),
                        $"plan:{customer}:{price}:{clock.GetUtcNow().Ticks / SamePage.Ticks}",
                        stop)).Url;
                }
                catch (StripeFailure failure) when (!second && failure is { IsMissing: true, Param: "customer" })
                {
                    await customers.Forget(account, customer, stop);
                }
            }
        }
        catch (StripeFailure)
        {
            return null;
        }
    }

    private static Dictionary<string, string> Metadata(AccountId account, long userNumber, Plan plan) => new()
    {
        ["user_id"] = userNumber.ToString(CultureInfo.InvariantCulture),
        [SubscriptionMetadata.Account] = account.ToString(),
        [SubscriptionMetadata.Plan] = plan.Id,
        [SubscriptionMetadata.Version] = plan.Version.ToString(CultureInfo.InvariantCulture),
    };
}
