using Ledgerline.Kernel;

namespace Ledgerline.Wallet;

/// <inheritdoc cref="Ledger.ClawBack"/>
internal sealed class ClawBackOperation(
    AccountId account, string unit, string grantKey, Credits target, string reason, Func<Credits, Credits, string> describe, string? paymentId)
    : LedgerOperation<bool>(account, unit)
{
    public override string? GrantKey => grantKey;

    public override string Kind => "refund";

    protected override bool Decided(WalletBook book, DateTimeOffset now)
    {
        if (book.FindLot(grantKey) is not { } lot)
        {
            return false;
        }

        book.ClawBack(lot, target.Micro, reason, (taken, owed) => describe(new Credits(taken), new Credits(owed)), paymentId);
        return true;
    }
}
