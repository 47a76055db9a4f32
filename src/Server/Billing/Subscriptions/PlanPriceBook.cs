using System.Globalization;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>Which price at Stripe is which version of which plan.</summary>
internal sealed class PlanPriceBook(Database database, PlanCatalog catalog, PriceOptions options, CatalogueSync sync)
{
    /// <summary>The prices of this very version; found or made at Stripe when they are not known yet. Empty when it is not sold there.</summary>
    /// <exception cref="StripeFailure">They are not known and Stripe cannot be asked.</exception>
    public async Task<IReadOnlyList<string>> PricesOf(Plan plan, CancellationToken stop)
    {
        var known = await database.Read(session => PlanPrices.Of(session, plan.Id, plan.Version, stop), stop);
        return [.. (known.Count > 0 ? known : await sync.Sync(plan, stop)).Select(row => row.PriceId)];
    }

    /// <summary>The plan that a subscription is of; null when none of its prices is one of ours.</summary>
    /// <param name="before">What it was of until now: with the same price it stays of that version.</param>
    public async Task<(Plan Plan, string PriceId)?> PlanOf(StripeSubscription subscription, SubscriptionRow? before, CancellationToken stop)
    {
        foreach (var price in subscription.AllItems.Select(item => item.Price).OfType<StripePrice>())
        {
            if (before is { PlanId: { } planId, PlanVersion: { } version } && before.PriceId == price.Id)
            {
                return await catalog.Find(planId, version, stop) is { } same ? (same, price.Id) : null;
            }

            if (await PlanOf(price, subscription.Metadata, stop) is { } plan)
            {
                return (plan, price.Id);
            }
        }

        return null;
    }

    /// <summary>The plan's id behind a price of an invoice; null when it is none of ours.</summary>
    public async Task<IReadOnlyDictionary<string, string>> PlansOf(IEnumerable<string> priceIds, CancellationToken stop)
    {
        Dictionary<string, string> plans = [];
        foreach (var priceId in priceIds.Distinct())
        {
            if (await database.Read(session => PlanPrices.ByPrice(session, priceId, stop), stop) is [var row, ..])
            {
                plans[priceId] = row.PlanId;
            }
        }

        return plans;
    }

    private async Task<Plan?> PlanOf(StripePrice price, IReadOnlyDictionary<string, string>? metadata, CancellationToken stop)
    {
        var rows = await database.Read(session => PlanPrices.ByPrice(session, price.Id, stop), stop);
        if (rows.Count > 0)
        {
            // Several versions may cost the same: then it is the one that was subscribed to, else the newest.
            var row = rows.FirstOrDefault(one => metadata?.GetValueOrDefault(SubscriptionMetadata.Plan) == one.PlanId
                && metadata.GetValueOrDefault(SubscriptionMetadata.Version) == one.Version.ToString(CultureInfo.InvariantCulture)) ?? rows[0];
            return await catalog.Find(row.PlanId, row.Version, stop);
        }

        // Not made by us and not looked up yet: named in the settings, or by its lookup key.
        var named = (await catalog.Current(stop)).FirstOrDefault(plan => options.Of(plan.Id) == price.Id);
        return named ?? (price.LookupKey is { } key && await catalog.Find(key, stop: stop) is { } plan && PlanParts.Of(plan).Any(part => part.IsAskedBy(price)) ? plan : null);
    }
}

/// <summary>What a subscription of ours is marked with at Stripe, for people, and where several versions of a plan cost the same.</summary>
internal static class SubscriptionMetadata
{
    public const string Account = "account_id";
    public const string Plan = "plan_id";
    public const string Version = "plan_version";
}

/// <summary>The table of plans' prices.</summary>
internal static class PlanPrices
{
    private const string Columns = "plan_id, version, part, price_id, product_id";

    public static Task<IReadOnlyList<PlanPriceRow>> Of(Session session, string planId, int version, CancellationToken stop) => session.List<PlanPriceRow>(
        $"SELECT {Columns} FROM plan_prices WHERE plan_id = @planId AND version = @version ORDER BY part", new { planId, version }, stop);

    /// <summary>The newest version first.</summary>
    public static Task<IReadOnlyList<PlanPriceRow>> ByPrice(Session session, string priceId, CancellationToken stop) => session.List<PlanPriceRow>(
        $"SELECT {Columns} FROM plan_prices WHERE price_id = @priceId ORDER BY version DESC, part", new { priceId }, stop);

    public static Task Save(Transaction transaction, PlanPriceRow row, DateTimeOffset now, CancellationToken stop) => transaction.Execute(
        """
        INSERT INTO plan_prices (plan_id, version, part, price_id, product_id, created_at) VALUES (@PlanId, @Version, @Part, @PriceId, @ProductId, @now)
        ON CONFLICT (plan_id, version, part) DO UPDATE SET price_id = excluded.price_id, product_id = excluded.product_id
        """,
        new { row.PlanId, row.Version, row.Part, row.PriceId, row.ProductId, now },
        stop);
}

/// <summary>One price of one version of a plan.</summary>
internal sealed record PlanPriceRow
{
    public required string PlanId { get; init; }
    public int Version { get; init; }
    public required string Part { get; init; }
    public required string PriceId { get; init; }
    public string? ProductId { get; init; }
}
