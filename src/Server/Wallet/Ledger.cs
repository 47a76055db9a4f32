using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>
/// The one door to every balance. Each verb is idempotent by its key, all or nothing, durable when it answers, and exact under any
/// concurrency on any number of nodes: rows are locked in one order, and the database's own checks refuse what the rules here would
/// never write. A verb that takes a transaction becomes durable with it; the others share transactions of the ledger's own.
/// </summary>
public sealed class Ledger
{
    private readonly Database database;
    private readonly TimeProvider clock;
    private readonly LedgerBatch batch;
    private readonly LedgerWriter writer;
    private readonly LedgerSweep sweep;

    public Ledger(Database database, Outbox outbox, Ids ids, TimeProvider clock)
    {
        (this.database, this.clock) = (database, clock);
        var store = new LedgerStore(ids, clock);
        batch = new LedgerBatch(store, outbox, ids, clock);
        writer = new LedgerWriter(database, batch);
        sweep = new LedgerSweep(database, store, batch, clock);
    }

    /// <summary>How many operations wait for their transaction on this node.</summary>
    public int Waiting => writer.Waiting;

    /// <summary>Adds credits as a lot of their own.</summary>
    public Task<GrantAnswer> Grant(GrantOrder order, CancellationToken stop = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(order.Amount.Micro);
        return writer.Do(new GrantOperation(order), stop);
    }

    /// <inheritdoc cref="Grant(GrantOrder, CancellationToken)"/>
    public Task<GrantAnswer> Grant(Transaction transaction, GrantOrder order, CancellationToken stop = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(order.Amount.Micro);
        return Do(transaction, new GrantOperation(order), stop);
    }

    /// <summary>Reserves credits. Refused while anything is owed.</summary>
    public Task<HoldAnswer> Hold(HoldOrder order, CancellationToken stop = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(order.Amount.Micro);
        return writer.Do(new HoldOperation(order), stop);
    }

    /// <summary>
    /// Charges what was measured, which may be less or more than was held, and frees the rest. What no balance covers is owed.
    /// Works also when the hold has expired meanwhile: measured usage is always booked, once. Nobody can call it off.
    /// </summary>
    /// <param name="within">What belongs into the same transaction. It may run again after a transaction that was lost.</param>
    /// <exception cref="KeyNotFoundException">The account has no such hold.</exception>
    public Task<CaptureAnswer> Capture(CaptureOrder order, Func<Transaction, CaptureAnswer, Task>? within = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(order.Used.Micro);
        return writer.Do(new CaptureOperation(order, within), CancellationToken.None);
    }

    /// <summary>Gives an open hold's credits back. False when it was resolved before. Nobody can call it off.</summary>
    /// <exception cref="KeyNotFoundException">The account has no such hold.</exception>
    public async Task<bool> Release(AccountId account, string unit, string holdId) =>
        await writer.Do(new ReleaseOperation(account, unit, [holdId], HoldStatus.Released), CancellationToken.None) > 0;

    /// <summary>Whether a hold still reserves what it was made for, read without locking; false when it has ended or nobody knows it.</summary>
    public async Task<bool> IsOpen(AccountId account, string holdId, CancellationToken stop = default) =>
        await database.Read(
            session => session.Maybe<string>("SELECT status FROM holds WHERE id = @holdId AND account_id = @account", new { account, holdId }, stop), stop) == HoldStatus.Open;

    /// <summary>Those of these holds that were made, whatever became of them, read without locking.</summary>
    public Task<IReadOnlyList<HeldAmount>> Holds(AccountId account, IReadOnlyList<string> ids, CancellationToken stop = default) => database.Read(
        session => session.ListFor<HeldAmount, AskedHold>(
            "SELECT h.id, h.amount_micro FROM {rows} CROSS JOIN holds h WHERE h.account_id = r.account AND h.id = r.hold",
            [.. ids.Select(id => new AskedHold(account, id))],
            stop),
        stop);

