using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Http;

public sealed class IdempotencyTests
{
    private readonly AccountId ada = new(Guid.NewGuid());
    private int effects;
    private int lost;
    private TaskCompletionSource? held;

    [Theory, EveryDatabase]
    public async Task The_same_key_gives_the_same_answer_and_one_effect(string engine)
    {
        await using var server = await EdgeServer.Start(engine, map: Map);
        using var client = server.NewClient(account: ada);

        var (first, replayed) = (await Send(client, "k1", "blue"), await Send(client, "k1", "blue"));

        Assert.Equal((200, """{"number":1}""", null), first);
        Assert.Equal((200, """{"number":1}""", "true"), replayed);
        Assert.Equal((200, """{"number":2}""", null), await Send(client, "k2", "blue"));
        Assert.Equal(
            (422, """{"detail":"Idempotency-Key was already used with a different request"}""", null), await Send(client, "k1", "red"));
        Assert.Equal((200, """{"number":3}""", null), await Send(client, null, "blue"));
        // Keys are the account's own.
        using var grace = server.NewClient(account: new AccountId(Guid.NewGuid()));
        Assert.Equal((200, """{"number":4}""", null), await Send(grace, "k1", "blue"));
    }

    [Theory, EveryDatabase]
    public async Task Of_ten_at_once_one_has_an_effect_and_the_others_wait_or_replay(string engine)
    {
        await using var server = await EdgeServer.Start(engine, map: Map);
        using var client = server.NewClient(account: ada);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Send(client, "k1", "blue")));

        Assert.Equal(1, effects);
        Assert.All(answers, answer => Assert.True(answer is (200, """{"number":1}""", _) or (409, _, null), $"{answer}"));
        Assert.Single(answers, answer => answer is (200, _, null));
    }

    [Fact]
    public async Task While_the_first_runs_the_second_is_409_however_far_the_clock_jumps()
    {
        await using var server = await EdgeServer.Start(map: Map);
        using var client = server.NewClient(account: ada);
        var first = await Begin(client);

        Assert.Equal((409, """{"detail":"A request with this Idempotency-Key is still being processed"}""", null), await Send(client, "k1", "blue"));
        var until = await Until(server);
        server.Clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(409, (await Send(client, "k1", "blue")).Status);
        await TestWorld.Until(async () => await Until(server) > until + TimeSpan.FromMinutes(4), "the right is renewed");
        held!.SetResult();

        Assert.Equal((200, """{"number":1}""", null), await first);
        Assert.Equal((200, """{"number":1}""", "true"), await Send(client, "k1", "blue"));
    }

    [Theory, EveryDatabase]
    public async Task Who_died_somewhere_else_is_followed_after_ten_seconds_and_by_one_only(string engine)
    {
        await using var server = await EdgeServer.Start(engine, map: Map);
        using var client = server.NewClient(account: ada);
        await Insert(server, "of-another-machine.0123456789abcdef.1.1");

        Assert.Equal(409, (await Send(client, "k1", "blue")).Status);
        server.Clock.Advance(Leases.Length - TimeSpan.FromSeconds(1));
        Assert.Equal(409, (await Send(client, "k1", "blue")).Status);
        Assert.Equal(0, effects);
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Send(client, "k1", "blue")));

        Assert.Equal(1, effects);
        Assert.Single(answers, answer => answer is (200, _, null));
        Assert.All(answers, answer => Assert.True(answer is (200, """{"number":1}""", _) or (409, _, null), $"{answer}"));
    }

    [Fact]
    public async Task Who_died_on_this_machine_is_followed_at_once()
    {
        await using var server = await EdgeServer.Start(map: Map);
        using var client = server.NewClient(account: ada);
        using var other = System.Diagnostics.Process.Start("true");
        await other.WaitForExitAsync();
        var mark = new Leases(new Ids(server.Clock), server.Clock, NullLogger<Leases>.Instance).New().Ticket.Split('.');
        Assert.Equal(4, mark.Length);
        await Insert(server, $"somebody.{mark[1]}.{other.Id}.{mark[3]}");

        Assert.Equal(200, (await Send(client, "k1", "blue")).Status);
    }

    [Fact]
    public async Task Who_lost_the_right_stops_and_has_no_effect()
    {
        await using var server = await EdgeServer.Start(map: Map);
        using var client = server.NewClient(account: ada);
        var first = await Begin(client);
        await server.Database.Write(transaction => transaction.Execute("UPDATE idempotency_keys SET ticket = 'somebody else'"));

        server.Clock.Advance(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<HttpRequestException>(() => first);
        held!.SetResult();
        await TestWorld.Until(() => Task.FromResult(Volatile.Read(ref lost) == 1), "its answer is refused");
        Assert.Null(await server.Database.Read(session => session.One<int?>("SELECT status FROM idempotency_keys")));
    }

    private async Task<Task<(int Status, string Text, string? Replayed)>> Begin(HttpClient client)
    {
        held = new TaskCompletionSource();
        var first = Send(client, "k1", "blue");
        await TestWorld.Until(() => Task.FromResult(Volatile.Read(ref effects) == 1), "the first request runs");
        return first;
    }

    private Task Insert(EdgeServer server, string ticket) => server.Database.Write(transaction => transaction.Execute(
        """
        INSERT INTO idempotency_keys (account_id, method, path, idempotency_key, fingerprint, ticket, lease_until, created_at)
        VALUES (@ada, 'POST', '/orders', 'k1', 'blue', @ticket, @until, @now)
        """,
        new { ada, ticket, until = server.Clock.GetUtcNow() + Leases.Length, now = server.Clock.GetUtcNow() }));

    private static Task<DateTimeOffset> Until(EdgeServer server) =>
        server.Database.Read(session => session.One<DateTimeOffset>("SELECT lease_until FROM idempotency_keys"));

    [Theory]
    [InlineData("refuses-401", 401)]
    [InlineData("refuses-429", 429)]
    [InlineData("refuses-503", 503)]
    [InlineData("breaks", 500)]
    public async Task What_says_nothing_about_the_request_is_not_kept(string colour, int status)
    {
        await using var server = await EdgeServer.Start(map: Map);
        using var client = server.NewClient(account: ada);

        Assert.Equal(status, (await Send(client, "k1", colour)).Status);
        Assert.Equal(status, (await Send(client, "k1", colour)).Status);
        Assert.Equal(2, effects);
    }

    [Fact]
    public async Task A_refusal_of_the_request_itself_is_kept()
    {
        await using var server = await EdgeServer.Start(map: Map);
        using var client = server.NewClient(account: ada);

        Assert.Equal((402, """{"detail":"no"}""", null), await Send(client, "k1", "refuses-402"));
        Assert.Equal((402, """{"detail":"no"}""", "true"), await Send(client, "k1", "refuses-402"));
        Assert.Equal(1, effects);
    }

    [Theory]
    [InlineData("")]
    [InlineData("has a space")]
    [InlineData("x{256}")]
    public async Task A_key_that_is_none_is_422(string key)
    {
        await using var server = await EdgeServer.Start(map: Map);
        using var client = server.NewClient(account: ada);

        var answer = await Send(client, key == "x{256}" ? new string('x', 256) : key, "blue");

        Assert.Equal(422, answer.Status);
        Assert.Contains("1 to 255 visible ASCII characters", answer.Text, StringComparison.Ordinal);
        Assert.Equal(0, effects);
    }

    private void Map(WebApplication app) => app.MapPost("/orders", async (HttpContext context, CurrentAccount account, Idempotency idempotency, Database database, string colour) =>
        await idempotency.Run(context, account.Id, () => colour, async ticket =>
        {
            var number = Interlocked.Increment(ref effects);
            if (held is { } hold)
            {
                await hold.Task;
            }

            return colour switch
            {
                "breaks" => throw new InvalidOperationException("on purpose"),
                ['r', 'e', 'f', 'u', 's', 'e', 's', '-', .. var status] => new Refusal(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), "no"),
                _ => await Keep(idempotency, database, ticket, number),
            };
        })).RequireAuthorization();

    private async Task<IResult> Keep(Idempotency idempotency, Database database, IdempotencyTicket? ticket, int number)
    {
        Ok<Order> answer = TypedResults.Ok(new Order(number));
        if (ticket is not null)
        {
            try
            {
                await database.Write(transaction => idempotency.Keep(transaction, ticket, 200, answer.Value));
            }
            catch
            {
                Interlocked.Increment(ref lost);
                throw;
            }
        }

        return answer;
    }

    private static async Task<(int Status, string Text, string? Replayed)> Send(HttpClient client, string? key, string colour)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/orders?colour={colour}");
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        using var answer = await client.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), HeaderTests.Header(answer, "Idempotency-Replayed"));
    }

    internal sealed record Order(int Number);
}
