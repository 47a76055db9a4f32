using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Usage.Recorded;

/// <summary>What a unit of each service costs whom.</summary>
internal sealed class ServicePrices
{
    private static readonly PriceList List = new(
        new Dictionary<string, decimal>
        {
            [MeteredService.Transcription] = 0.02m,
            [MeteredService.VoiceCall] = 0.05m,
            [MeteredService.Sms] = 0.01m,
            [MeteredService.CustomScenario] = 5m,
        },
        PaysByUse: false);

    public Task<IReadOnlyDictionary<AccountId, PriceList>> Of(Session session, IEnumerable<AccountId> accounts, CancellationToken stop) =>
        Task.FromResult<IReadOnlyDictionary<AccountId, PriceList>>(accounts.Distinct().ToDictionary(account => account, _ => List));
}

/// <summary>US dollars a unit, by service.</summary>
/// <param name="PaysByUse">The account's plan bills what is used.</param>
internal sealed record PriceList(IReadOnlyDictionary<string, decimal> Prices, bool PaysByUse);