    /// <summary>All holds whose names begin so, whatever became of them, read without locking.</summary>
    public Task<IReadOnlyList<HoldState>> HoldsOf(AccountId account, string name, CancellationToken stop = default) => database.Read(
        session => session.List<HoldState>(
            "SELECT id, status FROM holds WHERE id >= @name AND id < @after AND account_id = @account",
            new { account, name, after = $"{name[..^1]}{(char)(name[^1] + 1)}" },
            stop),
        stop);

    /// <summary>
    /// Takes back so much of a granted lot in all, or gives it back when the target is lower than before; spent credits are owed.
    /// False when nothing was granted under that key.
    /// </summary>
    /// <param name="reason">Names the house's book: <c>refund</c>, <c>dispute</c>.</param>
    /// <param name="describe">Makes the row's text from the micro-credits taken back unspent and those owed (negative: given back).</param>
    public Task<bool> ClawBack(
        Transaction transaction, AccountId account, string unit, string grantKey, Credits target, string reason,
        Func<Credits, Credits, string> describe, string? paymentId = null, CancellationToken stop = default) =>
        Do(transaction, new ClawBackOperation(account, unit, grantKey, target, reason, describe, paymentId), stop);

    /// <summary>What can be spent now, read without locking.</summary>
    public async Task<WalletBalance> Balance(AccountId account, string unit, CancellationToken stop = default)
    {
        var row = await database.Read(
            session => session.One<BalanceRow>(
                """
                SELECT
                    CAST(COALESCE((SELECT SUM(remaining_micro - held_micro) FROM grants
                        WHERE account_id = @account AND unit = @unit AND spent = 0 AND (expires_at IS NULL OR expires_at > @now)), 0) AS bigint) AS available_micro,
                    COALESCE((SELECT owed_micro FROM wallets WHERE account_id = @account AND unit = @unit), 0) AS owed_micro
                """,
                new { account, unit, now = clock.GetUtcNow() },
                stop),
            stop);
        return new WalletBalance(new Credits(row.AvailableMicro), new Credits(row.OwedMicro));
    }

    /// <summary>What can be spent as the caller's transaction sees it.</summary>
    public Task<WalletBalance> Balance(Transaction transaction, AccountId account, string unit, CancellationToken stop = default) =>
        Do(transaction, new BalanceOperation(account, unit), stop);

    /// <summary>Gives back holds whose time is over and takes back grants whose time is over. Answers how many holds.</summary>
    public async Task<int> Sweep(CancellationToken stop = default)
    {
        var swept = await sweep.Run(stop);
        var now = clock.GetUtcNow();
        var wallets = await database.Read(
            session => session.List<DueWallet>(
                "SELECT DISTINCT account_id, unit FROM grants WHERE spent = 0 AND expires_at <= @now AND remaining_micro > held_micro LIMIT 1000", new { now }, stop),
            stop);
        await Task.WhenAll(wallets.Select(wallet => writer.Do(new BalanceOperation(wallet.AccountId, wallet.Unit), stop)));
        return swept;
    }

    private async Task<T> Do<T>(Transaction transaction, LedgerOperation<T> operation, CancellationToken stop)
    {
        await batch.Apply(transaction, [operation], careful: true, stop);
        return operation.Result;
    }

    private readonly record struct AskedHold(AccountId Account, string Hold);

    private sealed class BalanceRow
    {
        public long AvailableMicro { get; init; }
        public long OwedMicro { get; init; }
    }

    private sealed class DueWallet
    {
        public AccountId AccountId { get; init; }
        public required string Unit { get; init; }
    }
}

/// <summary>What was held under a name.</summary>
public sealed class HeldAmount
{
    public required string Id { get; init; }
    public long AmountMicro { get; init; }
}

/// <summary>What became of what was held under a name.</summary>
public sealed class HoldState
{
    public required string Id { get; init; }
    public required string Status { get; init; }

    public bool IsOpen => Status == HoldStatus.Open;
    public bool IsCaptured => Status == HoldStatus.Captured;
}
