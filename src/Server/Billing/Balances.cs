using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;

namespace Ledgerline.Billing;

/// <summary>The door to balances as customers are shown them: whole credits that can really be spent now.</summary>
public sealed class Balances(Ledger ledger)
{
    /// <summary>Transcription credits.</summary>
    public async Task<long> Credits(AccountId account, CancellationToken stop = default) =>
        (await ledger.Balance(account, Unit.Credit, stop)).Available.Floor;

    /// <summary>Transcription credits as the caller's transaction sees them.</summary>
    public async Task<long> Credits(Transaction transaction, AccountId account, CancellationToken stop = default) =>
        (await ledger.Balance(transaction, account, Unit.Credit, stop)).Available.Floor;
}
