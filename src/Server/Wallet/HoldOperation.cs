using Ledgerline.Kernel;

namespace Ledgerline.Wallet;

/// <inheritdoc cref="Ledger.Hold"/>
internal sealed class HoldOperation(HoldOrder order) : LedgerOperation<HoldAnswer>(order.Account, order.Unit)
{
    public override bool TakesWallet => false;

    public override long ReservesMicro => order.Amount.Micro;

    public override IReadOnlyList<string> Holds { get; } = [order.Key];

    public override string? Budget => order.Budget?.Name;

    public override string Kind => "expired";

    public override bool IsRefused => Result.Refused;

    protected override HoldAnswer Decided(WalletBook book, DateTimeOffset now)
    {
        var (before, reserved) = (book.FindHold(order.Key), new Credits(book.HeldMicro));
        if (before is not null)
        {
            return new HoldAnswer(order.Key, book.Balance.Available, Again: true) { Held = reserved };
        }

        var over = Over(book);
        var held = over is null && book.Hold(order.Key, order.Amount.Micro, order.Purpose, now + order.Lifetime, order.Budget?.Name);
        return new HoldAnswer(held ? order.Key : null, book.Balance.Available, Again: false) { Held = reserved, Over = over };
    }

    // Null when the order fits its budget or has none.
    private BudgetState? Over(WalletBook book) =>
        order.Budget is { Limit: { } limit } && book.Budget(order.Budget.Name) is var used && used.SpentMicro + used.HeldMicro + order.Amount.Micro > limit.Micro
            ? new BudgetState(new Credits(used.SpentMicro), new Credits(used.HeldMicro), limit)
            : null;
}
