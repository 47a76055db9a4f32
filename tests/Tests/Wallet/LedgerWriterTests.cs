using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Wallet;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Wallet;

/// <summary>Operations that share a transaction, and what one of them must not do to the others.</summary>
public class LedgerWriterTests
{
    [Theory, EveryDatabase]
    public async Task What_fails_in_a_shared_transaction_fails_alone(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(1000);
        var holds = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => world.Hold(1)));

        var captures = holds.Select((hold, i) => Record.ExceptionAsync(() => world.Ledger.Capture(
            new CaptureOrder(world.Account, Unit.Credit, i == 30 ? "no-such-hold" : hold.HoldId!, Credits.Whole(1), "transcribe: 1.0s"),
            (transaction, _) => i == 17 ? throw new InvalidOperationException("Somebody's own rows fail.") : Task.CompletedTask)).AsTask()).ToList();

        var failures = await Task.WhenAll(captures);
        Assert.IsType<InvalidOperationException>(failures[17]);
        Assert.IsType<KeyNotFoundException>(failures[30]);
        Assert.All(failures.Where((_, i) => i is not 17 and not 30), Assert.Null);
        // 58 captured, and two still held.
        Assert.Equal((940, 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task The_same_key_at_the_same_time_is_one_hold_among_many_others(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(1000);
        await world.Hold(5, "before");

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => world.Hold(5, (i % 4) switch { 0 => "before", 1 => "new", _ => null }))));

        Assert.Equal(101, answers.Count(answer => !answer.Again));
        Assert.All(answers, answer => Assert.False(answer.Refused));
        Assert.Equal((1000 - (102 * 5), 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task An_operation_that_was_called_off_while_it_waited_did_not_happen(string engine)
    {
        await using var world = await WalletWorld.Start(engine);
        await world.Give(10);
        using var off = new CancellationTokenSource();
        await off.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Ledger.Hold(
            new HoldOrder(world.Account, Unit.Credit, "off", Credits.Whole(1), "transcribe", TimeSpan.FromMinutes(1)), off.Token));

        Assert.Equal((10, 0), await world.Balance());
    }

    [Theory, EveryDatabase]
    public async Task Two_nodes_that_reserve_of_one_lot_admit_exactly_what_is_in_it(string engine)
    {
        await using var place = await TestDatabase.WithSchema(engine);
        await using var one = await WalletWorld.On(place);
        await using var two = await WalletWorld.On(place);
        var accounts = Enumerable.Range(0, 10).Select(_ => new AccountId(Guid.NewGuid())).ToList();
        foreach (var account in accounts)
        {
            await one.Ledger.Grant(new GrantOrder(account, Unit.Credit, "purchase", $"only:{account}", Credits.Whole(30), "test", Money.Usd(1)));
        }

        // Every fifth is limited to nothing and must not keep what was reserved for it.
        var answers = await Task.WhenAll(Enumerable.Range(0, 800).Select(i => Task.Run(() => (i % 2 == 0 ? one : two).Ledger.Hold(
            new HoldOrder(accounts[i / 2 % 10], Unit.Credit, $"hold:{i}", Credits.Whole(1), "transcribe", TimeSpan.FromMinutes(1))
            {
                Budget = i % 5 == 0 ? new Budget("key:none", Credits.Zero) : null,
            }))));

        Assert.Equal(300, answers.Count(answer => !answer.Refused));
        Assert.All(answers.Where((_, i) => i % 5 == 0), answer => Assert.True(answer.Refused));
        foreach (var account in accounts)
        {
            Assert.Equal(Credits.Zero, (await two.Ledger.Balance(account, Unit.Credit)).Available);
        }
    }

    [Theory, EveryDatabase]
    public async Task Two_nodes_on_one_database_admit_exactly_what_is_there_and_agree_at_the_end(string engine)
    {
        await using var place = await TestDatabase.WithSchema(engine);
        await using var one = await WalletWorld.On(place);
        await using var two = await WalletWorld.On(place);
        var accounts = Enumerable.Range(0, 20).Select(_ => new AccountId(Guid.NewGuid())).ToList();
        foreach (var account in accounts)
        {
            await one.Ledger.Grant(new GrantOrder(account, Unit.Credit, "purchase", $"a:{account}", Credits.Whole(7), "test", Money.Usd(1)));
            await two.Ledger.Grant(new GrantOrder(account, Unit.Credit, "signup_bonus", $"b:{account}", Credits.Whole(3), "test"));
        }

        // Holds over two lots, captures above and below, releases and grants, all crossing each other on both nodes.
        var admitted = await Task.WhenAll(Enumerable.Range(0, 800).Select(i => Task.Run(() => Work(i % 2 == 0 ? one : two, accounts[i / 2 % 20], i))));

        Assert.True(admitted.Sum() >= 20 * 10 / 2, $"{admitted.Sum()} were admitted");
        foreach (var account in accounts)
        {
            Assert.Equal(await one.Ledger.Balance(account, Unit.Credit), await two.Ledger.Balance(account, Unit.Credit));
        }

        static async Task<int> Work(WalletWorld node, AccountId account, int i)
        {
            var hold = await node.Ledger.Hold(new HoldOrder(account, Unit.Credit, $"work:{i}", Credits.Whole(2), "transcribe", TimeSpan.FromMinutes(1)));
            if (hold.HoldId is not { } id)
            {
                return 0;
            }

            await (i % 3 == 0
                ? node.Ledger.Release(account, Unit.Credit, id)
                : node.Ledger.Capture(new CaptureOrder(account, Unit.Credit, id, Credits.Whole(i % 5 == 0 ? 3 : 1), "transcribe: 1.0s")) as Task);
            return 1;
        }
    }

    [Theory, EveryDatabase]
    public async Task Wallets_from_before_lots_were_the_balance_are_taken_over(string engine)
    {
        await using var place = await TestDatabase.New(engine);
        await using var database = Database.Open(place.Url);
        await Migrate.Run(database, TimeProvider.System, id => string.CompareOrdinal(id, "0040") < 0);
        var account = new AccountId(Guid.NewGuid());
        // 100 given, 40 captured, 10 held over two lots, and somebody who owes 5.
        await database.Write(transaction => transaction.Execute(
            $"""
            INSERT INTO wallets (account_id, unit, posted_micro, held_micro, owed_micro) VALUES ('{account}', 'credit', 60000000, 10000000, 0);
            INSERT INTO wallets (account_id, unit, posted_micro, held_micro, owed_micro) VALUES ('debtor', 'credit', 0, 0, 5000000);
            INSERT INTO grants (account_id, id, unit, source, grant_key, priority, amount_micro, remaining_micro, held_micro, created_at)
                VALUES ('{account}', 'g1', 'credit', 'purchase', 'k1', 1, 80000000, 40000000, 4000000, 1), ('{account}', 'g2', 'credit', 'purchase', 'k2', 1, 20000000, 20000000, 6000000, 2),
                    ('debtor', 'g3', 'credit', 'purchase', 'k3', 1, 5000000, 0, 0, 3);
            INSERT INTO holds (account_id, id, unit, hold_key, amount_micro, purpose, status, captured_micro, expires_at, created_at, resolved_at)
                VALUES ('{account}', 'h1', 'credit', 'x', 10000000, 'transcribe', 'open', NULL, 99999999999999, 4, NULL),
                    ('{account}', 'h2', 'credit', 'y', 40000000, 'transcribe', 'captured', 40000000, 5, 5, 6);
            INSERT INTO hold_lots (account_id, hold_id, grant_id, amount_micro) VALUES ('{account}', 'h1', 'g1', 4000000), ('{account}', 'h1', 'g2', 6000000);
            INSERT INTO ledger_transactions (account_id, id, unit, kind, transaction_key, description, created_at)
                VALUES ('{account}', 't1', 'credit', 'purchase', 'k1', '', 1), ('{account}', 't2', 'credit', 'purchase', 'k2', '', 2), ('{account}', 't3', 'credit', 'usage', 'capture:h2', '', 3),
                    ('debtor', 't4', 'credit', 'purchase', 'k3', '', 1), ('debtor', 't5', 'credit', 'usage', 'other', '', 2);
            INSERT INTO ledger_entries (account_id, transaction_id, line, unit, book, amount_micro, grant_id, created_at)
                VALUES ('{account}', 't1', 0, 'credit', 'wallet', 80000000, 'g1', 1), ('{account}', 't1', 1, 'credit', 'house:granted:purchase', -80000000, NULL, 1),
                    ('{account}', 't2', 0, 'credit', 'wallet', 20000000, 'g2', 1), ('{account}', 't2', 1, 'credit', 'house:granted:purchase', -20000000, NULL, 1),
                    ('{account}', 't3', 0, 'credit', 'wallet', -40000000, 'g1', 1), ('{account}', 't3', 1, 'credit', 'house:earned:transcribe', 40000000, NULL, 1),
                    ('debtor', 't4', 0, 'credit', 'wallet', 5000000, 'g3', 1), ('debtor', 't4', 1, 'credit', 'house:granted:purchase', -5000000, NULL, 1),
                    ('debtor', 't5', 0, 'credit', 'wallet', -5000000, 'g3', 1), ('debtor', 't5', 1, 'credit', 'owed', -5000000, NULL, 1), ('debtor', 't5', 2, 'credit', 'house:earned:transcribe', 10000000, NULL, 1);
            """));

        await Migrate.Run(database, TimeProvider.System);

        await using var world = await WalletWorld.On(place);
        Assert.Equal(new WalletBalance(Credits.Whole(50), Credits.Zero), await world.Ledger.Balance(account, Unit.Credit));
        var captured = await world.Ledger.Capture(new CaptureOrder(account, Unit.Credit, "h1", Credits.Whole(7), "transcribe: 1.0s"));
        Assert.Equal((7, 53), (captured.Charged.Floor, captured.Balance.Available.Floor));
        Assert.True((await world.Ledger.Capture(new CaptureOrder(account, Unit.Credit, "h2", Credits.Whole(1), "again"))).Again);
    }
}
