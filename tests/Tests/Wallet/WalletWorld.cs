using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;
using Sandbox.Core;
using Tests.World;
using Xunit;

namespace Tests.Wallet;

/// <summary>A ledger on a new database with a clock to move; audited when it ends.</summary>
internal sealed class WalletWorld : IAsyncDisposable
{
    private readonly TestDatabase? place;
    private readonly ServiceProvider services = new ServiceCollection().BuildServiceProvider();
    private int keys;

    private WalletWorld(TestDatabase? place, Database database)
    {
        (this.place, Database) = (place, database);
        var ids = new Ledgerline.Kernel.Ids(Clock);
        (Account, Debtor) = (new AccountId(ids.Uuid()), new AccountId(ids.Uuid()));
        Ledger = new Ledger(database, new Outbox(new Listeners(), new JobSignal(), services, Clock), ids, Clock);
    }

    public SandboxClock Clock { get; } = new();
    public Database Database { get; }
    public Ledger Ledger { get; }
    public AccountId Account { get; }

    /// <summary>Somebody who owes 5, once <see cref="Fresh"/> made the world.</summary>
    public AccountId Debtor { get; }

    public static async Task<WalletWorld> Start(string engine)
    {
        var place = await TestDatabase.WithSchema(engine);
        return new WalletWorld(place, await place.Open());
    }

    /// <summary>Another node on a database that somebody else began and ends.</summary>
    public static async Task<WalletWorld> On(TestDatabase place) => new(null, await place.Open());

    /// <summary>
    /// Other accounts on this database: one with a gift of 20 and packs of 15 and 50, of which the holds <c>prepared</c> (10) and
    /// <c>both</c> (15, over two lots) reserve some, and a debtor of 5.
    /// </summary>
    public async Task<WalletWorld> Fresh()
    {
        var world = new WalletWorld(null, Database);
        await world.Give(20, world.Key("gift"));
        await world.Give(15, world.Key("paid"), Money.Usd(1));
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.Give(50, world.Key("more"), Money.Usd(1));
        await world.Hold(10, "prepared");
        await world.Hold(15, "both");
        await world.Ledger.Grant(new GrantOrder(world.Debtor, Unit.Credit, "purchase", world.Key("debtor"), Credits.Whole(5), "test"));
        await world.Ledger.Hold(new HoldOrder(world.Debtor, Unit.Credit, "debt", Credits.Whole(5), "transcribe", TimeSpan.FromMinutes(10)));
        await world.Ledger.Capture(new CaptureOrder(world.Debtor, Unit.Credit, "debt", Credits.Whole(10), "test"));
        return world;
    }

    /// <summary>A business key of this world's own.</summary>
    public string Key(string name) => $"{name}:{Account}";

    /// <summary>Everything the books say of this world's accounts, without ids.</summary>
    public async Task<string> Books()
    {
        var rows = await Database.Read(session => session.List<string>(
            """
            SELECT 'lot ' || CASE WHEN account_id = @Account THEN '' ELSE 'debtor ' END || amount_micro || ' ' || remaining_micro || ' ' || held_micro || ' ' || clawed_micro AS line
                FROM grants WHERE account_id IN (@Account, @Debtor)
            UNION ALL SELECT 'hold ' || id || ' ' || status || ' ' || COALESCE(captured_micro, -1) FROM holds WHERE account_id IN (@Account, @Debtor)
            UNION ALL SELECT 'owed ' || owed_micro FROM wallets WHERE account_id IN (@Account, @Debtor)
            UNION ALL SELECT 'entry ' || t.kind || ' ' || e.book || ' ' || e.amount_micro FROM ledger_entries e
                JOIN ledger_transactions t ON t.account_id = e.account_id AND t.id = e.transaction_id WHERE e.account_id IN (@Account, @Debtor)
            """,
            new { Account, Debtor }));
        return string.Join("; ", rows.Order(StringComparer.Ordinal));
    }

    public Task<GrantAnswer> Give(long credits, string? key = null, Money? paid = null, DateTimeOffset? expires = null) => Ledger.Grant(
        new GrantOrder(Account, Unit.Credit, paid is null ? "signup_bonus" : "purchase", key ?? $"grant:{Next()}", Credits.Whole(credits), "test", paid, ExpiresAt: expires));

    public Task<HoldAnswer> Hold(long credits, string? key = null) =>
        Ledger.Hold(new HoldOrder(Account, Unit.Credit, key ?? $"hold:{Next()}", Credits.Whole(credits), "transcribe", TimeSpan.FromMinutes(10)));

    public Task<CaptureAnswer> Capture(string holdId, long credits) =>
        Ledger.Capture(new CaptureOrder(Account, Unit.Credit, holdId, Credits.Whole(credits), "transcribe: 1.0s"));

    public Task<bool> Release(string holdId) => Ledger.Release(Account, Unit.Credit, holdId);

    public Task<bool> ClawBack(string key, long credits) => Database.Write(transaction => Ledger.ClawBack(
        transaction, Account, Unit.Credit, key, Credits.Whole(credits), "refund", (taken, owed) => $"taken {taken.Floor}, owed {owed.Floor}"));

    public async Task<(long Available, long Owed)> Balance()
    {
        var balance = await Ledger.Balance(Account, Unit.Credit);
        return (balance.Available.Floor, balance.Owed.Floor);
    }

    public Task<IReadOnlyList<string>> Descriptions(string kind) => Database.Read(session => session.List<string>(
        "SELECT description FROM ledger_transactions WHERE account_id = @Account AND kind = @kind ORDER BY id", new { Account, kind }));

    public async ValueTask DisposeAsync()
    {
        var differences = await new LedgerAudit(Database).Run();
        await Database.DisposeAsync();
        await (place?.DisposeAsync() ?? ValueTask.CompletedTask);
        await services.DisposeAsync();
        Assert.Empty(differences);
    }

    private int Next() => Interlocked.Increment(ref keys);
}
