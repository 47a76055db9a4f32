using System.Net;
using Xunit;

namespace Tests.Specs;

/// <summary>The handler sees both directions, keeps the caller's bytes whole, and lets other addresses pass.</summary>
public sealed class SpecHandlerTests
{
    [Fact]
    public async Task ARightExchangeLeavesNoTrace()
    {
        var (log, client) = Client(HttpStatusCode.OK, "application/json", """{"object":"list","data":[],"has_more":false,"url":"/v1/events"}""");
        using var answer = await client.SendAsync(Stripe(HttpMethod.Get, "/stripe/v1/events?limit=3"));
        Assert.Contains("has_more", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(1, log.Exchanges);
        log.AssertClean();
    }

    [Fact]
    public async Task BothDirectionsAreRecorded()
    {
        var (log, client) = Client(HttpStatusCode.OK, "application/json", """{"object":"list"}""");
        using var answer = await client.SendAsync(Stripe(HttpMethod.Get, "/stripe/v1/events?limits=3"));
        Assert.Collection(
            log.Violations,
            first => Assert.Equal("GET /v1/events: the query parameter limits is not in the specification.", first),
            second => Assert.StartsWith("GET /v1/events → 200: the field ", second, StringComparison.Ordinal));
    }

    [Fact]
    public async Task HeadersBelongToTheRequest()
    {
        var (log, client) = Client(HttpStatusCode.OK, "application/json", "{}");
        using var post = Stripe(HttpMethod.Post, "/stripe/v1/refunds");
        post.Content = new FormUrlEncodedContent([new("payment_intent", "pi_1")]);
        using var answer = await client.SendAsync(post);
        Assert.Equal("POST /v1/refunds: a POST needs one Idempotency-Key of up to 255 characters.", log.Violations.First());
        using var models = new HttpRequestMessage(HttpMethod.Get, new Uri("http://127.0.0.1/openai/v1/models"));
        using var second = await client.SendAsync(models);
        Assert.Contains("GET /v1/models: Authorization is not a bearer token.", log.Violations);
    }

    [Fact]
    public async Task OtherAddressesPass()
    {
        var (log, client) = Client(HttpStatusCode.BadGateway, "text/html", "<p>");
        using var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri("http://127.0.0.1/google/o/oauth2/v2/auth?any=thing")));
        Assert.Equal(0, log.Exchanges);
        log.AssertClean();
    }

    private static HttpRequestMessage Stripe(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri("http://127.0.0.1" + path));
        request.Headers.Add("Stripe-Version", "2026-08-26.dahlia");
        request.Headers.Authorization = new("Bearer", "sk_test_1");
        return request;
    }

    private static (SpecLog Log, HttpClient Client) Client(HttpStatusCode status, string type, string body)
    {
        var log = new SpecLog();
        return (log, new HttpClient(new SpecHandler(log) { InnerHandler = new Answering(status, type, body) }));
    }

    private sealed class Answering(HttpStatusCode status, string type, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue(type)) });
    }
}
