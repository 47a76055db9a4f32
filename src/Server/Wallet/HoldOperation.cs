namespace Ledgerline.Wallet;

/// <inheritdoc cref="Ledger.Hold"/>
internal sealed class HoldOperation(HoldOrder order) : LedgerOperation<HoldAnswer>(order.Account, order.Unit)
{
    public override bool TakesWallet => false;

    public override IReadOnlyList<string> Holds { get; } = [order.Key];

    public override bool Unsure => Result.Refused;

    public override string Kind => "expired";

    protected override HoldAnswer Decided(WalletBook book, DateTimeOffset now)
    {
        var before = book.FindHold(order.Key);
        var held = before is not null || book.Hold(order.Key, order.Amount.Micro, order.Purpose, now + order.Lifetime);
        return new HoldAnswer(held ? order.Key : null, book.Balance.Available, Again: before is not null);
    }
}
