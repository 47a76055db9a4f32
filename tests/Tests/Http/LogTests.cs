using System.Net.Http.Headers;
using System.Net.Http.Json;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Tests.World;
using Xunit;

namespace Tests.Http;

public sealed class LogTests
{
    [Theory]
    [InlineData("INFO")]
    [InlineData("TRACE")]
    public async Task A_request_is_one_line_with_its_route_and_account_and_nothing_the_client_wrote(string level)
    {
        await using var server = await EdgeServer.Start(settings: new() { ["LOG_LEVEL"] = level }, map: app =>
        {
            app.MapPost("/call/{number}", (string number, string? code, Body<Dictionary<string, string>> body) => $"{number}{code}{body.Value.Count}").RequireAuthorization();
            app.MapGet("/breaks/{number}", string (string number) => throw new InvalidOperationException("on purpose"));
        });
        var account = new AccountId(Guid.NewGuid());
        using var client = server.NewClient("203.0.113.77", account, session: "canary-session");
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("canary-agent", "1"));
        client.DefaultRequestHeaders.Add("Cookie", "token=canary-cookie");

        await client.PostAsJsonAsync("/call/+15550100canary?code=canary-code", new { password = "canary-password", email = "canary@example.org" });
        await client.PostAsJsonAsync("/call/+15550100canary?code=canary-code", "canary-nonsense");
        await client.GetAsync("/breaks/canary-path");
        await client.GetAsync("/unknown/canary-path?token=canary-code");
        using var odd = new HttpRequestMessage(new HttpMethod("CANARYVERB"), "/canary-path");
        await client.SendAsync(odd);
        using var wrong = new HttpRequestMessage(HttpMethod.Get, "/api/events") { Headers = { { "Last-Event-ID", "canary-event" } } };
        await client.SendAsync(wrong);

        LogScrub.AssertClean(
            server.Logs, "15550100canary", "canary-code", "canary-password", "canary@example.org", "canary-nonsense", "canary-path", "CANARYVERB", "canary-event",
            "canary-session", "canary-agent", "canary-cookie", "203.0.113.77");
        var requests = server.Logs.All.Where(line => line.Contains(typeof(RequestLog).FullName!, StringComparison.Ordinal)).ToList();
        Assert.Equal(6, requests.Count);
        Assert.Matches($@"POST /call/{{number}} answered 200 in \d+ ms for {account}", requests[0]);
        Assert.Contains("answered 422", requests[1], StringComparison.Ordinal);
        Assert.Contains("GET /breaks/{number} answered 500", requests[2], StringComparison.Ordinal);
        Assert.Contains("GET (no route) answered 404", requests[3], StringComparison.Ordinal);
        Assert.Contains("(other) (no route)", requests[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_in_and_out_leaves_no_secret_in_the_log()
    {
        await using var world = await TestWorld.Start(settings: new() { ["LOG_LEVEL"] = "TRACE" });

        var (access, refresh) = await Tokens("/auth/register", new { email = "canary.person@example.org", password = "canary-password-1" });
        await world.Client.PostAsJsonAsync("/auth/login", new { username = "canary.person@example.org", password = "canary-wrong" });
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = "canary.person@example.org", ["password"] = "canary-password-1" });
        await world.Client.PostAsync("/token", form);
        var (_, next) = await Tokens("/auth/refresh", new { refresh_token = refresh });
        await world.Client.GetAsync("/auth/google/callback?code=canary-google-code&state=canary-google-state");
        await world.Client.PostAsync("/auth/google/token?code=canary-desktop-code", null);
        world.Client.DefaultRequestHeaders.Authorization = new("Bearer", access);
        await world.Client.GetAsync("/users/me");
        await world.Client.PostAsync("/auth/logout", null);

        LogScrub.AssertClean(
            world.Logs, "canary.person", "canary-password-1", "canary-wrong", "canary-google-code", "canary-google-state", "canary-desktop-code", access, refresh, next);

        async Task<(string Access, string Refresh)> Tokens(string path, object body)
        {
            using var answer = await world.Client.PostAsJsonAsync(path, body);
            var tokens = (await answer.Content.ReadFromJsonAsync<Dictionary<string, object>>())!;
            return ($"{tokens["access_token"]}", $"{tokens["refresh_token"]}");
        }
    }

    [Fact]
    public void Canaries_are_found_wherever_they_are()
    {
        Assert.ThrowsAny<Exception>(() => LogScrub.AssertClean(["Information X GET /x?a=se%20cret answered"], "se cret"));
        Assert.ThrowsAny<Exception>(() => LogScrub.AssertClean(["Information X a SECRET"], "secret"));
        Assert.ThrowsAny<Exception>(() => LogScrub.AssertClean([], "secret"));
        LogScrub.AssertClean(["Information X nothing"], "secret");
    }

    [Theory]
    [InlineData(null, LogLevel.Information)]
    [InlineData("debug", LogLevel.Debug)]
    [InlineData(" WARNING ", LogLevel.Warning)]
    [InlineData("Information", LogLevel.Information)]
    public void Log_levels_have_the_names_that_operators_know(string? setting, LogLevel level) =>
        Assert.Equal(level, Ledgerline.Logging.Level(Settings.Of(("LOG_LEVEL", setting))));
}
