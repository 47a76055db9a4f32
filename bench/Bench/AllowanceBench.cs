using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Microsoft.Extensions.DependencyInjection;

namespace Bench;

/// <summary>
/// Allowances reserved through the door, over many accounts and on one, beside one conditional UPDATE that knows a single limit and
/// nothing else.
/// </summary>
internal static class AllowanceBench
{
    private const int Accounts = 2_000;
    private const int Callers = 32;
    private const int Rounds = 3;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(3);

    public static Task Run(Report report) => Engines.Each("allowances", (engine, url) => Engine(report, engine, url));

    private static async Task Engine(Report report, string engine, string databaseUrl)
    {
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var database = Database.Open(databaseUrl);
        await Migrate.Run(database, TimeProvider.System);
        var (ids, options, clock) = (new Ids(TimeProvider.System), PlanOptions.Default with { TrialCallsBusiness = 1_000_000_000 }, TimeProvider.System);
        var outbox = new Outbox(new Listeners(), new JobSignal(), services, clock);
        var (catalog, rules) = (new PlanCatalog(database, outbox, ids, clock), new AllowanceRules(options));
        var store = new AllowanceStore(rules, catalog);
        var entitlements = new Entitlements(database, outbox, rules, store, catalog, clock);
        var accounts = Enumerable.Range(0, Accounts).Select(_ => new AccountId(ids.Uuid())).ToArray();
        await database.Write(transaction =>
        {
            foreach (var account in accounts)
            {
                store.Begin(transaction, account, "web_business", clock.GetUtcNow());
            }
        });

        var turn = 0;
        List<double> spread = [], hot = [], one = [];
        for (var round = 0; round < Rounds; round++)
        {
            spread.Add(await LedgerWorld.Rate(Callers, WarmUp, Measured, _ => Reserve(Any())));
            hot.Add(await LedgerWorld.Rate(Callers, WarmUp, Measured, _ => Reserve(accounts[0])));
            one.Add(await LedgerWorld.Rate(Callers, WarmUp, Measured, _ => OneStatement(database, Any(), ids.Text(), clock.GetUtcNow())));
        }

        report.Add($"allowance.{engine}.reserve.spread", "1/s", StartBench.Median(spread), StartBench.Median(one), "one statement", lowerIsBetter: false);
        report.Add($"allowance.{engine}.reserve.hot", "1/s", StartBench.Median(hot), StartBench.Median(spread), "spread", lowerIsBetter: false);

        AccountId Any() => accounts[(int)((uint)Interlocked.Increment(ref turn) % Accounts)];
        Task Reserve(AccountId account) => entitlements.Reserve(account, Want.Call(), ids.Text(), TimeSpan.FromMinutes(10));
    }

    private static Task OneStatement(Database database, AccountId account, string key, DateTimeOffset now) => database.Write(async transaction =>
    {
        if (await transaction.Execute(
            "UPDATE allowances SET trial_used = trial_used + 1, calls_total = calls_total + 1 WHERE account_id = @account AND trial_used < trial_calls AND trial_ends_at > @now",
            new { account, now }) == 1)
        {
            await transaction.Execute(
                """
                INSERT INTO reservations (account_id, id, service, funding, status, units, is_counted, state, expires_at, created_at)
                VALUES (@account, @key, 'voice_call', 'trial', 'trial_call_available', 0, @yes, 'reserved', @now, @now)
                """,
                new { account, key, now, yes = true });
        }
    });
}
