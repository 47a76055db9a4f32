using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Tests.World;
using Xunit;

namespace Tests.Identity;

/// <summary>What a client keeps after signing in.</summary>
internal sealed record Pair(string Access, string Refresh);

/// <summary>Signs people up and in as the unchanged clients do.</summary>
internal static class People
{
    /// <summary>A world whose passwords are hashed quickly and whose sign-ins are not counted by the minute.</summary>
    public static Task<TestWorld> World(string engine = "sqlite", params (string Name, string? Value)[] settings)
    {
        var all = new Dictionary<string, string?> { ["PASSWORD_ITERATIONS"] = "1000", ["ENABLE_RATE_LIMITING"] = "false" };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return TestWorld.Start(engine, all);
    }

    public static async Task<Pair> SignUp(this HttpClient node, string email, string password = "secret") =>
        await PairOf(await node.PostAsJsonAsync("/auth/register", new { email, password }));

    /// <summary>Exactly 200, with the three fields of a pair.</summary>
    public static async Task<Pair> PairOf(HttpResponseMessage answer)
    {
        using (answer)
        {
            var body = await answer.Json();
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode}: {body}");
            Assert.Equal("bearer", body.Text("token_type"));
            return new Pair(body.Text("access_token")!, body.Text("refresh_token")!);
        }
    }

    /// <summary>As the web client: a form, properly encoded.</summary>
    public static Task<HttpResponseMessage> LogIn(this HttpClient node, string user, string password, string path = "/auth/login") =>
        node.PostAsync(path, new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = user, ["password"] = password }));

    /// <summary>As the iOS client: a form that nobody encoded.</summary>
    public static Task<HttpResponseMessage> LogInFromPhone(this HttpClient node, string user, string password)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/auth/login") { Content = Raw($"username={user}&password={password}") };
        request.Headers.Add("X-App-Type", "mobile");
        request.Headers.UserAgent.ParseAdd("Speech-Assistant-Mobile-iOS/1.0");
        return node.SendAsync(request);
    }

    public static StringContent Raw(string body, string type = "application/x-www-form-urlencoded") =>
        new(body, Encoding.UTF8) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    public static Task<HttpResponseMessage> Refresh(this HttpClient node, string refreshToken) =>
        node.PostAsJsonAsync("/auth/refresh", new { refresh_token = refreshToken });

    public static Task<HttpResponseMessage> LogOut(this HttpClient node, string? accessToken) => node.Send(HttpMethod.Post, "/auth/logout", accessToken);

    public static Task<HttpResponseMessage> Send(this HttpClient node, HttpMethod method, string path, string? accessToken, object? body = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = accessToken is null ? null : new AuthenticationHeaderValue("Bearer", accessToken);
        return node.SendAsync(request);
    }

    /// <summary>What a signed-in route answers to this token.</summary>
    public static async Task<HttpStatusCode> Knock(this HttpClient node, string accessToken)
    {
        using var answer = await node.Send(HttpMethod.Get, "/protected", accessToken);
        return answer.StatusCode;
    }

    public static async Task<JsonElement> Json(this HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

    public static string? Text(this JsonElement body, string name) => body.GetProperty(name).GetString();

    /// <summary>Exactly this refusal; a 401 also says how to sign in.</summary>
    public static async Task Refused(HttpStatusCode status, string detail, HttpResponseMessage answer)
    {
        using (answer)
        {
            var body = await answer.Content.ReadAsStringAsync();
            Assert.Equal((status, JsonSerializer.Serialize(new { detail })), (answer.StatusCode, body));
            Assert.Equal(status == HttpStatusCode.Unauthorized ? ["Bearer"] : [], answer.Headers.WwwAuthenticate.Select(value => value.Scheme));
        }
    }
}
