using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;

namespace Ledgerline.Usage.Recorded;

/// <summary>What a unit of each service costs whom: who pays by use pays what was promised, all others are shown today's prices.</summary>
internal sealed class ServicePrices(UsagePlans plans)
{
    // Where the plan says nothing, because an operator left a price out.
    private static readonly Dictionary<string, decimal> Otherwise = new()
    {
        [MeteredService.Transcription] = 0.02m,
        [MeteredService.VoiceCall] = 0.05m,
        [MeteredService.Sms] = 0.01m,
        [MeteredService.CustomScenario] = 5m,
        // Without a price it is not sold by the unit.
        [MeteredService.ChatMessage] = 0m,
    };

    public async Task<IReadOnlyDictionary<AccountId, UnitPrices>> Of(Session session, IEnumerable<AccountId> accounts, CancellationToken stop)
    {
        List<AccountId> all = [.. accounts.Distinct()];
        var payers = await plans.Of(session, all, stop);
        var today = payers.Count < all.Count ? Read(await UsagePlans.Newest(session, stop), paysByUse: false) : null;
        return all.ToDictionary(account => account, account => payers.TryGetValue(account, out var plan) ? Read(plan, paysByUse: true) : today!);
    }

    /// <summary>What was promised where uses were let through.</summary>
    public async Task<IReadOnlyDictionary<PlanTerms, UnitPrices>> On(Session session, IEnumerable<PlanTerms> terms, CancellationToken stop)
    {
        Dictionary<PlanTerms, UnitPrices> promised = [];
        foreach (var one in terms.Distinct())
        {
            promised[one] = Read(await plans.On(session, one, stop), paysByUse: true);
        }

        return promised;
    }

    private static UnitPrices Read(Plan? plan, bool paysByUse) => new(
        MeteredService.All.ToDictionary(service => service.Name, service => Dollars(plan, service.PriceName) ?? Otherwise[service.Name]),
        MeteredService.All.Where(service => Dollars(plan, service.PriceName) > 0).Select(service => service.Name).ToHashSet(),
        paysByUse);

    private static decimal? Dollars(Plan? plan, string name) => plan?.UnitPrice(name) is { } known && ExactCost.IsPrice(known) ? known : null;
}

/// <summary>US dollars a unit, by service.</summary>
/// <param name="Metered">The services that the plan itself has a price for, so that what is counted of them is billed.</param>
/// <param name="PaysByUse">The account's plan bills what is used.</param>
internal sealed record UnitPrices(IReadOnlyDictionary<string, decimal> Prices, IReadOnlySet<string> Metered, bool PaysByUse)
{
    /// <summary>Whether this is the price, as text, of the plan that the account pays by use, so that counting the units is enough to bill them.</summary>
    public bool IsMetered(string service, string unitPrice) => PaysByUse && Metered.Contains(service) && ExactCost.Text(Prices[service]) == unitPrice;
}
