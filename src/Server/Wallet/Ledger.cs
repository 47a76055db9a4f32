using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>
/// The one door to every balance. Each verb is idempotent by its key, all or nothing, and exact under any concurrency: the
/// wallet's row is locked first, and the database's own checks refuse what the rules here would never write.
/// </summary>
public sealed class Ledger(Database database, Outbox outbox, Ids ids, TimeProvider clock)
{
    private readonly LedgerStore store = new(ids, clock);

    public Task<GrantAnswer> Grant(GrantOrder order, CancellationToken stop = default) =>
        database.Write(transaction => Grant(transaction, order, stop), stop);

    /// <summary>Adds credits as a lot of their own, within the caller's transaction.</summary>
    public async Task<GrantAnswer> Grant(Transaction transaction, GrantOrder order, CancellationToken stop = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(order.Amount.Micro);
        var book = await store.Open(transaction, order.Account, order.Unit, stop);
        if (await LedgerStore.FindLot(transaction, book, order.Key, stop) is not null)
        {
            await Save(transaction, book, "expired", stop);
            return new GrantAnswer(book.Balance, Again: true);
        }

        book.Grant(order, clock.GetUtcNow());
        await Save(transaction, book, order.Source, stop);
        return new GrantAnswer(book.Balance, Again: false);
    }

    /// <summary>Reserves credits, durable when it answers. Refused while anything is owed.</summary>
    public Task<HoldAnswer> Hold(HoldOrder order, CancellationToken stop = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(order.Amount.Micro);
        return database.Write(
            async transaction =>
            {
                var book = await store.Open(transaction, order.Account, order.Unit, stop);
                var before = await transaction.Maybe<string>(
                    "SELECT id FROM holds WHERE account_id = @Account AND hold_key = @Key", new { order.Account, order.Key }, stop);
                var held = new Credits(book.HeldMicro);
                // Locked after the wallet's row, here as everywhere.
                var over = before is null ? await BudgetBook.Over(transaction, order, stop) : null;
                var lots = before is null && over is null ? book.Hold(order.Amount.Micro) : null;
                var id = lots is null ? before : await store.InsertHold(transaction, order, lots, stop);
                if (lots is not null)
                {
                    await BudgetBook.Hold(transaction, order, stop);
                }

                await Save(transaction, book, "expired", stop, tell: book.Bookings.Count > 0);
                return new HoldAnswer(id, book.Balance.Available, book.Balance.Owed, Again: before is not null) { Held = held, Over = over };
            },
            stop);
    }

    /// <summary>
    /// Charges what was measured, which may be less or more than was held, and frees the rest. What no balance covers is owed.
    /// Works also when the hold has expired meanwhile: measured usage is always booked, once.
    /// </summary>
    /// <exception cref="KeyNotFoundException">The account has no such hold.</exception>
    public async Task<CaptureAnswer> Capture(
        Transaction transaction, AccountId account, string holdId, Credits used, string description, CancellationToken stop = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(used.Micro);
        var (book, hold) = await OpenHold(transaction, account, holdId, stop);
        if (hold.Status == HoldStatus.Captured)
        {
            await Save(transaction, book, "expired", stop);
            return new CaptureAnswer(new Credits(hold.CapturedMicro!.Value), book.Balance, Again: true);
        }

        book.Capture(holdId, hold.Purpose, await LedgerStore.HoldLots(transaction, account, holdId, stop), used.Micro, description);
        await store.ResolveHold(transaction, account, holdId, HoldStatus.Captured, used.Micro, stop);
        await BudgetBook.Resolve(transaction, account, hold, used.Micro, stop);
        await Save(transaction, book, "usage", stop);
        return new CaptureAnswer(used, book.Balance, Again: false);
    }

    /// <summary>Gives an open hold's credits back. False when it was resolved before.</summary>
    public Task<bool> Release(AccountId account, string holdId, CancellationToken stop = default) =>
        database.Write(transaction => Release(transaction, account, holdId, HoldStatus.Released, stop), stop);

    /// <summary>
    /// Takes back so much of a granted lot in all, or gives it back when the target is lower than before; spent credits are owed.
    /// False when nothing was granted under that key.
    /// </summary>
    /// <param name="reason">Names the house's book: <c>refund</c>, <c>dispute</c>.</param>
    /// <param name="describe">Makes the row's text from the micro-credits taken back unspent and those owed (negative: given back).</param>
    public async Task<bool> ClawBack(
        Transaction transaction, AccountId account, string unit, string grantKey, Credits target, string reason,
        Func<Credits, Credits, string> describe, string? paymentId = null, CancellationToken stop = default)
    {
        var book = await store.Open(transaction, account, unit, stop);
        var lot = await LedgerStore.FindLot(transaction, book, grantKey, stop);
        if (lot is not null)
        {
            book.ClawBack(lot, target.Micro, reason, (taken, owed) => describe(new Credits(taken), new Credits(owed)), paymentId);
        }

        await Save(transaction, book, "refund", stop);
        return lot is not null;
    }

