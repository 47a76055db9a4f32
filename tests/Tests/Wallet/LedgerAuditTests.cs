using System.Text.RegularExpressions;
using Ledgerline.Kernel;
using Ledgerline.Persistence.Audit;
using Ledgerline.Wallet;
using Tests.Persistence;
using Xunit;

namespace Tests.Wallet;

public class LedgerAuditTests(ITestOutputHelper output)
{
    [Theory, EveryDatabase]
    public async Task Every_row_that_is_wrong_is_found_and_explained(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        var names = await SmallHistory(world);
        List<string> wrong = [];
        foreach (var (sql, expected) in Corruptions.All)
        {
            var report = await Corrupted.Audit(world.Database, Fill(sql, names));
            var said = report.Differences.Order(StringComparer.Ordinal).ToList();
            var wanted = expected.Select(sentence => Fill(sentence, names)).Order(StringComparer.Ordinal).ToList();
            if (!said.SequenceEqual(wanted) || report.DifferenceCount != wanted.Count)
            {
                wrong.Add($"{sql}\n  said:\n    {Unfill(string.Join("\n    ", said), names)}\n  instead of:\n    {Unfill(string.Join("\n    ", wanted), names)}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory, EveryDatabase]
    public async Task A_figure_beyond_all_bounds_keeps_no_other_law_from_being_checked(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        var names = await SmallHistory(world);

        var report = await Corrupted.Audit(world.Database, Fill(
            "UPDATE ledger_entries SET amount_micro = 9223372036854775807 WHERE transaction_id = '{t:pack}'; UPDATE holds SET captured_micro = 1 WHERE id = '{h25}'", names));

        Assert.Contains(report.Differences, said => said.StartsWith("One law could not be checked", StringComparison.Ordinal));
        Assert.Contains(Fill("Hold {h25} of account {A} is released and says something else of its end.", names), report.Differences);
    }

    [Theory, EveryDatabase]
    public async Task After_a_hundred_of_a_kind_the_rest_is_counted(string engine)
    {
        await using var world = await WalletWorld.Start(engine);

        var report = await Corrupted.Audit(world.Database,
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
            INSERT INTO wallets (account_id, unit, owed_micro) SELECT 'account-' || CAST(i AS text), 'credit', i FROM n
            """);

        Assert.Equal((101, 150), (report.Differences.Count, report.DifferenceCount));
        Assert.Equal("50 more of this kind are not listed.", report.Differences[^1]);
        Assert.Equal("150 differences: 150 wallets, 0 transactions, 0 entries and 0 holds were added up again.", report.Lines()[^1]);
    }

    [Theory, EveryDatabase]
    public async Task A_hold_that_nobody_swept_is_a_warning(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);
        var hold = (await world.Hold(4)).HoldId!;
        var expires = await world.Database.Read(session => session.One<DateTimeOffset>("SELECT expires_at FROM holds"));

        var early = await Inspect(world, expires.AddMinutes(60));
        var late = await Inspect(world, expires.AddMinutes(61));

        Assert.Empty(early.Warnings);
        Assert.Equal(
            [
                $"Warning: Hold {hold} of account {world.Account} still reserves 4 credit 61 minutes after it expired: nothing sweeps.",
                "Every book balances: 1 wallets, 1 transactions, 2 entries and 1 holds were added up again.",
            ],
            late.Lines());
    }

    [Theory, EveryDatabase]
    public async Task Whatever_happens_every_law_holds(string engine)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("AUDIT_SEED"), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"AUDIT_SEED={seed}");
        await using var world = await WalletWorld.Start(engine);
        await new BusyHistory(world, new Random(seed)).Run(400);

        var report = await Inspect(world, world.Clock.GetUtcNow());

        Assert.Empty(report.Differences);
        Assert.Matches(@"^Every book balances: \d+ wallets, \d+ transactions, \d+ entries and \d+ holds were added up again\.$", Assert.Single(report.Lines()));
    }

    [Theory, EveryDatabase]
    public async Task Money_that_moves_meanwhile_is_no_difference(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);
        var report = new AuditReport();

        await world.Database.ReadOneMoment(async session =>
        {
            await session.One<long>("SELECT COUNT(*) FROM wallets");
            await world.Give(5);
            await world.Capture((await world.Hold(12)).HoldId!, 12);
            await LedgerAudit.Inspect(session, report, world.Clock.GetUtcNow());
            return true;
        });

        Assert.Equal("Every book balances: 1 wallets, 1 transactions, 2 entries and 0 holds were added up again.", Assert.Single(report.Lines()));
    }

    private static Task<AuditReport> Inspect(WalletWorld world, DateTimeOffset now) => world.Database.ReadOneMoment(async session =>
    {
        var report = new AuditReport();
        await LedgerAudit.Inspect(session, report, now);
        return report;
    });

    // {A} has a gift of 100, a pack of 500 of which 100 were refunded, and 7 that expire soon; 30 were used,
    // 80 are held of the gift and the pack, 5 of what expires soon. {D} owes 4.
    private static async Task<Dictionary<string, string>> SmallHistory(WalletWorld world)
    {
        var debtor = new AccountId(Guid.NewGuid());
        await world.Give(100, "gift", expires: world.Clock.GetUtcNow().AddDays(30));
        await world.Give(500, "pack", Money.Usd(499));
        var h40 = (await world.Hold(40)).HoldId!;
        await world.Capture(h40, 30);
        var h80 = (await world.Hold(80)).HoldId!;
        var h25 = (await world.Hold(25)).HoldId!;
        await world.Release(h25);
        await world.ClawBack("pack", 100);
        await world.Give(7, "soon", expires: world.Clock.GetUtcNow().AddDays(3));
        var h5 = (await world.Hold(5)).HoldId!;
        await world.Ledger.Grant(new GrantOrder(debtor, Unit.Credit, "purchase", "debt", Credits.Whole(5), "test"));
        var owing = (await world.Ledger.Hold(new HoldOrder(debtor, Unit.Credit, "owing", Credits.Whole(5), "transcribe", TimeSpan.FromHours(1)))).HoldId!;
        await world.Ledger.Capture(new CaptureOrder(debtor, Unit.Credit, owing, Credits.Whole(9), "test"));

        Dictionary<string, string> names = new() { ["A"] = $"{world.Account}", ["D"] = $"{debtor}", ["h40"] = h40, ["h80"] = h80, ["h25"] = h25, ["h5"] = h5 };
        foreach (var (id, key) in await world.Database.Read(session => session.List<(string, string)>("SELECT id, grant_key FROM grants")))
        {
            names[key] = id;
        }

        foreach (var (id, kind, key) in await world.Database.Read(session => session.List<(string, string, string)>("SELECT id, kind, transaction_key FROM ledger_transactions")))
        {
            names[kind == "refund" ? "t:refund" : key == $"capture:{h40}:{world.Account}" ? "t:cap" : key == $"capture:{owing}:{debtor}" ? "t:owing" : $"t:{key}"] = id;
        }

        return names;
    }

    private static string Fill(string text, Dictionary<string, string> names) =>
        Regex.Replace(text, @"\{([^{}]+)\}", found => names[found.Groups[1].Value]);

    private static string Unfill(string text, Dictionary<string, string> names) =>
        names.Aggregate(text, (filled, name) => filled.Replace(name.Value, $"{{{name.Key}}}", StringComparison.Ordinal));
}
