using Ledgerline.Kernel;

namespace Ledgerline.Wallet;

/// <summary>What can be spent; what has expired is taken on the way, as it is by every operation.</summary>
internal sealed class BalanceOperation(AccountId account, string unit) : LedgerOperation<WalletBalance>(account, unit)
{
    public override string Kind => "expired";

    protected override WalletBalance Decided(WalletBook book, DateTimeOffset now) => book.Balance;
}
