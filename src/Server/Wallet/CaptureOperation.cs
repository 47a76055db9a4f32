using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <inheritdoc cref="Ledger.Capture"/>
internal sealed class CaptureOperation(CaptureOrder order, Func<Transaction, CaptureAnswer, Task>? within) : LedgerOperation<CaptureAnswer>(order.Account, order.Unit)
{
    public override IReadOnlyList<string> Holds { get; } = [order.HoldId];

    public override string Kind => "usage";

    public override Task Within(Transaction transaction) => within?.Invoke(transaction, Result) ?? Task.CompletedTask;

    protected override CaptureAnswer Decided(WalletBook book, DateTimeOffset now)
    {
        if (book.FindHold(order.HoldId) is not { } hold)
        {
            Fault = new KeyNotFoundException($"Account {Account} has no hold {order.HoldId}.");
            return null!;
        }

        if (hold.Status == HoldStatus.Captured)
        {
            return new CaptureAnswer(new Credits(hold.CapturedMicro!.Value), book.Balance, Again: true);
        }

        book.Capture(hold, order.Used.Micro, order.Description);
        return new CaptureAnswer(order.Used, book.Balance, Again: false);
    }
}
