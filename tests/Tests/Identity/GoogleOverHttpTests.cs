using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Identity;

/// <summary>The same door through its addresses, on two nodes where there can be two.</summary>
public sealed class GoogleOverHttpTests
{
    private const string InvalidState = "Authentication failed: invalid state";

    [Theory, EveryDatabase]
    public async Task A_browser_comes_back_to_any_node_once(string engine)
    {
        await using var world = await People.World(engine);
        using var second = engine == "postgres" ? await world.StartNode() : null;
        var other = second ?? world.Client;
        var (authUrl, cookie) = await Start(world.Client);
        var back = await Consent(world, authUrl, "jane@example.com");

        using var answer = await ComeBack(other, back, cookie);
        var body = await answer.Json();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(("bearer", "jane@example.com", true), (body.Text("token_type"), body.Text("email"), body.GetProperty("is_new_user").GetBoolean()));
        Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(body.Text("access_token")!));

        await People.Refused(HttpStatusCode.BadRequest, InvalidState, await ComeBack(world.Client, back, cookie));
        var (another, _) = await Start(other);
        await People.Refused(HttpStatusCode.BadRequest, InvalidState, await ComeBack(world.Client, await Consent(world, another, "jane@example.com"), null));
        await People.Refused(HttpStatusCode.BadRequest, InvalidState, await world.Client.GetAsync("/auth/google/callback?code=x"));
    }

    // Proof 34.
    [Theory, EveryDatabase]
    public async Task Ten_first_sign_ins_at_the_same_time_are_one_account_and_one_bonus(string engine)
    {
        await using var world = await People.World(engine);
        using var second = engine == "postgres" ? await world.StartNode() : null;
        HttpClient[] nodes = [world.Client, second ?? world.Client];
        var codes = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
            (await world.Control("/_sandbox/google/sign-in", new { email = "jane@example.com", sub = "g-1" })).Text("code")!));
        var answers = await Task.WhenAll(codes.Select(async (code, index) =>
        {
            using var answer = await nodes[index % 2].PostAsync($"/auth/google/token?code={Uri.EscapeDataString(code)}", null);
            var body = await answer.Json();
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode}: {body}");
            return body;
        }));

        Assert.Single(answers, body => body.GetProperty("is_new_user").GetBoolean());
        Assert.Single(answers.Select(body => body.Text("user_id")).Distinct());
        Assert.All(answers, body => Assert.Equal(100, body.GetProperty("credits").GetInt64()));
    }

    [Theory]
    [InlineData("GET", "/auth/google/callback?state=x")]
    [InlineData("POST", "/auth/google/token")]
    [InlineData("POST", "/auth/google/token?code=")]
    public async Task A_missing_code_is_named_as_a_list(string method, string path)
    {
        await using var world = await People.World();
        using var answer = await world.Client.Send(new HttpMethod(method), path, null);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var location = (await answer.Json()).GetProperty("detail")[0].GetProperty("loc");
        Assert.Equal("""["query","code"]""", JsonSerializer.Serialize(location));
    }

    private static async Task<(string AuthUrl, string Cookie)> Start(HttpClient node)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/auth/google/url");
        request.Headers.Add("Sec-Fetch-Mode", "cors");
        using var answer = await node.SendAsync(request);
        return ((await answer.Json()).Text("auth_url")!, answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
    }

    private static async Task<string> Consent(TestWorld world, string authUrl, string email) =>
        new Uri((await world.Control("/_sandbox/google/sign-in", new { email, auth_url = authUrl })).Text("redirect_url")!).Query;

    private static Task<HttpResponseMessage> ComeBack(HttpClient node, string query, string? cookie)
    {
        Assert.Contains("state", QueryHelpers.ParseQuery(query).Keys);
        var request = new HttpRequestMessage(HttpMethod.Get, "/auth/google/callback" + query);
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        return node.SendAsync(request);
    }
}