    /// <summary>What can be spent now, read without locking.</summary>
    public async Task<WalletBalance> Balance(AccountId account, string unit, CancellationToken stop = default)
    {
        var row = await database.Read(session => ReadBalance(session, account, unit, stop), stop);
        if (row?.NextExpiryAt <= clock.GetUtcNow())
        {
            return await database.Write(transaction => Balance(transaction, account, unit, stop), stop);
        }

        return row is null ? default : new WalletBalance(new Credits(row.PostedMicro - row.HeldMicro), new Credits(row.OwedMicro));
    }

    /// <summary>What can be spent as the caller's transaction sees it.</summary>
    public async Task<WalletBalance> Balance(Transaction transaction, AccountId account, string unit, CancellationToken stop = default)
    {
        var book = await store.Open(transaction, account, unit, stop);
        await Save(transaction, book, "expired", stop);
        return book.Balance;
    }

    /// <summary>Gives back holds whose time is over and takes back grants whose time is over. Answers how many holds.</summary>
    public async Task<int> Sweep(CancellationToken stop = default)
    {
        var now = clock.GetUtcNow();
        var holds = await database.Read(
            session => session.List<DueHold>(
                "SELECT account_id, id FROM holds WHERE status = 'open' AND expires_at <= @now ORDER BY expires_at LIMIT 1000", new { now }, stop),
            stop);
        var swept = 0;
        foreach (var hold in holds)
        {
            swept += await database.Write(
                transaction => Release(transaction, hold.AccountId, hold.Id, HoldStatus.Expired, stop), stop) ? 1 : 0;
        }

        var wallets = await database.Read(
            session => session.List<DueWallet>(
                "SELECT account_id, unit FROM wallets WHERE next_expiry_at <= @now ORDER BY account_id, unit LIMIT 1000", new { now }, stop),
            stop);
        foreach (var wallet in wallets)
        {
            await database.Write(transaction => Balance(transaction, wallet.AccountId, wallet.Unit, stop), stop);
        }

        return swept;
    }

    private static Task<BalanceRow?> ReadBalance(Session session, AccountId account, string unit, CancellationToken stop) =>
        session.Maybe<BalanceRow>(
            "SELECT posted_micro, held_micro, owed_micro, next_expiry_at FROM wallets WHERE account_id = @account AND unit = @unit",
            new { account, unit },
            stop);

    private async Task<bool> Release(Transaction transaction, AccountId account, string holdId, string status, CancellationToken stop)
    {
        var (book, hold) = await OpenHold(transaction, account, holdId, stop);
        var open = hold.Status == HoldStatus.Open;
        if (open)
        {
            book.Release(await LedgerStore.HoldLots(transaction, account, holdId, stop));
            await store.ResolveHold(transaction, account, holdId, status, null, stop);
            await BudgetBook.Resolve(transaction, account, hold, spentMicro: 0, stop);
        }

        await Save(transaction, book, "release", stop);
        return open;
    }

    // The wallet's row is locked before the hold's, here as everywhere: one order, no deadlock.
    private async Task<(WalletBook Book, HoldRow Hold)> OpenHold(
        Transaction transaction, AccountId account, string holdId, CancellationToken stop)
    {
        var unit = await transaction.Maybe<string>("SELECT unit FROM holds WHERE account_id = @account AND id = @holdId", new { account, holdId }, stop)
            ?? throw new KeyNotFoundException($"Account {account} has no hold {holdId}.");
        var book = await store.Open(transaction, account, unit, stop);
        return (book, (await LedgerStore.FindHold(transaction, account, holdId, stop))!);
    }

    private async Task Save(Transaction transaction, WalletBook book, string kind, CancellationToken stop, bool tell = true)
    {
        await store.Save(transaction, book, stop);
        if (book.IsChanged && tell)
        {
            await outbox.Publish(
                transaction, new BalanceChanged(book.Account, book.Unit, book.AvailableMicro, book.OwedMicro, kind), stop: stop);
        }
    }

    private sealed class BalanceRow
    {
        public long PostedMicro { get; init; }
        public long HeldMicro { get; init; }
        public long OwedMicro { get; init; }
        public DateTimeOffset? NextExpiryAt { get; init; }
    }

    private sealed class DueHold
    {
        public AccountId AccountId { get; init; }
        public required string Id { get; init; }
    }

    private sealed class DueWallet
    {
        public AccountId AccountId { get; init; }
        public required string Unit { get; init; }
    }
}
