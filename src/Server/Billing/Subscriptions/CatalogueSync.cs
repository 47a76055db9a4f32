using System.Globalization;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>
/// Makes the catalogue true at Stripe: each plan's product, its price under the plan's id as lookup key, and what counts the use
/// of a plan that is billed by use. What is there already is taken as it is; prices never change, so a new one takes the key over.
/// </summary>
internal sealed class CatalogueSync(Database database, StripeClient stripe, PriceOptions options, TimeProvider clock, ILogger<CatalogueSync> log)
{
    /// <summary>The plan's prices, found or made, and written down. Safe to run twice, also at the same time.</summary>
    /// <exception cref="StripeFailure">Stripe cannot be asked.</exception>
    public async Task<IReadOnlyList<PlanPriceRow>> Sync(Plan plan, CancellationToken stop)
    {
        List<PlanPriceRow> rows = [];
        foreach (var part in PlanParts.Of(plan))
        {
            if (await Found(plan, part, stop) is { } price)
            {
                rows.Add(new PlanPriceRow { PlanId = plan.Id, Version = plan.Version, Part = part.Name, PriceId = price.Id, ProductId = price.Product });
            }
        }

        await database.Write(
            async transaction =>
            {
                foreach (var row in rows)
                {
                    await PlanPrices.Save(transaction, row, clock.GetUtcNow(), stop);
                }
            },
            stop);
        return rows;
    }

    private async Task<StripePrice?> Found(Plan plan, PlanPart part, CancellationToken stop)
    {
        if (part.LookupKey == plan.Id && options.Of(plan.Id) is { } named)
        {
            return await Named(plan, part, named, stop);
        }

        var found = await stripe.PriceOf(part.LookupKey, stop);
        if (found is not null && part.IsAskedBy(found))
        {
            return found;
        }

        return options.MakesWhatIsMissing ? await Make(plan, part, stop) : null;
    }

    // The operator's own price. It may be cheaper or dearer than the list says, but not of another kind.
    private async Task<StripePrice?> Named(Plan plan, PlanPart part, string priceId, CancellationToken stop)
    {
        var price = await stripe.Price(priceId, stop);
        if ((part with { UnitAmount = price.Amount ?? -1 }).IsAskedBy(price))
        {
            return price;
        }

        log.LogError("STRIPE_PRICE_{Plan} names {Price}, which is not active, of another currency or of another interval: the plan cannot be bought", plan.Id, priceId);
        return null;
    }

    private async Task<StripePrice> Make(Plan plan, PlanPart part, CancellationToken stop)
    {
        var productId = $"plan_{plan.Id}";
        await Once(() => stripe.CreateProduct(
            new StripeProduct { Id = productId, Name = plan.Name, Metadata = new() { [SubscriptionMetadata.Plan] = plan.Id } }, $"product:{plan.Id}:{plan.Name}", stop));
        var meter = part.MeterEvent is { } counted ? await Meter(counted, part.Name, stop) : null;
        var request = new PriceRequest(
            productId, part.UnitAmount, part.Currency, part.Interval, meter, part.LookupKey,
            new Dictionary<string, string>
            {
                [SubscriptionMetadata.Plan] = plan.Id,
                [SubscriptionMetadata.Version] = plan.Version.ToString(CultureInfo.InvariantCulture),
            });
        return await stripe.CreatePrice(
            request, string.Create(CultureInfo.InvariantCulture, $"price:{plan.Id}:{plan.Version}:{part.Name}:{part.UnitAmount}:{part.Currency}:{part.Interval}:{meter}"), stop);
    }

    private async Task<string> Meter(string eventName, string service, CancellationToken stop)
    {
        if ((await stripe.Meters(stop)).FirstOrDefault(meter => meter.EventName == eventName) is { } known)
        {
            return known.Id;
        }

        return (await stripe.CreateMeter(eventName, $"Ledgerline {service.Replace('_', ' ')}", $"meter:{eventName}", stop)).Id;
    }

    // The id is ours: whoever comes second is told that it is there.
    private static async Task Once(Func<Task> make)
    {
        try
        {
            await make();
        }
        catch (StripeFailure failure) when (failure.Code == "resource_already_exists")
        {
        }
    }
}
