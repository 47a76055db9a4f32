using System.Data.Common;
using Ledgerline.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Persistence;

public class DatabaseTests
{
    [Theory, EveryDatabase]
    public async Task Two_nodes_that_start_at_once_migrate_once(string engine)
    {
        await using var place = await TestDatabase.New(engine);
        await using var one = Database.Open(place.Url);
        await using var two = Database.Open(place.Url);

        var applied = await Task.WhenAll(
            Task.Run(() => Migrate.Run(one, TimeProvider.System)), Task.Run(() => Migrate.Run(two, TimeProvider.System)));

        var recorded = await one.Read(session => session.List<string>("SELECT id FROM schema_migrations ORDER BY id"));
        Assert.NotEmpty(recorded);
        Assert.Equal(recorded, applied.SelectMany(ids => ids).Order(StringComparer.Ordinal));
        Assert.Empty(await Migrate.Run(two, TimeProvider.System));
    }

    [Theory, EveryDatabase]
    public async Task A_migration_that_was_edited_stops_the_start(string engine)
    {
        await using var place = await TestDatabase.New(engine);
        await using var database = await place.Open();
        await database.Write(transaction => transaction.Execute("UPDATE schema_migrations SET sha256 = 'other' WHERE id = '0001-jobs'"));

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Migrate.Run(database, TimeProvider.System));
        Assert.Contains("0001-jobs was applied with another text", refused.Message, StringComparison.Ordinal);
    }

    [Theory, EveryDatabase]
    public async Task What_fails_leaves_nothing_and_wakes_nobody(string engine)
    {
        await using var place = await TestDatabase.New(engine);
        await using var database = await place.Open();
        var woken = false;

        await Assert.ThrowsAsync<TimeoutException>(() => database.Write(async transaction =>
        {
            transaction.OnCommit(() => woken = true);
            await transaction.Execute("INSERT INTO recurring (name, next_at) VALUES ('x', 1)");
            throw new TimeoutException();
        }));

        Assert.False(woken);
        Assert.Equal(0, await database.Read(session => session.One<long>("SELECT COUNT(*) FROM recurring")));
    }

    [Fact]
    public async Task Who_finds_every_place_of_the_server_taken_waits_for_one()
    {
        await using var place = await TestDatabase.New("postgres");
        await using var owner = await place.Open();
        var role = $"role_{Guid.NewGuid():N}";
        await owner.Write(transaction => transaction.Execute($"CREATE ROLE {role} LOGIN CONNECTION LIMIT 2"));
        var address = new UriBuilder(place.Url) { UserName = role }.Uri.AbsoluteUri;
        await using var one = Database.Open(address);
        await using var other = Database.Open($"{address}?timeout=1");
        var (taken, free) = (new CountdownEvent(2), new TaskCompletionSource());
        var holders = Enumerable.Range(0, 2).Select(_ => one.Read(async session =>
        {
            await session.One<int>("SELECT 1");
            taken.Signal();
            await free.Task;
            return 0;
        })).ToList();
        taken.Wait(TestContext.Current.CancellationToken);

        var refused = await Assert.ThrowsAnyAsync<DbException>(() => other.Read(session => session.One<int>("SELECT 1")));
        Assert.Equal("53300", refused.SqlState);

        await using var patient = Database.Open(address);
        var waits = patient.Read(session => session.One<int>("SELECT 1"));
        Assert.False(waits.IsCompleted);
        free.SetResult();
        await Task.WhenAll(holders);
        await one.DisposeAsync();
        Assert.Equal(1, await waits);
        await patient.DisposeAsync();
        await owner.Write(transaction => transaction.Execute($"DROP ROLE {role}"));
    }

    // As after a restore, or in the first minute: the planner knows nothing of the table but its size.
    [Fact]
    public async Task A_large_batch_finds_its_rows_by_their_keys_though_nobody_has_analyzed_the_table()
    {
        await using var place = await TestDatabase.New("postgres");
        await using var database = await place.Open();
        await database.Write(transaction => transaction.Execute(
            """
            INSERT INTO holds (account_id, id, unit, amount_micro, grant_id, purpose, status, expires_at, created_at)
            SELECT gen_random_uuid()::text, gen_random_uuid()::text, 'credit', 1, 'a', 'transcribe', 'open', 1, 1 FROM generate_series(1, 300000)
            """));

        var plan = await database.Read(session => session.List<string>(
            """
            EXPLAIN SELECT h.amount_micro, h.grant_id, h.purpose, h.status
            FROM (SELECT 'a' || i AS account, 'b' || i AS id, 'c' || i AS unit FROM generate_series(1, 4000) AS i OFFSET 0) AS r CROSS JOIN holds h
            WHERE h.account_id = r.account AND h.id = r.id AND h.unit = r.unit
            """));

        Assert.Contains(plan, line => line.Contains("Index Scan using", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, line => line.Contains("Seq Scan", StringComparison.Ordinal));
    }

    [Theory, EveryDatabase]
    public async Task What_is_asked_together_is_answered_in_its_order_at_the_latest_with_the_commit(string engine)
    {
        await using var place = await TestDatabase.New(engine);
        await using var database = await place.Open();
        const string insert = "INSERT INTO recurring (name, next_at) SELECT r.name, r.next_at FROM {rows}";
        const string select = "SELECT c.name, c.next_at FROM {rows} CROSS JOIN recurring c WHERE c.name = r.name";
        Question<Found>? last = null;

        await database.Write(async transaction =>
        {
            var none = transaction.Ask<Found, Named>(select, [new("x", 0)]);
            transaction.Defer(insert, new Named("x", 1));
            var one = transaction.Ask<Found, Named>(select, [new("x", 0)]);
            transaction.Defer(insert, new Named("y", 2));
            var written = transaction.Ask<Found, Named>($"{insert} RETURNING name, next_at", [new("z", 3)]);
            Assert.Throws<InvalidOperationException>(() => one.Answered);

            Assert.Single(await one.Answers(CancellationToken.None));
            Assert.Empty(none.Answered);
            Assert.Equal(("z", 3), (written.Answered[0].Name, written.Answered[0].NextAt));
            last = transaction.Ask<Found, Named>(select, [new("x", 0), new("y", 0)]);
        });

        Assert.Equal([1, 2], last!.Answered.Select(found => found.NextAt).Order());
        await Assert.ThrowsAnyAsync<DbException>(() => database.Write(transaction =>
        {
            transaction.Defer(insert, new Named("w", 4));
            transaction.Ask<Found, Named>($"{insert} RETURNING name, next_at", [new("x", 5)]);
        }));
        Assert.Equal(3, await database.Read(session => session.One<long>("SELECT COUNT(*) FROM recurring")));
    }

    private readonly record struct Named(string Name, long NextAt);

    private sealed class Found
    {
        public required string Name { get; init; }
        public long NextAt { get; init; }
    }

    [Theory, EveryDatabase]
    public async Task A_duplicate_is_told_from_other_failures(string engine)
    {
        await using var place = await TestDatabase.New(engine);
        await using var database = await place.Open();
        const string insert = "INSERT INTO recurring (name, next_at) VALUES ('x', 1)";
        await database.Write(transaction => transaction.Execute(insert));

        var duplicate = await Record.ExceptionAsync(() => database.Write(transaction => transaction.Execute(insert)));
        var nonsense = await Record.ExceptionAsync(() => database.Write(transaction => transaction.Execute("INSERT INTO nowhere VALUES (1)")));

        Assert.True(database.IsDuplicate(duplicate!));
        Assert.False(database.IsDuplicate(nonsense!));
    }

    [Theory, EveryDatabase]
    public async Task Instants_and_account_ids_come_back_as_they_went(string engine)
    {
        await using var place = await TestDatabase.New(engine);
        await using var database = await place.Open();
        var at = DateTimeOffset.FromUnixTimeMilliseconds(1_763_625_600_123);
        await database.Write(transaction => transaction.Execute(
            "INSERT INTO recurring (name, next_at) VALUES (@name, @at)", new { name = Ledgerline.Kernel.AccountId.Parse("01890a5d-ac96-774b-bcce-b302099a8057"), at }));

        Assert.Equal(at, await database.Read(session => session.One<DateTimeOffset>("SELECT next_at FROM recurring")));
        Assert.Equal("01890a5d-ac96-774b-bcce-b302099a8057", await database.Read(session => session.One<string>("SELECT name FROM recurring")));
    }

    [Theory, EveryDatabase]
    public async Task A_hundred_writers_add_up(string engine)
    {
        await using var place = await TestDatabase.New(engine);
        await using var database = await place.Open();
        await database.Write(transaction => transaction.Execute("INSERT INTO recurring (name, next_at) VALUES ('x', 0)"));

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => database.Write(async transaction =>
        {
            var value = await transaction.One<long>("SELECT next_at FROM recurring WHERE name = 'x' {for update}");
            await transaction.Execute("UPDATE recurring SET next_at = @next WHERE name = 'x'", new { next = value + 1 });
        }))));

        Assert.Equal(100, await database.Read(session => session.One<long>("SELECT next_at FROM recurring")));
    }

    [Theory]
    [InlineData("mysql://x")]
    [InlineData("")]
    public void An_address_of_no_engine_is_refused_in_a_sentence(string url) =>
        Assert.Contains("DATABASE_URL must begin with", Assert.Throws<FormatException>(() => Database.Open(url)).Message, StringComparison.Ordinal);
}
