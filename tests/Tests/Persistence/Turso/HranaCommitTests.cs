using System.Net;
using Ledgerline.Persistence;
using Xunit;

namespace Tests.Persistence.Turso;

/// <summary>A commit whose answer gets lost is neither done twice nor called a failure when it happened.</summary>
public sealed class HranaCommitTests
{
    [Theory]
    [InlineData("before", 2)]
    [InlineData("after", 1)]
    public async Task The_database_is_asked_what_became_of_it(string when, int expectedRuns)
    {
        await using var place = await TursoPlace.Start();
        var (runs, woken) = (0, 0);
        await place.Database.Write(async transaction =>
        {
            transaction.OnCommit(() => woken++);
            await transaction.Execute("INSERT INTO things (id, number) VALUES (@id, 1)", new { id = $"run {++runs}" });
            if (runs == 1)
            {
                await place.Lose(when);
                _ = ExpireTheLost(place, when);
            }
        });

        Assert.Equal((expectedRuns, 1), (runs, woken));
        Assert.Equal(1, await place.Count());
        Assert.Equal(1, await place.Count($"id = 'run {expectedRuns}'"));
    }

    [Theory]
    [InlineData(500, "oops", 1)]
    [InlineData(400, "Received an invalid baton", 1)]
    [InlineData(200, "{\"baton\":null,\"base_url\":null,\"results\":[]}", 1)]
    [InlineData(200, "not json", 1)]
    public async Task Nonsense_after_the_effect_is_a_lost_answer_too(int status, string body, int expectedRuns)
    {
        await using var place = await TursoPlace.Start();
        place.ExpectedViolations.Add("the body is not JSON");
        var runs = 0;
        await place.Insert("a", async () =>
        {
            if (++runs == 1)
            {
                await place.Fault(new { provider = "turso", status, body, when = "after" });
            }
        });

        Assert.Equal(expectedRuns, runs);
        Assert.Equal(1, await place.Count());
    }

    [Fact]
    public async Task An_answer_cut_in_half_is_a_lost_answer_too()
    {
        await using var place = await TursoPlace.Start();
        var runs = 0;
        await place.Insert("a", async () =>
        {
            runs++;
            await place.Fault(new { provider = "turso", truncate = true });
        });
        Assert.Equal(1, runs);
        Assert.Equal(1, await place.Count());
    }

    [Theory]
    [InlineData("before", 0)]
    [InlineData("after", 1)]
    public async Task Nobody_is_told_that_it_failed_when_nobody_knows(string when, long happened)
    {
        await using var place = await TursoPlace.Start();
        await using var hasty = place.Open(commitPatience: TimeSpan.Zero);
        await place.Insert("first", by: hasty);
        var runs = 0;

        var unknown = await Assert.ThrowsAsync<UnknownOutcome>(() => place.Insert(
            "a",
            async () =>
            {
                runs++;
                await place.Lose(when);
                await place.Lose("before");
            },
            hasty));

        Assert.Equal(1, runs);
        Assert.StartsWith("Nobody knows whether the transaction was committed", unknown.Message, StringComparison.Ordinal);
        Assert.False(hasty.IsDuplicate(unknown));
        place.Sandbox.Clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(happened, await place.Count("id = 'a'"));
    }

    [Fact]
    public async Task A_single_write_without_a_transaction_is_not_repeated_either()
    {
        await using var place = await TursoPlace.Start();
        await place.Lose("after");
        await Assert.ThrowsAsync<UnknownOutcome>(() => place.Database.Read(session => session.Execute("INSERT INTO things (id) VALUES ('a')")));
        Assert.Equal(1, await place.Count());
    }

    [Fact]
    public async Task A_lost_read_is_asked_once_more()
    {
        await using var place = await TursoPlace.Start();
        await place.Lose("after");
        Assert.Equal(0, await place.Count());
        await place.Lose("before", times: 2);
        var failure = await Record.ExceptionAsync(() => place.Count());
        Assert.Contains("cannot be reached", failure!.Message, StringComparison.Ordinal);
        Assert.IsNotType<UnknownOutcome>(failure);
    }

    [Fact]
    public async Task A_token_refused_at_the_commit_means_that_nothing_happened()
    {
        await using var place = await TursoPlace.Start();
        var runs = 0;
        var refused = await Record.ExceptionAsync(() => place.Insert("a", async () =>
        {
            runs++;
            await place.Fault(new { provider = "turso", status = (int)HttpStatusCode.Unauthorized });
        }));

        Assert.Contains("refuses the token in TURSO_AUTH_TOKEN (401)", refused!.Message, StringComparison.Ordinal);
        Assert.Equal(1, runs);
        Assert.Equal(0, await place.Count());
    }

    [Fact]
    public async Task Each_process_has_one_mark_whatever_it_commits()
    {
        await using var place = await TursoPlace.Start();
        await using var other = place.Open();
        for (var turn = 0; turn < 5; turn++)
        {
            await place.Insert($"{turn}", by: turn % 2 == 0 ? place.Database : other);
        }

        Assert.Equal([2L, 4L], await place.Database.Read(session => session.List<long>("SELECT number FROM commit_marks ORDER BY number")));
    }

    // A commit that never arrived keeps its lock until the server forgets the stream: the one who asks waits for that.
    private static async Task ExpireTheLost(TursoPlace place, string when)
    {
        if (when == "before")
        {
            await Tests.Sandbox.SandboxHost.Until(
                () => place.Sandbox.Service<global::Sandbox.Core.RequestLog>().List("turso", 2000).Any(request => request.Status == 0), "the commit was lost");
            place.Sandbox.Clock.Advance(TimeSpan.FromSeconds(11));
        }
    }
}
