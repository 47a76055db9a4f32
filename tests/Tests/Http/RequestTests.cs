using System.Net;
using System.Net.Http.Json;
using System.Text;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace Tests.Http;

public sealed class RequestTests
{
    private const string Listed = """{"detail":[{"loc":["body"],"msg":"Not valid JSON","type":"json_invalid"}]}""";
    private const string Flat = """{"detail":"Validation error","errors":[{"field":"body","message":"Not valid JSON"}]}""";

    [Fact]
    public async Task Paths_answer_with_and_without_a_slash_and_without_a_redirect()
    {
        await using var server = await EdgeServer.Start(map: Map);

        foreach (var path in new[] { "/rooms", "/rooms/" })
        {
            Assert.Equal("posted", await Read(await server.Client.PostAsync(path, null), 200));
            Assert.Equal("listed 20", await Read(await server.Client.GetAsync(path), 200));
        }

        Assert.Equal("""{"detail":"Not Found"}""", await Read(await server.Client.GetAsync("/Rooms"), 404));
    }

    [Theory]
    [InlineData("/rooms")]
    [InlineData("/health")]
    [InlineData("/health/ready")]
    [InlineData("/")]
    [InlineData("/docs")]
    [InlineData("/openapi.json")]
    public async Task Head_answers_where_get_does_with_its_headers_and_no_body(string path)
    {
        await using var server = await EdgeServer.Start(map: Map);

        using var get = await server.Client.GetAsync(path);
        using var head = await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Equal(HeaderTests.Header(get, "Content-Security-Policy"), HeaderTests.Header(head, "Content-Security-Policy"));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Head_of_a_live_stream_ends_at_once()
    {
        await using var server = await EdgeServer.Start();
        using var client = server.NewClient(account: new AccountId(Guid.NewGuid()));

        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/events"));

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal("text/event-stream", head.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task Unknown_addresses_and_wrong_methods_are_answered_in_json()
    {
        await using var server = await EdgeServer.Start(map: Map);

        Assert.Equal("""{"detail":"Not Found"}""", await Read(await server.Client.GetAsync("/no/such/address"), 404));
        Assert.Equal("""{"detail":"Method Not Allowed"}""", await Read(await server.Client.DeleteAsync("/rooms"), 405));
        Assert.Equal("""{"detail":"Method Not Allowed"}""", await Read(await server.Client.PostAsync("/health", null), 405));
    }

    [Theory]
    [InlineData("/names", "{\"name\":", Listed)]
    [InlineData("/names", "", Listed)]
    [InlineData("/flat-names", "nonsense", Flat)]
    [InlineData("/names", "null", """{"detail":[{"loc":["body"],"msg":"Field required","type":"missing"}]}""")]
    [InlineData("/names", "{\"name\":7}", """{"detail":[{"loc":["body","name"],"msg":"Not a valid value","type":"json_invalid"}]}""")]
    [InlineData("/flat-names", "{\"name\":{}}", """{"detail":"Validation error","errors":[{"field":"body -> name","message":"Not a valid value"}]}""")]
    public async Task A_body_that_cannot_be_read_is_422_in_the_form_of_its_area(string path, string body, string answer)
    {
        await using var server = await EdgeServer.Start(map: Map);

        Assert.Equal(answer, await Read(await server.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json")), 422));
    }

    [Theory]
    [InlineData("/rooms?limit=many", """{"detail":[{"loc":["query","limit"],"msg":"Not a valid value","type":"type_error"}]}""")]
    [InlineData("/rooms/seven", """{"detail":[{"loc":["path","id"],"msg":"Not a valid value","type":"type_error"}]}""")]
    [InlineData("/search", """{"detail":[{"loc":["query","text"],"msg":"Field required","type":"missing"}]}""")]
    public async Task A_parameter_that_cannot_be_read_is_422_and_is_named(string path, string answer)
    {
        await using var server = await EdgeServer.Start(map: Map);

        Assert.Equal(answer, await Read(await server.Client.GetAsync(path), 422));
    }

    [Fact]
    public async Task Query_names_are_exact_on_every_route()
    {
        await using var server = await EdgeServer.Start(map: Map);
        using var client = server.NewClient(account: new AccountId(Guid.NewGuid()));

        Assert.Equal("listed 20", await Read(await client.GetAsync("/rooms?Limit=5&LIMIT=many"), 200));
        Assert.Equal("listed 5", await Read(await client.GetAsync("/rooms?LIMIT=7&limit=5"), 200));
        Assert.Equal("a b", await Read(await client.GetAsync("/search?Text=x&te%78t=a+b"), 200));
        foreach (var (method, path) in new[] { ("GET", "/search?TEXT=x"), ("GET", "/auth/google/callback?Code=x&state=y"), ("POST", "/auth/google/token?CODE=x"), ("GET", "/api/transcribe/estimate?Duration_seconds=5") })
        {
            using var answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
            Assert.Contains("\"type\":\"missing\"", await Read(answer, 422), StringComparison.Ordinal);
        }

        await Read(await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/events?LAST_EVENT_ID=x")), 200);
        await Read(await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/events?last_event_id=x")), 422);
    }

    [Fact]
    public async Task A_body_that_no_route_wants_is_no_reason_to_refuse()
    {
        await using var server = await EdgeServer.Start(map: Map);
        using var empty = new StringContent("", Encoding.UTF8, "application/json");

        Assert.Equal("posted", await Read(await server.Client.PostAsync("/rooms", empty), 200));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task More_than_a_mebibyte_of_json_is_413(bool saysHowMuch)
    {
        await using var server = await EdgeServer.Start(map: Map);
        using var fits = JsonContent.Create(new { name = new string('x', Body<object>.LargestBytes - 100) });
        Assert.Equal($"hello {Body<object>.LargestBytes - 100}", await Read(await server.Client.PostAsync("/names", fits), 200));

        using var content = JsonContent.Create(new { name = new string('x', Body<object>.LargestBytes) });
        await content.LoadIntoBufferAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/names") { Content = content };
        request.Headers.TransferEncodingChunked = !saysHowMuch;
        // So that the client is told before it sends what nobody reads.
        request.Headers.ExpectContinue = saysHowMuch;

        Assert.Equal("""{"detail":"Request body too large"}""", await Read(await server.Client.SendAsync(request), 413));
    }

    private static void Map(WebApplication app)
    {
        app.MapPost("/rooms", () => "posted");
        app.MapGet("/rooms", (int? limit) => $"listed {limit ?? 20}");
        app.MapGet("/rooms/{id}", (int id) => $"room {id}");
        app.MapGet("/search", (string text) => text);
        app.MapPost("/names", (Body<Named> body) => $"hello {body.Value.Name?.Length}");
        app.MapPost("/flat-names", (Body<Named> body) => $"hello {body.Value.Name?.Length}").WithMetadata(FlatValidation.Form);
    }

    private static async Task<string> Read(HttpResponseMessage answer, int status)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(status == (int)answer.StatusCode, $"{(int)answer.StatusCode} instead of {status}: {text}");
            return text;
        }
    }

    internal sealed record Named(string? Name);
}
