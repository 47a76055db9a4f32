using Ledgerline.Identity;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Usage;
using Ledgerline.Usage.Recorded;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.World;

namespace Tests.Plans;

/// <summary>The catalogue and the allowances on a new database, with a clock to move and somebody who listens to the news.</summary>
internal sealed class PlansWorld : IAsyncDisposable
{
    private readonly TestDatabase? place;
    private readonly ServiceProvider services;
    private int keys;

    private PlansWorld(TestDatabase? place, Database database, StillClock clock, PlanOptions options)
    {
        (this.place, Database, Clock, Options) = (place, database, clock, options);
        services = new ServiceCollection().AddSingleton(Heard).BuildServiceProvider();
        var listeners = new Listeners();
        listeners.On<EntitlementChanged>().Within<Hear<EntitlementChanged>>();
        listeners.On<PlanChanged>().Within<Hear<PlanChanged>>();
        listeners.On<PayAsYouGoUsed>().Within<Hear<PayAsYouGoUsed>>();
        Ids = new Ids(clock);
        Outbox = new Outbox(listeners, new JobSignal(), services, clock);
        Catalog = new PlanCatalog(database, Outbox, Ids, clock);
        Rules = new AllowanceRules(options);
        Store = new AllowanceStore(Rules, Catalog);
        Entitlements = new Entitlements(database, Outbox, Rules, Store, Catalog, clock);
        Refusals = new Refusals(database, clock);
    }

    public StillClock Clock { get; }
    public Database Database { get; }
    public PlanOptions Options { get; }
    public Ids Ids { get; }
    public Outbox Outbox { get; }
    public PlanCatalog Catalog { get; }
    public AllowanceRules Rules { get; }
    public AllowanceStore Store { get; }
    public Entitlements Entitlements { get; }
    public Refusals Refusals { get; }

    /// <summary>What was published and committed or about to be, in order.</summary>
    public List<object> Heard { get; } = [];

    public DateTimeOffset Now => Clock.GetUtcNow();

    public static async Task<PlansWorld> Start(string engine = "sqlite", PlanOptions? options = null)
    {
        var (place, clock) = (await TestDatabase.WithSchema(engine), new StillClock());
        var world = new PlansWorld(place, await place.Open(clock), clock, options ?? PlanOptions.Default);
        await world.Catalog.Seed(PlanSeeds.All(world.Options), default);
        return world;
    }

    /// <summary>Another node: own memory and connections, same database and clock.</summary>
    public PlansWorld Node() => new(null, Database.Open(place!.Url), Clock, Options);

    /// <summary>A new account with its trial.</summary>
    public async Task<AccountId> Account(string appType = Platform.WebBusiness)
    {
        var account = new AccountId(Ids.Uuid());
        await Database.Write(transaction => Store.Begin(transaction, account, appType, Now));
        return account;
    }

    /// <summary>News of a plan from the store: from now on for a month, unless said otherwise.</summary>
    public EntitlementFacts Facts(AccountId account, Plan plan, string status = EntitlementStatus.Active, string sourceId = "sub_1") => new(
        account, plan.Product, plan.Id, plan.Version, plan.Store, sourceId, status, Now,
        plan.Type switch { PlanType.Weekly => Now.AddDays(7), PlanType.Yearly => Now.AddYears(1), _ => Now.AddMonths(1) }, false, null, null);

    public async Task<EntitlementFacts> Facts(AccountId account, string planId, string status = EntitlementStatus.Active, string sourceId = "sub_1") =>
        Facts(account, (await Catalog.Find(planId))!, status, sourceId);

    public Task<bool> Put(EntitlementFacts facts) => Database.Write(transaction => Entitlements.Put(transaction, facts));

    /// <summary>The account pays for this plan.</summary>
    public async Task<EntitlementFacts> Subscribe(AccountId account, string planId, string sourceId = "sub_1")
    {
        var facts = await Facts(account, planId, sourceId: sourceId);
        await Put(facts);
        return facts;
    }

    /// <summary>A meter of these allowances, with a wallet of its own.</summary>
    public Meter Meter(bool callsFromCredits = false)
    {
        var (ledger, books) = (new Ledger(Database, Outbox, Ids, Clock), new Bookkeeping(Clock, NullLogger<Bookkeeping>.Instance));
        var usage = new ServiceUsage(Database, new ServicePrices(new UsagePlans(Catalog, Options, Clock)), Outbox, Ids, Clock);
        var allowances = new Allowances(
            Database, Entitlements, Refusals, ledger, usage, books, Ids, Clock, CallPrice.Default, callsFromCredits, Options.CallSecondsBusiness);
        return new Meter(ledger, PriceBook.Default(), books, Ids, Clock, allowances);
    }

    public string Key(string name = "key") => $"{name}:{Interlocked.Increment(ref keys)}";

    public Task<ReserveAnswer> Reserve(AccountId account, Want want, string? key = null) =>
        Entitlements.Reserve(account, want, key ?? Key(), TimeSpan.FromMinutes(10));

    /// <summary>A call that was placed, answered and lasted so long.</summary>
    public async Task<ReserveAnswer> Call(AccountId account, long seconds = 40, Want? want = null)
    {
        var key = Key("call");
        var answer = await Reserve(account, want ?? Want.Call(), key);
        if (answer.Verdict.IsAllowed)
        {
            await Entitlements.Confirm(account, key);
            await Entitlements.Complete(account, key, seconds);
        }

        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await (place?.DisposeAsync() ?? ValueTask.CompletedTask);
        await services.DisposeAsync();
    }

    /// <summary>Stands still until it is moved, so that a boundary can be stood on.</summary>
    internal sealed class StillClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 20, 8, 12, 57, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;

        public void Advance(TimeSpan by) => Now += by;
    }

    internal sealed class Hear<TNews>(List<object> heard) : IWithin<TNews>
        where TNews : notnull
    {
        public Task Happen(Transaction transaction, IReadOnlyList<TNews> news, CancellationToken stop)
        {
            lock (heard)
            {
                heard.AddRange(news.Cast<object>());
            }

            return Task.CompletedTask;
        }
    }
}
