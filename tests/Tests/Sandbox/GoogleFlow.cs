using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace Tests.Sandbox;

/// <summary>The steps of a sign-in with the sandbox's Google.</summary>
internal static class GoogleFlow
{
    public const string Redirect = "http://localhost:8000/auth/google/callback";
    public const string Verifier = "a-verifier-that-is-long-enough-to-be-taken-0123456789";
    public const string SignIn = "openid email profile";

    public static string AuthUrl(SandboxHost sandbox, string scope = SignIn, bool challenge = true)
    {
        var query = new Dictionary<string, string?>
        {
            ["client_id"] = sandbox.Options.GoogleClientId,
            ["redirect_uri"] = Redirect,
            ["response_type"] = "code",
            ["scope"] = scope,
            ["state"] = "state-1",
            ["nonce"] = "nonce-1",
        };
        if (challenge)
        {
            query["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));
            query["code_challenge_method"] = "S256";
        }

        return QueryHelpers.AddQueryString(sandbox.Address + "/google/o/oauth2/v2/auth", query);
    }

    /// <summary>What a browser sends when a button of the page is pressed.</summary>
    public static async Task<HttpResponseMessage> Press(SandboxHost sandbox, string url, params (string, string)[] fields) =>
        await sandbox.Http.PostAsync("/google/o/oauth2/v2/auth", Form([("request", new Uri(url).Query), .. fields]));

    public static async Task<string> Code(SandboxHost sandbox, string? url = null) =>
        (await sandbox.Post("/_sandbox/google/sign-in", new { email = "ada@example.com", auth_url = url ?? AuthUrl(sandbox) })).GetProperty("code").GetString()!;

    public static async Task<string> IdToken(SandboxHost sandbox) =>
        (await Exchange(sandbox, await Code(sandbox))).GetProperty("id_token").GetString()!;

    public static Task<JsonElement> Exchange(SandboxHost sandbox, string code, params (string, string)[] changes) =>
        Token(sandbox, 200, [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Redirect), ("code_verifier", Verifier), .. changes]);

    public static async Task Refused(SandboxHost sandbox, string code, int status, string error, params (string, string)[] changes)
    {
        var answer = await Token(sandbox, status, [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Redirect), ("code_verifier", Verifier), .. changes]);
        Assert.Equal(error, answer.GetProperty("error").GetString());
        Assert.NotEmpty(answer.GetProperty("error_description").GetString()!);
    }

    public static async Task<JsonElement> Token(SandboxHost sandbox, int status, params (string, string)[] fields)
    {
        using var answer = await sandbox.Http.PostAsync("/google/token",
            Form([("client_id", sandbox.Options.GoogleClientId), ("client_secret", sandbox.Options.GoogleClientSecret), .. fields]));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public static FormUrlEncodedContent Form(params (string Name, string Value)[] fields)
    {
        var form = new Dictionary<string, string>();
        foreach (var (name, value) in fields)
        {
            form[name] = value;
        }

        return new FormUrlEncodedContent(form.Where(field => field.Value.Length > 0));
    }

    public static async Task<int> Userinfo(SandboxHost sandbox, JsonElement tokens)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/google/oauth2/v2/userinfo");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.GetProperty("access_token").GetString());
        using var answer = await sandbox.Http.SendAsync(request);
        return (int)answer.StatusCode;
    }

    public static async Task<HashSet<string>> Kids(SandboxHost sandbox) =>
        [.. (await sandbox.Get("/google/oauth2/v3/certs")).GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()!)];

    public static JsonElement Claims(JsonElement tokens) =>
        JsonDocument.Parse(Base64Url.DecodeFromChars(tokens.GetProperty("id_token").GetString()!.Split('.')[1])).RootElement;
}
