using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>A plan, or all of them, may not be at Stripe as the catalogue has them.</summary>
/// <param name="PlanId">Null for all.</param>
public sealed record CatalogueSyncDue(string? PlanId) : IInLane
{
    /// <summary>One after another, on all nodes: so nothing is made twice.</summary>
    public string Lane => "stripe catalogue";
}

/// <summary>Brings it about.</summary>
internal sealed class SyncCatalogue(PlanCatalog catalog, CatalogueSync sync, StripeOptions stripe, PriceOptions options, ILogger<SyncCatalogue> log)
    : IJob<CatalogueSyncDue>
{
    public async Task Run(CatalogueSyncDue news, CancellationToken stop)
    {
        if (stripe.SecretKey is null || !options.MakesWhatIsMissing)
        {
            return;
        }

        foreach (var plan in (await catalog.Current(stop)).Where(plan => news.PlanId is null || plan.Id == news.PlanId))
        {
            try
            {
                await sync.Sync(plan, stop);
            }
            catch (StripeFailure failure) when (!failure.IsPassing)
            {
                // Asking again would be refused again; the other plans are not to wait for this one.
                log.LogError("Plan {Plan} is not at Stripe: {Failure}", plan.Id, failure.Message);
            }
        }
    }
}

/// <summary>Every new version of a plan goes to Stripe.</summary>
internal sealed class QueuePlanSync(Outbox outbox) : IWithin<PlanChanged>
{
    public async Task Happen(Transaction transaction, IReadOnlyList<PlanChanged> news, CancellationToken stop)
    {
        foreach (var planId in news.Select(plan => plan.PlanId).Distinct())
        {
            await outbox.Publish(transaction, new CatalogueSyncDue(planId), stop: stop);
        }
    }
}

/// <summary>At each start everything is looked at once: somebody may have tidied up at Stripe.</summary>
internal sealed class CatalogueStart(Database database, Outbox outbox, StripeOptions stripe, PriceOptions options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => stripe.SecretKey is null || !options.MakesWhatIsMissing
        ? Task.CompletedTask
        : database.Write(transaction => outbox.Publish(transaction, new CatalogueSyncDue(null), stop: cancellationToken), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
