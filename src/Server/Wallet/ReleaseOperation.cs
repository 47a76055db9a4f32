using Ledgerline.Kernel;

namespace Ledgerline.Wallet;

/// <summary>Gives open holds back. Answers how many were open.</summary>
internal sealed class ReleaseOperation(AccountId account, string unit, IReadOnlyList<string> holdIds, string status) : LedgerOperation<int>(account, unit)
{
    public override IReadOnlyList<string> Holds => holdIds;

    public override string Kind => "release";

    protected override int Decided(WalletBook book, DateTimeOffset now)
    {
        var released = 0;
        foreach (var id in holdIds)
        {
            if (book.FindHold(id) is not { } hold)
            {
                Fault = new KeyNotFoundException($"Account {Account} has no hold {id}.");
            }
            else if (hold.Status == HoldStatus.Open)
            {
                book.Release(hold, status);
                released++;
            }
        }

        return released;
    }
}
