using Tests.Sandbox;
using Xunit;

namespace Tests.Persistence.Turso;

public sealed class HranaTransactionTests
{
    [Fact]
    public async Task It_begins_with_its_first_statement_and_closes_with_its_commit()
    {
        await using var place = await TursoPlace.Start();

        Assert.Equal(2, await place.RoundTrips(() => place.Insert("a")));
        Assert.Equal(0, await place.RoundTrips(() => place.Database.Write(_ => Task.CompletedTask)));
        Assert.Equal(1, await place.RoundTrips(() => place.Count()));

        var bodies = (await place.Requests()).Select(request => request.GetProperty("body").GetString()!).ToList();
        Assert.Contains("BEGIN IMMEDIATE", bodies[2], StringComparison.Ordinal);
        Assert.Contains("INSERT INTO things", bodies[2], StringComparison.Ordinal);
        Assert.Contains("COMMIT", bodies[3], StringComparison.Ordinal);
        Assert.EndsWith("""{"type":"close"}]}""", bodies[3], StringComparison.Ordinal);
        Assert.EndsWith("""{"type":"close"}]}""", bodies[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_fails_is_rolled_back_at_once_and_the_lock_is_free()
    {
        await using var place = await TursoPlace.Start();

        await Assert.ThrowsAsync<TimeoutException>(() => place.Insert("a", () => throw new TimeoutException()));

        await using var other = place.Open();
        await place.Insert("b", by: other);
        Assert.Equal(1, await place.Count());
    }

    [Fact]
    public async Task It_goes_on_after_a_statement_that_was_refused()
    {
        await using var place = await TursoPlace.Start();
        await place.Database.Write(async transaction =>
        {
            await transaction.Execute("INSERT INTO things (id) VALUES ('a')");
            var duplicate = await Record.ExceptionAsync(() => transaction.Execute("INSERT INTO things (id) VALUES ('a')"));
            Assert.True(place.Database.IsDuplicate(duplicate!));
            await transaction.Execute("INSERT INTO things (id) VALUES ('b')");
        });
        Assert.Equal(2, await place.Count());
    }

    [Fact]
    public async Task No_statement_runs_outside_of_a_transaction_that_has_ended()
    {
        await using var place = await TursoPlace.Start();
        var runs = 0;
        await place.Database.Write(async transaction =>
        {
            if (++runs == 1)
            {
                await transaction.Execute("INSERT INTO things (id) VALUES ('first')");
                await transaction.Execute("ROLLBACK");
            }

            await transaction.Execute("INSERT INTO things (id) VALUES ('second')");
        });

        Assert.Equal(2, runs);
        Assert.Equal(0, await place.Count("id = 'first'"));
        Assert.Equal(1, await place.Count());
    }

    [Fact]
    public async Task A_commit_of_what_the_server_had_ended_is_no_commit()
    {
        await using var place = await TursoPlace.Start();
        var runs = 0;
        await place.Database.Write(async transaction =>
        {
            await transaction.Execute("INSERT INTO things (id) VALUES ('a')");
            if (++runs == 1)
            {
                await transaction.Execute("ROLLBACK");
            }
        });

        Assert.Equal(2, runs);
        Assert.Equal(1, await place.Count());
    }

    [Fact]
    public async Task A_stream_that_expired_has_lost_its_transaction_and_the_work_runs_again()
    {
        await using var place = await TursoPlace.Start();
        var runs = 0;
        await place.Database.Write(async transaction =>
        {
            await transaction.Execute("INSERT INTO things (id) VALUES ('a')");
            if (++runs == 1)
            {
                place.Sandbox.Clock.Advance(TimeSpan.FromSeconds(11));
                await Expired(place);
            }

            await transaction.Execute("INSERT INTO things (id) VALUES ('b')");
        });

        Assert.Equal(2, runs);
        Assert.Equal(2, await place.Count());
    }

    [Fact]
    public async Task The_same_when_it_expires_before_its_commit()
    {
        await using var place = await TursoPlace.Start();
        var runs = 0;
        await place.Insert("a", async () =>
        {
            if (++runs == 1)
            {
                place.Sandbox.Clock.Advance(TimeSpan.FromSeconds(11));
                await Expired(place);
            }
        });

        Assert.Equal(2, runs);
        Assert.Equal(1, await place.Count());
    }

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task A_statement_whose_answer_is_lost_loses_the_transaction_and_the_work_runs_again(string when)
    {
        await using var place = await TursoPlace.Start();
        var runs = 0;
        await place.Database.Write(async transaction =>
        {
            await transaction.Execute("INSERT INTO things (id) VALUES ('a')");
            if (++runs == 1)
            {
                await place.Lose(when);
                // Nobody can end the lost stream but its time.
                var lost = await Record.ExceptionAsync(() => transaction.Execute("INSERT INTO things (id) VALUES ('b')"));
                place.Sandbox.Clock.Advance(TimeSpan.FromSeconds(11));
                throw lost!;
            }

            await transaction.Execute("INSERT INTO things (id) VALUES ('b')");
        });

        Assert.Equal(2, runs);
        Assert.Equal(2, await place.Count());
    }

    [Fact]
    public async Task A_caller_that_gives_up_leaves_no_lock_behind()
    {
        await using var place = await TursoPlace.Start();
        using var gone = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => place.Database.Write(
            async transaction =>
            {
                await transaction.Execute("INSERT INTO things (id) VALUES ('a')", stop: gone.Token);
                await gone.CancelAsync();
                await transaction.Execute("INSERT INTO things (id) VALUES ('b')", stop: gone.Token);
            },
            gone.Token));

        await place.Insert("c");
        Assert.Equal(1, await place.Count());
    }

    [Fact]
    public async Task A_busy_database_is_tried_again()
    {
        await using var place = await TursoPlace.Start();
        await place.Sandbox.Post("/_sandbox/turso", new { busy = 3 });
        await place.Insert("a");
        Assert.Equal(1, await place.Count());

        await place.Sandbox.Post("/_sandbox/turso", new { busy = 100 });
        var busy = await Record.ExceptionAsync(() => place.Insert("b"));
        Assert.Contains("database is locked", busy!.Message, StringComparison.Ordinal);
        await place.Sandbox.Post("/_sandbox/turso", new { });
        Assert.Equal(1, await place.Count());
    }

    [Fact]
    public async Task Writers_of_several_processes_add_up()
    {
        await using var place = await TursoPlace.Start();
        await place.Insert("x");
        await using var second = place.Open();
        await using var third = place.Open();

        await Task.WhenAll(Enumerable.Range(0, 60).Select(turn => Task.Run(() => new[] { place.Database, second, third }[turn % 3].Write(async transaction =>
        {
            var number = await transaction.One<long>("SELECT number FROM things WHERE id = 'x' {for update}");
            await transaction.Execute("UPDATE things SET number = @next WHERE id = 'x'", new { next = number + 1 });
        }))));

        Assert.Equal(61, await place.Database.Read(session => session.One<long>("SELECT number FROM things")));
    }

    [Fact]
    public async Task A_stream_is_followed_to_the_address_it_is_given()
    {
        await using var place = await TursoPlace.Start();
        await place.Sandbox.Post("/_sandbox/turso", new { sticky = true });

        await place.Insert("a");
        await Assert.ThrowsAsync<TimeoutException>(() => place.Insert("b", () => throw new TimeoutException()));
        await place.Insert("c");

        Assert.Equal(2, await place.Count());
        var paths = (await place.Requests()).Select(request => request.GetProperty("path").GetString()!).Where(path => path.StartsWith("/at/", StringComparison.Ordinal));
        Assert.Equal(3, paths.Distinct().Count());
    }

    [Fact]
    public async Task A_script_runs_within_its_transaction()
    {
        await using var place = await TursoPlace.Start();
        await Assert.ThrowsAnyAsync<Exception>(() => place.Database.Write(transaction => transaction.Execute(
            "CREATE TABLE one (id text); -- first;\n CREATE TABLE two (id text); INSERT INTO nowhere VALUES (1)")));
        Assert.Equal(0, await place.Database.Read(session => session.One<long>("SELECT count(*) FROM sqlite_master WHERE name IN ('one', 'two')")));

        await place.Database.Write(transaction => transaction.Execute("CREATE TABLE one (id text); CREATE TABLE two (id text);"));
        Assert.Equal(2, await place.Database.Read(session => session.One<long>("SELECT count(*) FROM sqlite_master WHERE name IN ('one', 'two')")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => place.Database.Read(session => session.Execute("DELETE FROM one; DELETE FROM two")));
    }

    // The clock's callbacks run beside us.
    private static Task Expired(TursoPlace place) =>
        SandboxHost.Until(() => place.Sandbox.Service<global::Sandbox.Turso.TursoWorld>().OpenStreams == 0, "the stream expired");
}
