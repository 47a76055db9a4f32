using Ledgerline.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Persistence;

/// <summary>Rows that are written one by one share transactions, and each caller hears of its own.</summary>
public sealed class GroupCommitTests
{
    [Theory, EveryDatabase]
    public async Task What_waits_shares_a_transaction_and_what_is_wrong_fails_alone(string engine)
    {
        await using var place = await TestDatabase.New(engine);
        await using var database = Database.Open(place.Url);
        await database.Write(transaction => transaction.Execute("CREATE TABLE things (id text PRIMARY KEY, number bigint NOT NULL CHECK (number >= 0))"));
        var commits = 0;
        database.Engine.Watch = sql => commits += sql == Transaction.Commit ? 1 : 0;
        var group = Things(database);

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => group.Write(new Thing($"a{i}", i), CancellationToken.None)));
        Assert.Equal(500, await database.Read(session => session.One<long>("SELECT COUNT(*) FROM things")));
        // Each commit is told of before and after.
        Assert.InRange(commits / 2, 1, 250);

        database.Engine.Watch = null;
        var writes = Enumerable.Range(0, 50).Select(i => group.Write(new Thing($"b{i}", i == 25 ? -1 : i), CancellationToken.None)).ToList();
        await Task.WhenAll(writes).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.Equal([25], Enumerable.Range(0, 50).Where(i => writes[i].IsFaulted));
        Assert.Equal(549, await database.Read(session => session.One<long>("SELECT COUNT(*) FROM things")));
    }

    [Theory, EveryDatabase]
    public async Task A_database_that_is_gone_is_told_to_everybody(string engine)
    {
        await using var place = await TestDatabase.New(engine);
        await using var database = Database.Open(place.Url);
        var group = Things(database);
        var writes = Enumerable.Range(0, 100).Select(i => group.Write(new Thing($"a{i}", i), CancellationToken.None)).ToList();
        await Task.WhenAll(writes).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.All(writes, write => Assert.True(write.IsFaulted));
    }

    private static GroupCommit<Thing> Things(Database database) => new(database, thing => thing.Id, (transaction, things) =>
    {
        foreach (var thing in things)
        {
            transaction.Defer("INSERT INTO things (id, number) SELECT r.id, r.number FROM {rows}", thing);
        }

        return Task.CompletedTask;
    });

    private sealed record Thing(string Id, long Number);
}
