using System.Globalization;
using System.Text.RegularExpressions;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;
using Ledgerline.Wallet.Journals;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Wallet;

public class JournalTests(ITestOutputHelper output)
{
    private const int Steps = 300;

    [Theory, EveryDatabase]
    public async Task Hledger_accepts_whatever_happened_and_adds_up_to_the_same_balances(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await Busy(world);

        var journal = await Export(world.Database);

        Assert.Equal((0, ""), await Hledger.Run(journal, "check", "--strict"));
        Assert.Equal(await Balances(world.Database), Read((await Hledger.Run(journal, "balance", "wallet", "owed", "--depth=3", "-E", "-N", "-O", "csv", "--layout=bare")).Said));
        Assert.Matches(@"(?m)^ +0  $", (await Hledger.Run(journal, "balance", "--depth=1")).Said);
        var transactions = await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM ledger_transactions"));
        Assert.Equal(transactions, Regex.Count((await Hledger.Run(journal, "print", "not:code:^balance$")).Said, @"(?m)^\d{4}-\d\d-\d\d "));
        Assert.Equal(journal, await Export(world.Database));
    }

    [Theory, EveryDatabase]
    public async Task Hledger_finds_a_balance_that_was_changed_without_a_booking(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10, "gift");
        await world.Capture((await world.Hold(2)).HoldId!, 12);
        await world.Ledger.Grant(new GrantOrder(world.Account, "vc", "purchase", "voice", Credits.Whole(5), "voice"));
        await world.Ledger.Grant(new GrantOrder(world.Account, "vc", "purchase", "song", Credits.Whole(5), "song"));
        var hold = (await world.Ledger.Hold(new HoldOrder(world.Account, "vc", "sung", Credits.Whole(2), "sing", TimeSpan.FromMinutes(10)))).HoldId!;
        await world.Ledger.Capture(new CaptureOrder(world.Account, "vc", hold, Credits.Whole(2), "sing: 1.0s"));

        foreach (var (sql, account) in (IEnumerable<(string, string)>)[
            ("UPDATE wallets SET owed_micro = owed_micro - 1 WHERE unit = 'credit'", $"owed:{world.Account}"),
            ("UPDATE grants SET remaining_micro = 1, spent = 0 WHERE grant_key = 'gift'", $"wallet:{world.Account}:credit"),
            ("DELETE FROM grants WHERE grant_key = 'voice'", $"wallet:{world.Account}:vc"),
            // The wallet's lots together are right, each of them is not.
            ("UPDATE grants SET remaining_micro = 4000000 WHERE unit = 'vc'", $"wallet:{world.Account}:vc:")])
        {
            var (code, said) = await Hledger.Run(await Corrupted.Export(world.Database, sql), "check");
            Assert.Equal(1, code);
            Assert.Contains("balance assertion", said, StringComparison.Ordinal);
            Assert.Contains(account, said, StringComparison.Ordinal);
        }

