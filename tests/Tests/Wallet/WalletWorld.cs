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
        Account = new AccountId(ids.Uuid());
        Ledger = new Ledger(database, new Outbox(new Listeners(), new JobSignal(), services, Clock), ids, Clock);
    }

    public SandboxClock Clock { get; } = new();
    public Database Database { get; }
    public Ledger Ledger { get; }
    public AccountId Account { get; }

    public static async Task<WalletWorld> Start(string engine)
    {
        var place = await TestDatabase.New(engine);
        return new WalletWorld(place, await place.Open());
    }

    /// <summary>Another node on a database that somebody else began and ends.</summary>
    public static async Task<WalletWorld> On(TestDatabase place) => new(null, await place.Open());

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
