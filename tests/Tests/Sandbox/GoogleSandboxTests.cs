using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;
using static Tests.Sandbox.GoogleFlow;

namespace Tests.Sandbox;

public sealed class GoogleSandboxTests
{
    [Fact]
    public async Task APersonSignsInOnThePageAndTheCodeIsExchangedWithPkce()
    {
        await using var sandbox = await SandboxHost.Start();
        var url = AuthUrl(sandbox);
        var page = await sandbox.Http.GetStringAsync(url);
        Assert.Contains("localhost:8000", page, StringComparison.Ordinal);
        Assert.Contains("value=\"deny\"", page, StringComparison.Ordinal);

        using var allowed = await Press(sandbox, url, ("decision", "allow"), ("email", "Ada.Lovelace@Example.com"), ("name", ""));
        Assert.Equal(HttpStatusCode.RedirectMethod, allowed.StatusCode);
        var back = QueryHelpers.ParseQuery(allowed.Headers.Location!.Query);
        Assert.StartsWith(Redirect + "?", allowed.Headers.Location.ToString(), StringComparison.Ordinal);
        Assert.Equal("state-1", back["state"]);
        Assert.Equal(SignIn, back["scope"]);

        var tokens = await Exchange(sandbox, back["code"].ToString());
        Assert.Equal(3599, tokens.GetProperty("expires_in").GetInt32());
        Assert.Equal("Bearer", tokens.GetProperty("token_type").GetString());
        Assert.Equal(SignIn, tokens.GetProperty("scope").GetString());
        Assert.False(tokens.TryGetProperty("refresh_token", out _));

        var claims = Claims(tokens);
        Assert.Equal("https://accounts.google.com", claims.GetProperty("iss").GetString());
        Assert.Equal(sandbox.Options.GoogleClientId, claims.GetProperty("aud").GetString());
        Assert.Equal(sandbox.Options.GoogleClientId, claims.GetProperty("azp").GetString());
        Assert.Equal("Ada.Lovelace@Example.com", claims.GetProperty("email").GetString());
        Assert.True(claims.GetProperty("email_verified").GetBoolean());
        Assert.Equal("Ada Lovelace", claims.GetProperty("name").GetString());
        Assert.Equal("nonce-1", claims.GetProperty("nonce").GetString());
        Assert.Equal(3600, claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64());

        using var request = new HttpRequestMessage(HttpMethod.Get, "/google/oauth2/v2/userinfo");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.GetProperty("access_token").GetString());
        using var answer = await sandbox.Http.SendAsync(request);
        var info = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(claims.GetProperty("sub").GetString(), info.GetProperty("id").GetString());
        Assert.True(info.GetProperty("verified_email").GetBoolean());
        using var picture = await sandbox.Http.GetAsync(new Uri(info.GetProperty("picture").GetString()!));
        Assert.Equal("image/svg+xml", picture.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task ACodeWorksOnceAndForTenMinutes()
    {
        await using var sandbox = await SandboxHost.Start();
        var code = await Code(sandbox);
        await Exchange(sandbox, code);
        await Refused(sandbox, code, 400, "invalid_grant");

        var late = await Code(sandbox);
        sandbox.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        await Refused(sandbox, late, 400, "invalid_grant");
    }

    [Theory]
    [InlineData("code_verifier", "another-verifier-that-is-long-enough-0123456789012345", 400, "invalid_grant")]
    [InlineData("code_verifier", "", 400, "invalid_grant")]
    [InlineData("redirect_uri", "http://localhost:8000/auth/google/callback/", 400, "redirect_uri_mismatch")]
    [InlineData("redirect_uri", "", 400, "redirect_uri_mismatch")]
    [InlineData("client_secret", "wrong", 401, "invalid_client")]
    [InlineData("client_id", "wrong", 401, "invalid_client")]
    [InlineData("grant_type", "password", 400, "unsupported_grant_type")]
    [InlineData("grant_type", "", 400, "invalid_request")]
    [InlineData("code", "", 400, "invalid_request")]
    [InlineData("code", "4/nobody", 400, "invalid_grant")]
    public async Task AnExchangeThatDoesNotFitIsRefusedAndTheCodeStaysGood(string field, string value, int status, string error)
    {
        await using var sandbox = await SandboxHost.Start();
        var code = await Code(sandbox);
        await Refused(sandbox, code, status, error, (field, value));
        await Exchange(sandbox, code);
    }

    [Fact]
    public async Task TheDesktopClientsRewrittenAddressWorks()
    {
        await using var sandbox = await SandboxHost.Start();
        const string desktop = "http://localhost:18080/callback";
        var url = AuthUrl(sandbox, challenge: false).Replace("redirect_uri=", $"redirect_uri={desktop}&", StringComparison.Ordinal);
        using var page = await sandbox.Http.GetAsync(url);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var answer = await sandbox.Post("/_sandbox/google/sign-in", new { email = "ada@example.com", auth_url = url });
        Assert.StartsWith(desktop + "?code=", answer.GetProperty("redirect_url").GetString(), StringComparison.Ordinal);
        await Exchange(sandbox, answer.GetProperty("code").GetString()!, ("redirect_uri", desktop), ("code_verifier", ""));

        var verifierUnasked = (await sandbox.Post("/_sandbox/google/sign-in", new { email = "ada@example.com", auth_url = url })).GetProperty("code").GetString()!;
        await Refused(sandbox, verifierUnasked, 400, "invalid_grant", ("redirect_uri", desktop));
    }

    [Fact]
    public async Task WithoutAnAddressTheCodeIsBoundToNothing()
    {
        await using var sandbox = await SandboxHost.Start();
        var signIn = await sandbox.Post("/_sandbox/google/sign-in", new { email = "grace@example.com", name = "Grace", sub = "42", nonce = "n", email_verified = false });
        Assert.Equal(JsonValueKind.Null, signIn.GetProperty("redirect_url").ValueKind);
        var claims = Claims(await Exchange(sandbox, signIn.GetProperty("code").GetString()!, ("redirect_uri", "http://anywhere"), ("code_verifier", "anything")));
        Assert.Equal(("42", "Grace", "n", false), (claims.GetProperty("sub").GetString(), claims.GetProperty("name").GetString(),
            claims.GetProperty("nonce").GetString(), claims.GetProperty("email_verified").GetBoolean()));
    }

    [Fact]
    public async Task TheSameAddressIsTheSamePerson()
    {
        await using var sandbox = await SandboxHost.Start();
        async Task<string?> Sub(string email)
        {
            var signIn = await sandbox.Post("/_sandbox/google/sign-in", new { email });
            return Claims(await Exchange(sandbox, signIn.GetProperty("code").GetString()!)).GetProperty("sub").GetString();
        }

        var ada = await Sub("ada@example.com");
        Assert.Matches("^1[0-9]{20}$", ada);
        Assert.Equal(ada, await Sub("ADA@example.com"));
        Assert.NotEqual(ada, await Sub("grace@example.com"));
    }

    [Fact]
    public async Task DenyingGoesBackWithoutACode()
    {
        await using var sandbox = await SandboxHost.Start();
        using var denied = await Press(sandbox, AuthUrl(sandbox), ("decision", "deny"), ("email", ""));
        Assert.Equal(Redirect + "?error=access_denied&state=state-1", denied.Headers.Location!.ToString());
        var scripted = await sandbox.Post("/_sandbox/google/sign-in", new { email = "ada@example.com", auth_url = AuthUrl(sandbox), deny = true });
        Assert.Equal(denied.Headers.Location.ToString(), scripted.GetProperty("redirect_url").GetString());
        Assert.Equal(JsonValueKind.Null, scripted.GetProperty("code").ValueKind);
    }

    [Fact]
    public async Task APersonMayGrantLessThanWasAsked()
    {
        await using var sandbox = await SandboxHost.Start();
        const string calendar = "https://www.googleapis.com/auth/calendar.events";
        var url = AuthUrl(sandbox, scope: $"openid {calendar}");
        using var less = await Press(sandbox, url, ("decision", "allow"), ("email", "ada@example.com"));
        Assert.Equal("openid", QueryHelpers.ParseQuery(less.Headers.Location!.Query)["scope"]);
        using var all = await Press(sandbox, url, ("decision", "allow"), ("email", "ada@example.com"), ("scope", calendar));
        var code = QueryHelpers.ParseQuery(all.Headers.Location!.Query)["code"].ToString();
        Assert.Equal($"openid {calendar}", (await Exchange(sandbox, code)).GetProperty("scope").GetString());
    }

    [Theory]
    [InlineData("client_id=wrong")]
    [InlineData("response_type=token")]
    [InlineData("redirect_uri=javascript:alert(1)")]
    [InlineData("redirect_uri=/relative")]
    [InlineData("scope=")]
    [InlineData("code_challenge=short")]
    [InlineData("code_challenge_method=S512")]
    public async Task ARequestThatMakesNoSenseIsAPageAndNoRedirect(string change)
    {
        await using var sandbox = await SandboxHost.Start();
        var url = AuthUrl(sandbox);
        var name = change.Split('=')[0];
        var query = QueryHelpers.ParseQuery(new Uri(url).Query);
        query[name] = change[(name.Length + 1)..];
        using var answer = await sandbox.Http.GetAsync(QueryHelpers.AddQueryString("/google/o/oauth2/v2/auth", query));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task ARefreshTokenComesOnceLastsAndDies()
    {
        await using var sandbox = await SandboxHost.Start();
        var offline = AuthUrl(sandbox) + "&access_type=offline";
        var first = await Exchange(sandbox, await Code(sandbox, offline));
        var refresh = first.GetProperty("refresh_token").GetString()!;
        Assert.False((await Exchange(sandbox, await Code(sandbox, offline))).TryGetProperty("refresh_token", out _));
        Assert.True((await Exchange(sandbox, await Code(sandbox, offline + "&prompt=consent"))).TryGetProperty("refresh_token", out _));

        sandbox.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(401, await Userinfo(sandbox, first));
        var renewed = await Token(sandbox, 200, ("grant_type", "refresh_token"), ("refresh_token", refresh));
        Assert.False(renewed.TryGetProperty("refresh_token", out _));
        Assert.Equal(200, await Userinfo(sandbox, renewed));

        using var revoked = await sandbox.Http.PostAsync("/google/revoke", Form(("token", refresh)));
        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        Assert.Equal(401, await Userinfo(sandbox, renewed));
        var dead = await Token(sandbox, 400, ("grant_type", "refresh_token"), ("refresh_token", refresh));
        Assert.Equal("invalid_grant", dead.GetProperty("error").GetString());
        using var again = await sandbox.Http.PostAsync("/google/revoke", Form(("token", refresh)));
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
    }
}