        var (unbalanced, why) = await Hledger.Run(await Corrupted.Export(world.Database, "DELETE FROM ledger_entries WHERE book = 'owed'"), "check");
        Assert.Equal(1, unbalanced);
        Assert.Contains("balance", why, StringComparison.Ordinal);
    }

    [Theory, EveryDatabase]
    public async Task It_reads_as_an_accountant_would_write_it(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10, "gift");
        await world.Capture((await world.Hold(3)).HoldId!, 3);

        var journal = await Export(world.Database);

        var lot = await world.Database.Read(session => session.One<string>("SELECT id FROM grants"));
        var (id, hold) = await world.Database.Read(session => session.One<(string, string)>(
            "SELECT t.id, h.id FROM ledger_transactions t JOIN holds h ON t.transaction_key = 'capture:' || h.id || ':' || h.account_id"));
        var at = await world.Database.Read(session => session.One<DateTimeOffset>("SELECT created_at FROM ledger_transactions WHERE id = @id", new { id }));
        Assert.Contains(
            $"""

            {at:yyyy-MM-dd} * ({id}) transcribe: 1.0s
                ; at: {at.Iso()}
                ; account: {world.Account}
                ; kind: usage
                ; key: capture:{hold}:{world.Account}
                wallet:{world.Account}:credit:{lot}  -3.000000 "credit"  ; grant: {lot}
                house:earned:transcribe  3.000000 "credit"

            {at:yyyy-MM-dd} * (balance) What the wallet says
                wallet:{world.Account}:credit  0.000000 "credit" =* 7.000000 "credit"
                owed:{world.Account}  0.000000 "credit" = 0.000000 "credit"

            """,
            journal, StringComparison.Ordinal);
        Assert.Contains("account house:granted:signup_bonus\n", journal, StringComparison.Ordinal);
        Assert.Contains("commodity 1000.000000 \"credit\"\n", journal, StringComparison.Ordinal);
    }

    [Theory, EveryDatabase]
    public async Task A_part_of_the_books_is_a_journal_too(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10, "gift");
        await world.Ledger.Grant(new GrantOrder(new AccountId(Guid.NewGuid()), Unit.Credit, "purchase", "other", Credits.Whole(5), "another's"));
        await world.Ledger.Grant(new GrantOrder(world.Account, "vc", "purchase", "voice", Credits.Whole(5), "voice"));
        var today = world.Clock.GetUtcNow().Date;
        world.Clock.Advance(TimeSpan.FromDays(40));
        await world.Give(20, "later");
        var later = world.Clock.GetUtcNow().Date;

        Assert.Equal(["gift", "voice", "later"], await Keys($"--account={world.Account}"));
        Assert.Equal(["gift", "later"], await Keys("--account", $"{world.Account}", "--unit", "credit"));
        Assert.Equal(["voice"], await Keys("--unit=vc", "--DATABASE_URL=sqlite:x"));
        Assert.Equal(["later"], await Keys($"--from={later:yyyy-MM-dd}"));
        Assert.Equal(["gift"], await Keys("--unit=credit", $"--account={world.Account}", $"--to={later:yyyy-MM-dd}", $"--from={today:yyyy-MM-dd}"));
        Assert.Empty(await Keys($"--to={today:yyyy-MM-dd}"));

        async Task<IEnumerable<string>> Keys(params string[] words)
        {
            var journal = await Export(world.Database, JournalFilter.Parse(words));
            Assert.Equal((0, ""), await Hledger.Run(journal, "check", "--strict"));
            return Regex.Matches(journal, "; key: (.*)").Select(found => found.Groups[1].Value);
        }
    }

    [Theory]
    [InlineData("There is no --colour", "--colour=red")]
    [InlineData("There is no dance", "dance", "now")]
    [InlineData("--unit needs a value", "--unit")]
    [InlineData("--account must be an account's id, not 7.", "--account", "7")]
    [InlineData("--from must be a day such as 2026-01-31, not yesterday.", "--from", "yesterday")]
    public void An_option_that_makes_no_sense_is_refused(string sentence, params string[] words) =>
        Assert.StartsWith(sentence, Assert.Throws<FormatException>(() => JournalFilter.Parse(words)).Message, StringComparison.Ordinal);

    [Theory, EveryDatabase]
    public async Task Money_that_moves_meanwhile_is_in_the_next_journal(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);

        var (before, after) = await world.Database.ReadOneMoment(async session =>
        {
            var first = await Export(session);
            await world.Give(5);
            return (first, await Export(session));
        });

        Assert.Equal(before, after);
        var next = await Export(world.Database);
        Assert.Contains("=* 15.000000", next, StringComparison.Ordinal);
        Assert.Contains("=* 10.000000", after, StringComparison.Ordinal);
    }

    private async Task Busy(WalletWorld world)
    {
        // JOURNAL_SEED=123 bin/test --filter JournalTests runs the same history again.
        var seed = int.TryParse(Environment.GetEnvironmentVariable("JOURNAL_SEED"), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"JOURNAL_SEED={seed}");
        await new BusyHistory(world, new Random(seed)).Run(Steps);
    }

    private static async Task<string> Export(Database database, JournalFilter? filter = null)
    {
        using var text = new StringWriter();
        await new Journal(database).Write(text, filter ?? new JournalFilter());
        return text.ToString();
    }

    private static async Task<string> Export(Session session)
    {
        using var text = new StringWriter();
        await Journal.Write(session, text, new JournalFilter());
        return text.ToString();
    }

    private static async Task<SortedDictionary<string, decimal>> Balances(Database database)
    {
        SortedDictionary<string, decimal> balances = new(StringComparer.Ordinal);
        foreach (var (account, unit, remaining) in await database.Read(session => session.List<(string, string, long)>(
            "SELECT account_id, unit, CAST(SUM(remaining_micro) AS bigint) FROM grants GROUP BY account_id, unit")))
        {
            balances[$"wallet:{account}:{JournalEscape.Name(unit)}"] = remaining / 1_000_000m;
        }

        foreach (var (account, unit, owed) in await database.Read(session => session.List<(string, string, long)>("SELECT account_id, unit, owed_micro FROM wallets")))
        {
            // hledger says under one name what an account owes in each unit.
            balances[$"owed:{account} {JournalEscape.Name(unit)}"] = -owed / 1_000_000m;
        }

        return WithoutZeros(balances);
    }

    private static SortedDictionary<string, decimal> Read(string csv)
    {
        SortedDictionary<string, decimal> balances = new(StringComparer.Ordinal);
        foreach (var line in csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var fields = line.Trim('"').Split("\",\"");
            var (account, unit, amount) = (fields[0], fields[1], decimal.Parse(fields[2], CultureInfo.InvariantCulture));
            balances[account.StartsWith("owed", StringComparison.Ordinal) ? $"{account} {unit}" : account] = amount;
        }

        return WithoutZeros(balances);
    }

    // hledger shows a zero in one unit only, or not at all.
    private static SortedDictionary<string, decimal> WithoutZeros(SortedDictionary<string, decimal> balances) =>
        new(balances.Where(balance => balance.Value != 0).ToDictionary(), StringComparer.Ordinal);
}
