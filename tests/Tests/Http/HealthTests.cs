using System.Net;
using System.Text.Json;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Http;

public sealed class HealthTests
{
    [Fact]
    public async Task Health_says_exactly_that_the_process_can_serve()
    {
        await using var server = await EdgeServer.Start();

        Assert.Equal($$"""{"status":"healthy","service":"ledgerline","version":"{{ProductVersion.Text}}"}""", await server.Client.GetStringAsync("/health"));
        Assert.Matches(@"^\d+\.\d+\.\d+$", ProductVersion.Text);
    }

    [Theory, EveryDatabase]
    public async Task Two_hundred_and_fifty_six_requests_at_once_are_all_answered_and_health_in_between(string engine)
    {
        await using var server = await EdgeServer.Start(engine, map: app => app.MapGet("/rows", (Database database) =>
            database.Read(session => session.One<long>("SELECT count(*) FROM schema_migrations"))).RequireAuthorization());
        using var client = server.NewClient(account: new AccountId(Guid.NewGuid()));

        var reads = Enumerable.Range(0, 256).Select(_ => client.GetAsync("/rows")).ToList();
        var health = Enumerable.Range(0, 20).Select(_ => server.Client.GetAsync("/health"));

        Assert.All(await Task.WhenAll([.. reads, .. health]), answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
    }

    [Theory, EveryDatabase]
    public async Task Ready_when_the_database_answers_and_every_migration_is_applied(string engine)
    {
        await using var server = await EdgeServer.Start(engine);

        var ready = await Ask(server, HttpStatusCode.OK);
        Assert.Equal("ready", ready.GetProperty("status").GetString());

        await server.Database.Write(transaction => transaction.Execute("DELETE FROM schema_migrations WHERE id = '0031-rate-limits'"));
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        var behind = await Ask(server, HttpStatusCode.ServiceUnavailable);
        Assert.Equal("1 migrations are not applied yet, the first is 0031-rate-limits.", behind.GetProperty("detail").GetString());
        Assert.True(behind.GetProperty("checks").GetProperty("database").GetProperty("ok").GetBoolean());
        Assert.False(behind.GetProperty("checks").GetProperty("migrations").GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task Not_ready_without_the_database_yet_healthy()
    {
        var database = await TestDatabase.New("postgres");
        await using var server = await EdgeServer.Start(database: database);
        await database.DisposeAsync();

        var answer = await Ask(server, HttpStatusCode.ServiceUnavailable);

        Assert.Equal("The database cannot be reached.", answer.GetProperty("detail").GetString());
        Assert.False(answer.GetProperty("checks").GetProperty("database").GetProperty("ok").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/health")).StatusCode);
    }

    [Fact]
    public async Task A_shutdown_turns_readiness_at_once_and_finishes_what_runs()
    {
        var began = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        await using var server = await EdgeServer.Start(map: app => app.MapGet("/slow", async () =>
        {
            began.SetResult();
            await finish.Task;
            return "finished";
        }));
        var slow = server.Client.GetStringAsync("/slow");
        await began.Task;

        server.Service<IHostApplicationLifetime>().StopApplication();
        var stopped = server.App.StopAsync();

        var answer = await Ask(server, HttpStatusCode.ServiceUnavailable);
        Assert.Equal("The server is shutting down.", answer.GetProperty("detail").GetString());
        Assert.False(stopped.IsCompleted);
        finish.SetResult();
        Assert.Equal("finished", await slow);
        await stopped.WaitAsync(TimeSpan.FromSeconds(20));
        await Assert.ThrowsAsync<HttpRequestException>(() => server.Client.GetAsync("/health"));
    }

    [Fact]
    public async Task A_request_that_never_ends_holds_a_shutdown_up_no_longer_than_the_setting()
    {
        var began = new TaskCompletionSource();
        await using var server = await EdgeServer.Start(
            settings: new() { ["SHUTDOWN_DRAIN_SECONDS"] = "40" },
            map: app => app.MapGet("/endless", async (CancellationToken stop) =>
            {
                began.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, stop);
            }));
        var endless = server.Client.GetAsync("/endless");
        await began.Task;

        using var impatient = new CancellationTokenSource();
        var stopped = server.App.StopAsync(impatient.Token);
        await TestWorld.Until(() => Task.FromResult(server.Logs.All.Any(line => line.Contains("1 requests finish first", StringComparison.Ordinal))), "the shutdown waits");
        server.Clock.Advance(TimeSpan.FromSeconds(41));
        await TestWorld.Until(
            () => Task.FromResult(server.Logs.All.Any(line => line.Contains("Stopping although 1 requests have not finished", StringComparison.Ordinal))), "the wait is given up");

        // What remains is the framework's own patience, in real time.
        await impatient.CancelAsync();
        await Task.WhenAny(stopped).WaitAsync(TimeSpan.FromSeconds(20));
        await Assert.ThrowsAnyAsync<Exception>(() => endless);
    }

    [Theory]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8")]
    [InlineData("*/*", "application/json; charset=utf-8")]
    [InlineData(null, "application/json; charset=utf-8")]
    public async Task Home_is_a_page_for_browsers_and_json_for_everyone_else(string? accept, string contentType)
    {
        await using var server = await EdgeServer.Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using var answer = await server.Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal(contentType, answer.Content.Headers.ContentType!.ToString());
        Assert.Contains("/docs", text, StringComparison.Ordinal);
        if (accept != "*/*" && accept is not null)
        {
            Assert.Contains("style-src 'sha256-", HeaderTests.Header(answer, "Content-Security-Policy"), StringComparison.Ordinal);
            return;
        }

        Assert.Equal($$"""{"name":"Ledgerline","version":"{{ProductVersion.Text}}","docs":"/docs","message":"Ledgerline API is live"}""", text);
    }

    private static async Task<JsonElement> Ask(EdgeServer server, HttpStatusCode status)
    {
        using var answer = await server.Client.GetAsync("/health/ready");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"{answer.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }
}
