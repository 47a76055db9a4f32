using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;
using Tests.World;

namespace Tests.Wallet.Model;

/// <summary>One node: its ledger with connections of its own.</summary>
internal sealed record LedgerNode(Database Database, Ledger Ledger);

/// <summary>Two nodes' ledgers on one new database and the models of its wallets, kept in step and compared after every step.</summary>
internal sealed class LedgerTwins : IAsyncDisposable
{
    private const int StepsBetweenAudits = 100;

    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Units = ["credit", "vc"];

    private readonly ServiceProvider services = new ServiceCollection().BuildServiceProvider();
    private readonly StillClock clock = new();
    private readonly TestDatabase place;
    private readonly LedgerNode[] nodes;
    private readonly AccountId[] accounts;
    private readonly LedgerModel[] models = [.. Enumerable.Range(0, LedgerStory.Wallets).Select(_ => new LedgerModel())];

    private LedgerTwins(TestDatabase place, Database[] databases)
    {
        this.place = place;
        var ids = new Ledgerline.Kernel.Ids(clock);
        nodes = [.. databases.Select(database => new LedgerNode(database, new Ledger(database, new Outbox(new Listeners(), new JobSignal(), services, clock), ids, clock)))];
        accounts = [.. Enumerable.Range(0, LedgerStory.Wallets / Units.Length).Select(_ => new AccountId(ids.Uuid()))];
    }

    public static DateTimeOffset Time(long at) => Start.AddMilliseconds(at);

    /// <summary>Plays the steps on a new database. Answers the first step after which the two differ, and how; null when they never do.</summary>
    public static async Task<(int Step, string Difference)?> Play(string engine, IReadOnlyList<LedgerStep> steps)
    {
        var place = await TestDatabase.WithSchema(engine);
        // SQLite is one node's: two that write at once wait for each other by sleeping.
        await using var twins = new LedgerTwins(place, engine == "sqlite" ? [await place.Open()] : [await place.Open(), await place.Open()]);
        for (var step = 0; step < steps.Count; step++)
        {
            try
            {
                var audited = (step + 1) % StepsBetweenAudits == 0 || step + 1 == steps.Count;
                if ((await twins.Do(steps[step]) ?? (audited ? await twins.Audit() : null)) is { } difference)
                {
                    return (step, difference);
                }
            }
            catch (Exception failure)
            {
                return (step, failure.ToString());
            }
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
        {
            await node.Database.DisposeAsync();
        }

        await place.DisposeAsync();
        await services.DisposeAsync();
    }

    private async Task<string?> Do(LedgerStep step)
    {
        clock.Now = Time(step.At);
        if (step is BurstStep burst)
        {
            return await Do(burst.Steps);
        }

        var answer = await Ask(step);
        var expected = step is SweepStep ? Words.Swept(models.Sum(model => model.Sweep(clock.Now))) : step.Do(models[step.Wallet], clock.Now);
        if (answer != expected)
        {
            return $"the ledger says \"{answer}\", the model \"{expected}\"";
        }

        foreach (var wallet in step is SweepStep ? Enumerable.Range(0, models.Length) : [step.Wallet])
        {
            if (await Compare(wallet, step.Node) is { } difference)
            {
                return difference;
            }
        }

        // Time has passed for the others too.
        return await CompareShown((int)(step.At % models.Length), 1 - step.Node);
    }

    // Wallets do not know of each other, so each must be explained by some order of what was done to it.
    private async Task<string?> Do(IReadOnlyList<LedgerStep> steps)
    {
        var answers = await Task.WhenAll(steps.Select(step => Task.Run(() => Ask(step))));
        for (var wallet = 0; wallet < models.Length; wallet++)
        {
            // A sweep's answer is about all wallets.
            var done = steps.Zip(answers, (step, answer) => (Step: step, Answer: step is SweepStep ? null : answer))
                .Where(one => one.Step is SweepStep || one.Step.Wallet == wallet).ToList();
            var lines = await Lines(wallet, 0);
            if (new LedgerOrders(clock.Now, lines).Explain(models[wallet], done) is not { } model)
            {
                return $"no order of these explains the answers and wallet {wallet}:\n{string.Join('\n', done.Select(one => $"  {one.Step}: {one.Answer}"))}\nleaving\n{string.Join('\n', lines)}";
            }

            models[wallet] = model;
            if (await Compare(wallet, 1) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }

    private Task<string> Ask(LedgerStep step)
    {
        var wallet = Math.Max(0, step.Wallet);
        return step.Do(nodes[step.Node % nodes.Length], Account(wallet), UnitOf(wallet));
    }

    private async Task<string?> Audit()
    {
        for (var wallet = 0; wallet < models.Length; wallet++)
        {
            if (await Compare(wallet, 0) is { } difference)
            {
                return difference;
            }
        }

        var differences = await new LedgerAudit(nodes[0].Database).Run();
        return differences.Count == 0 ? null : $"the audit says: {string.Join("; ", differences)}";
    }

    private async Task<string?> Compare(int wallet, int node)
    {
        var (ledger, model) = (await Lines(wallet, node), models[wallet].Lines().Order(StringComparer.Ordinal).ToList());
        return ledger.SequenceEqual(model)
            ? await CompareShown(wallet, node)
            : $"wallet {wallet}: the ledger has\n  {string.Join("\n  ", ledger.Except(model))}\nwhere the model has\n  {string.Join("\n  ", model.Except(ledger))}";
    }

    private async Task<string?> CompareShown(int wallet, int node)
    {
        var (shown, expected) = (await nodes[node % nodes.Length].Ledger.Balance(Account(wallet), UnitOf(wallet)), models[wallet].Shown(clock.Now));
        return shown == expected ? null : $"wallet {wallet} shows {Words.Asked(shown)} where the model has {Words.Asked(expected)}";
    }

    private async Task<List<string>> Lines(int wallet, int node)
    {
        var rows = await nodes[node % nodes.Length].Database.Read(session => session.List<(string What, string Name, string More, long A, long B, long C)>(
            """
            SELECT 'lot', grant_key, '', remaining_micro, held_micro, clawed_micro FROM grants WHERE account_id = @account AND unit = @unit
            UNION ALL SELECT 'hold', id, status, COALESCE(captured_micro, 0), 0, 0 FROM holds WHERE account_id = @account AND unit = @unit
            UNION ALL SELECT 'book', t.kind, e.book, CAST(SUM(e.amount_micro) AS bigint), 0, 0 FROM ledger_transactions t
                JOIN ledger_entries e ON e.account_id = t.account_id AND e.transaction_id = t.id
                WHERE t.account_id = @account AND t.unit = @unit GROUP BY t.kind, e.book HAVING SUM(e.amount_micro) <> 0
            """,
            new { account = Account(wallet), unit = UnitOf(wallet) }));
        return
        [
            .. rows.Select(row => row.What switch
            {
                "lot" => Words.Lot(row.Name, row.A, row.B, row.C),
                "hold" => Words.Hold(row.Name, row.More, row.A),
                _ => Words.Book(row.Name, row.More, row.A),
            }).Order(StringComparer.Ordinal),
        ];
    }

    private AccountId Account(int wallet) => accounts[wallet / Units.Length];

    private static string UnitOf(int wallet) => Units[wallet % Units.Length];

    private sealed class StillClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = Start;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
