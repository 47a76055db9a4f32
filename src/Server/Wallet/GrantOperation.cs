namespace Ledgerline.Wallet;

/// <inheritdoc cref="Ledger.Grant(GrantOrder, CancellationToken)"/>
internal sealed class GrantOperation(GrantOrder order) : LedgerOperation<GrantAnswer>(order.Account, order.Unit)
{
    public override string? GrantKey => order.Key;

    public override string Kind => order.Source;

    protected override GrantAnswer Decided(WalletBook book, DateTimeOffset now)
    {
        var again = book.FindLot(order.Key) is not null;
        if (!again)
        {
            book.Grant(order, now);
        }

        return new GrantAnswer(book.Balance, again);
    }
}
