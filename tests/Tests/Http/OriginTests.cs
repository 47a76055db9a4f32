using System.Net;
using Ledgerline.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Xunit;
using static Tests.Http.HeaderTests;

namespace Tests.Http;

public sealed class OriginTests
{
    private static readonly string[] CorsHeaders =
    [
        "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers",
        "Access-Control-Expose-Headers", "Access-Control-Max-Age",
    ];

    [Theory]
    [InlineData("/health")]
    [InlineData("/api/events")]
    [InlineData("/make-call/2025550123/default")]
    public async Task A_preflight_from_the_web_client_is_answered_on_every_route(string path)
    {
        await using var server = await EdgeServer.Start(settings: new() { ["FRONTEND_URL"] = "https://app.example.org/start/" });

        using var answer = await Preflight(server, path, "https://app.example.org");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal("https://app.example.org", Header(answer, "Access-Control-Allow-Origin"));
        Assert.Equal("true", Header(answer, "Access-Control-Allow-Credentials"));
        Assert.Equal("GET,POST,PUT,PATCH,DELETE,OPTIONS", Header(answer, "Access-Control-Allow-Methods"));
        Assert.Equal(
            "Authorization,Content-Type,Accept,Origin,X-Requested-With,X-App-Type,X-Captcha,Idempotency-Key",
            Header(answer, "Access-Control-Allow-Headers"));
        Assert.Equal("600", Header(answer, "Access-Control-Max-Age"));
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("https://chotto.voice.evil.example")]
    [InlineData("http://localhost:5174")]
    [InlineData("null")]
    public async Task A_foreign_origin_gets_no_cors_headers(string origin)
    {
        await using var server = await EdgeServer.Start();

        using var preflight = await Preflight(server, "/health", origin);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { { "Origin", origin } } };
        using var answer = await server.Client.SendAsync(request);

        Assert.All(CorsHeaders, name => Assert.Null(Header(preflight, name)));
        Assert.All(CorsHeaders, name => Assert.Null(Header(answer, name)));
    }

    [Theory]
    [InlineData("http://localhost", "/health", 200)]
    [InlineData("http://localhost:5173", "/no-such-address", 404)]
    [InlineData("https://chotto.voice", "/api/events", 401)]
    [InlineData("https://chotto.voice", "/breaks", 500)]
    public async Task A_listed_origin_can_read_answers_and_errors(string origin, string path, int status)
    {
        await using var server = await EdgeServer.Start(map: app => app.MapGet("/breaks", string () => throw new InvalidOperationException("on purpose")));
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Origin", origin } } };

        using var answer = await server.Client.SendAsync(request);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(origin, Header(answer, "Access-Control-Allow-Origin"));
        Assert.Equal("true", Header(answer, "Access-Control-Allow-Credentials"));
        Assert.Equal("Retry-After,Idempotency-Replayed", Header(answer, "Access-Control-Expose-Headers"));
        Assert.Contains("Origin", Header(answer, "Vary"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("app.example.org")]
    [InlineData("https://app.example.org, ftp://files.example.org")]
    public void What_is_no_origin_is_refused_at_start(string setting)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["ALLOWED_ORIGINS"] = setting }).Build();

        var fault = Assert.Throws<FormatException>(() => new AllowedOrigins(settings));

        Assert.Contains("ALLOWED_ORIGINS", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_are_compared_by_origin()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["ALLOWED_ORIGINS"] = "https://app.example.org/ , http://localhost" }).Build();
        var origins = new AllowedOrigins(settings);

        Assert.True(origins.Contain(new Uri("https://app.example.org/paid?x=1")));
        Assert.True(origins.Contain(new Uri("http://localhost:5173/")));
        Assert.False(origins.Contain(new Uri("http://app.example.org/")));
        Assert.False(origins.Contain(new Uri("https://app.example.org.evil.example/")));
        Assert.False(origins.Contain(new Uri("https://app.example.org@evil.example/")));
    }

    private static Task<HttpResponseMessage> Preflight(EdgeServer server, string path, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "GET");
        request.Headers.Add("Access-Control-Request-Headers", "authorization, content-type");
        return server.Client.SendAsync(request);
    }
}
