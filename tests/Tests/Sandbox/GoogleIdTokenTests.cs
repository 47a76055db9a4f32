using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Apis.Auth;
using Google.Apis.Http;
using Xunit;
using static Tests.Sandbox.GoogleFlow;

namespace Tests.Sandbox;

/// <summary>ID tokens and keys, judged by Google's own library.</summary>
public sealed class GoogleIdTokenTests
{
    [Fact]
    public async Task GooglesOwnLibraryTakesTheTokenAlsoAfterARotation()
    {
        await using var sandbox = await SandboxHost.Start();
        var first = await IdToken(sandbox);
        Assert.Equal("ada@example.com", (await Verify(sandbox, first)).Email);

        var before = await Kids(sandbox);
        await sandbox.Post("/_sandbox/google/keys/rotate");
        var after = await Kids(sandbox);
        Assert.Equal((2, 2), (before.Count, after.Count));
        Assert.Empty(before.Intersect(after));
        var second = await IdToken(sandbox);
        Assert.Equal("ada@example.com", (await Verify(sandbox, second)).Email);
        await Assert.ThrowsAsync<InvalidJwtException>(() => Verify(sandbox, first));

        await sandbox.Post("/_sandbox/google/keys/rotate", new { gently = true });
        Assert.Single(after.Intersect(await Kids(sandbox)));
    }

    [Fact]
    public async Task TheCertificatesAreTheTwinsOfTheKeys()
    {
        await using var sandbox = await SandboxHost.Start();
        var keys = (await sandbox.Get("/google/oauth2/v3/certs")).GetProperty("keys").EnumerateArray().ToList();
        var certificates = await sandbox.Get("/google/oauth2/v1/certs");
        foreach (var key in keys)
        {
            Assert.Equal(("RSA", "RS256", "sig"), (key.GetProperty("kty").GetString(), key.GetProperty("alg").GetString(), key.GetProperty("use").GetString()));
            using var certificate = X509Certificate2.CreateFromPem(certificates.GetProperty(key.GetProperty("kid").GetString()!).GetString()!);
            using var rsa = certificate.GetRSAPublicKey()!;
            Assert.Equal(key.GetProperty("n").GetString(), Base64Url.EncodeToString(rsa.ExportParameters(false).Modulus));
        }

        using var answer = await sandbox.Http.GetAsync("/google/oauth2/v3/certs");
        Assert.NotNull(answer.Headers.CacheControl?.MaxAge);
    }

    [Fact]
    public async Task TheNextIdTokensAreAsWrongAsTheTestWants()
    {
        await using var sandbox = await SandboxHost.Start();
        async Task<string> Spoilt(object fault)
        {
            await sandbox.Post("/_sandbox/google/id-token", fault);
            return await IdToken(sandbox);
        }

        foreach (var fault in new object[] { new { aud = "somebody-else" }, new { iss = "https://evil.example" }, new { expired = true }, new { key = "wrong" }, new { key = "unknown" }, new { alg = "none" }, new { alg = "HS256" } })
        {
            var token = await Spoilt(fault);
            await Assert.ThrowsAnyAsync<Exception>(() => Verify(sandbox, token));
        }

        Assert.Null((await Verify(sandbox, await Spoilt(new { no_email = true }))).Email);
        Assert.Equal("""{"alg":"none","kid":""", Encoding.UTF8.GetString(Base64Url.DecodeFromChars((await Spoilt(new { alg = "none" })).Split('.')[0]))[..20]);
        Assert.Equal("7", (await Verify(sandbox, await Spoilt(new { claims = new { sub = "7", nonce = (string?)null } }))).Subject);
        Assert.Equal("ada@example.com", (await Verify(sandbox, await IdToken(sandbox))).Email);
    }

    /// <summary>Google's library with Google's rules; only the host of the keys is ours.</summary>
    private static Task<GoogleJsonWebSignature.Payload> Verify(SandboxHost sandbox, string token) =>
        GoogleJsonWebSignature.ValidateAsync(token, new GoogleJsonWebSignature.ValidationSettings
        {
            Audience = [sandbox.Options.GoogleClientId],
            ForceGoogleCertRefresh = true,
            HttpClientFactory = new KeysFrom(sandbox.Address),
        });

    private sealed class KeysFrom(string address) : HttpClientFactory
    {
        protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => new Elsewhere(address) { InnerHandler = base.CreateHandler(args) };
    }

    private sealed class Elsewhere(string address) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(address + "/google" + request.RequestUri!.AbsolutePath);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
