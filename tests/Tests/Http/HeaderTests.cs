using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Tests.Http;

public sealed class HeaderTests
{
    private static readonly Dictionary<string, string> Everywhere = new()
    {
        ["X-Content-Type-Options"] = "nosniff",
        ["X-XSS-Protection"] = "1; mode=block",
        ["X-Frame-Options"] = "DENY",
        ["Referrer-Policy"] = "strict-origin-when-cross-origin",
        ["Permissions-Policy"] = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(self), payment=(), usb=()",
    };

    [Theory]
    [InlineData("GET", "/health", 200)]
    [InlineData("GET", "/no-such-address", 404)]
    [InlineData("DELETE", "/health", 405)]
    [InlineData("GET", "/api/events", 401)]
    [InlineData("GET", "/breaks", 500)]
    [InlineData("OPTIONS", "/health", 204)]
    public async Task Every_api_answer_carries_the_security_headers(string method, string path, int status)
    {
        await using var server = await EdgeServer.Start(map: app => app.MapGet("/breaks", IResult () => throw new InvalidOperationException("on purpose")));
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "OPTIONS")
        {
            request.Headers.Add("Origin", "http://localhost:5173");
            request.Headers.Add("Access-Control-Request-Method", "GET");
        }

        using var answer = await server.Client.SendAsync(request);

        Assert.Equal(status, (int)answer.StatusCode);
        AssertEverywhere(answer);
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", Header(answer, "Content-Security-Policy"));
        Assert.Equal("no-store, max-age=0", Header(answer, "Cache-Control"));
        Assert.Null(Header(answer, "Strict-Transport-Security"));
        Assert.Null(Header(answer, "Server"));
        Assert.Null(Header(answer, "X-Powered-By"));
    }

    [Theory]
    [InlineData("/page")]
    [InlineData("/docs")]
    public async Task Pages_have_a_policy_that_lets_their_own_files_work(string path)
    {
        await using var server = await EdgeServer.Start(map: app => app.MapGet("/page", () => TypedResults.Content("<p>", "text/html; charset=utf-8")));

        using var answer = await server.Client.GetAsync(path);

        AssertEverywhere(answer);
        var policy = Header(answer, "Content-Security-Policy")!;
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("no-store", Header(answer, "Cache-Control"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scripts_and_styles_may_be_cached_and_a_handlers_own_headers_stay()
    {
        await using var server = await EdgeServer.Start(map: app =>
        {
            app.MapGet("/style", () => TypedResults.Content("a{}", "text/css"));
            app.MapGet("/own", (HttpContext context) =>
            {
                context.Response.Headers.ContentSecurityPolicy = "default-src 'none'";
                context.Response.Headers.CacheControl = "private, max-age=60";
                return TypedResults.Content("<p>", "text/html");
            });
        });

        using var style = await server.Client.GetAsync("/style");
        using var own = await server.Client.GetAsync("/own");

        Assert.Equal("public, max-age=3600", Header(style, "Cache-Control"));
        Assert.Equal("default-src 'none'", Header(own, "Content-Security-Policy"));
        Assert.Equal("max-age=60, private", Header(own, "Cache-Control"));
    }

    [Fact]
    public async Task Transport_security_is_promised_on_https_only_and_only_a_trusted_proxy_may_say_that_it_was()
    {
        await using var trusting = await EdgeServer.Start();
        await using var alone = await EdgeServer.Start(settings: new() { ["TRUSTED_PROXIES"] = "10.0.0.0/8" });

        Assert.Equal("max-age=31536000; includeSubDomains", await Promised(trusting));
        Assert.Null(await Promised(alone));

        static async Task<string?> Promised(EdgeServer server)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { { "X-Forwarded-Proto", "https" }, { "X-Forwarded-For", "203.0.113.9" } } };
            using var answer = await server.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return Header(answer, "Strict-Transport-Security");
        }
    }

    internal static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    internal static void AssertEverywhere(HttpResponseMessage answer) =>
        Assert.All(Everywhere, header => Assert.Equal(header.Value, Header(answer, header.Key)));
}
