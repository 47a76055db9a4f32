using System.Net;
using System.Text.Json.Nodes;
using Ledgerline.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;
using Tests.House;
using Xunit;

namespace Tests.Http;

/// <summary>The document of the running product: valid, complete, and with an example wherever somebody would ask for one.</summary>
public sealed class ApiDocumentTests
{
    // Not for callers of the API, each for a reason.
    private static readonly Dictionary<string, string> Unlisted = new()
    {
        ["GET /openapi.json"] = "it is the document itself",
    };

    [Fact]
    public async Task The_document_is_valid_OpenAPI_3_1()
    {
        await using var server = await EdgeServer.Start();

        using var answer = await server.Client.GetAsync("/openapi.json");
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var (document, diagnostic) = OpenApiDocument.Parse(text, "json");
        Assert.Empty(diagnostic!.Errors.Select(error => error.ToString()));
        Assert.Empty(diagnostic.Warnings.Select(warning => warning.ToString()));
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, diagnostic.SpecificationVersion);
        Assert.Equal("Ledgerline", document!.Info.Title);
        Assert.Equal(ProductVersion.Text, document.Info.Version);
    }

    [Fact]
    public async Task Every_route_is_in_the_document()
    {
        await using var server = await EdgeServer.Start();
        var document = await Read(server);

        var listed = document["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}"))
            .Concat(Unlisted.Keys).ToHashSet();
        var real = Routes(server).SelectMany(route => route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Select(method => $"{method} {Template(route)}") ?? []).ToHashSet();

        Sentences.None([.. real.Except(listed).Select(route => $"{route} is not in the document."), .. listed.Except(real).Select(route => $"{route} is no route.")]);
    }

    [Fact]
    public async Task Every_operation_says_what_it_does_what_it_answers_and_how_it_refuses()
    {
        await using var server = await EdgeServer.Start();
        var document = await Read(server);
        List<string> faults = [];
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                faults.AddRange(Faults(operation!.AsObject()).Select(fault => $"{method.ToUpperInvariant()} {path} {fault}"));
            }
        }

        Sentences.None(faults);

        var signedIn = Routes(server).Where(route => route.Metadata.GetMetadata<IAuthorizeData>() is not null && route.Metadata.GetMetadata<IAllowAnonymous>() is null);
        Assert.All(signedIn, route =>
        {
            var operation = document["paths"]![Template(route)]!.AsObject().First().Value!;
            Assert.Equal("""[{"Bearer":[]}]""", operation["security"]!.ToJsonString());
            Assert.NotNull(operation["responses"]!["401"]!["headers"]!["WWW-Authenticate"]);
        });
    }

    [Fact]
    public async Task A_route_shows_its_examples_its_refusals_and_those_that_follow_from_what_it_is()
    {
        await using var server = await EdgeServer.Start(map: app => app.MapPost("/things/{id}", Handle)
            .RequireAuthorization()
            .WithName("ChangeThing").WithTags("Things").WithSummary("Changes a thing").WithDescription("As it says.")
            .WithMetadata(FlatValidation.Form, RateLimit.Purchases)
            .ExampleRequest(new Order("blue", 3))
            .Example(new Thing("blue", 12.5m, null))
            .Parameter("query", "loud", "Whether to say so.", true)
            .Parameter("header", "Idempotency-Key", "Once only.", "k-1")
            .Refuses(402, "the credits do not suffice", new { Error = "Insufficient credits", CreditsNeeded = 40 })
            .Refuses(404, "there is no such thing", "Thing not found")
            .Refuses(404, "it is somebody else's", "Thing not found"));

        var operation = (await Read(server))["paths"]!["/things/{id}"]!["post"]!;

        Assert.Equal("Changes a thing", operation["summary"]!.ToString());
        Assert.Equal("""["Things"]""", operation["tags"]!.ToJsonString());
        Assert.Equal("""{"colour":"blue","count_of_things":3}""", operation["requestBody"]!["content"]!["application/json"]!["example"]!.ToJsonString());
        Assert.Equal("""{"colour":"blue","price_usd":12.5,"note":null}""", Body("200")["example"]!.ToJsonString());
        Assert.EndsWith("Thing", Body("200")["schema"]!["$ref"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(["id", "loud", "Idempotency-Key"], operation["parameters"]!.AsArray().Select(parameter => parameter!["name"]!.ToString()));
        Assert.Equal("Whether to say so.", operation["parameters"]![1]!["description"]!.ToString());
        Assert.Equal(["200", "401", "402", "404", "413", "422", "429"], operation["responses"]!.AsObject().Select(response => response.Key));
        Assert.Equal("""{"detail":{"error":"Insufficient credits","credits_needed":40}}""", Body("402")["examples"]!["refused"]!["value"]!.ToJsonString());
        Assert.Equal("integer", Body("402")["schema"]!["properties"]!["detail"]!["properties"]!["credits_needed"]!["type"]!.ToString());
        Assert.Equal(2, Body("404")["examples"]!.AsObject().Count);
        Assert.Equal("When there is no such thing; or when it is somebody else's.", operation["responses"]!["404"]!["description"]!.ToString());
        Assert.Equal("Validation error", Body("422")["examples"]!["refused"]!["value"]!["detail"]!.ToString());
        Assert.NotNull(operation["responses"]!["429"]!["headers"]!["Retry-After"]);

        JsonNode Body(string status) => operation["responses"]![status]!["content"]!["application/json"]!;
    }

    [Fact]
    public async Task An_upload_is_described_as_a_multipart_form()
    {
        await using var server = await EdgeServer.Start(map: app => app.MapPost("/upload", () => "thanks").WithSummary("Takes a file").Uploads("audio", "WAV, MP3 or FLAC"));

        var body = (await Read(server))["paths"]!["/upload"]!["post"]!["requestBody"]!["content"]!["multipart/form-data"]!["schema"]!;

        Assert.Equal("binary", body["properties"]!["audio"]!["format"]!.ToString());
        Assert.Equal("WAV, MP3 or FLAC", body["properties"]!["audio"]!["description"]!.ToString());
        Assert.Equal("""["audio"]""", body["required"]!.ToJsonString());
    }

    [Fact]
    public async Task The_document_is_the_same_each_time_and_can_be_switched_off()
    {
        await using var server = await EdgeServer.Start();
        using var first = await server.Client.GetAsync("/openapi.json");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/openapi.json") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        Assert.Equal(HttpStatusCode.NotModified, (await server.Client.SendAsync(again)).StatusCode);

        await using var silent = await EdgeServer.Start(settings: new() { ["DOCS_ENABLED"] = "false" });
        Assert.Equal(HttpStatusCode.NotFound, (await silent.Client.GetAsync("/openapi.json")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await silent.Client.GetAsync("/docs")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await silent.Client.GetAsync("/docs/swagger-ui-bundle.js")).StatusCode);
    }

    private static IEnumerable<string> Faults(JsonObject operation)
    {
        if (operation["summary"] is null || operation["description"] is null || operation["operationId"] is null || operation["tags"] is null)
        {
            yield return "lacks a summary, a description, a name or a tag.";
        }

        var responses = operation["responses"]!.AsObject();
        var success = responses.Where(response => response.Key.StartsWith('2')).ToList();
        if (success.Count == 0 || success.Exists(response => response.Value!["content"]?.AsObject().All(body => body.Value!["schema"] is not null || body.Value["example"] is not null) != true))
        {
            yield return "does not say what it answers.";
        }

        foreach (var (status, response) in responses.Where(response => response.Key[0] is '4'))
        {
            var shown = response!["content"]?["application/json"];
            if (shown?["schema"] is null || shown["examples"] is null)
            {
                yield return $"shows no example of its {status}.";
            }
        }
    }

    private static async Task<JsonNode> Read(EdgeServer server) => JsonNode.Parse(await server.Client.GetStringAsync("/openapi.json"))!;

    private static IEnumerable<RouteEndpoint> Routes(EdgeServer server) =>
        ((IEndpointRouteBuilder)server.App).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    private static string Template(RouteEndpoint route) =>
        "/" + System.Text.RegularExpressions.Regex.Replace(route.RoutePattern.RawText!.Trim('/'), @"\{\**(\w+)[^}]*\}", "{$1}");

    private static Ok<Thing> Handle(int id, Body<Order> body, bool? loud) => TypedResults.Ok(new Thing(body.Value.Colour, id, loud?.ToString()));

    internal sealed record Order(string Colour, int CountOfThings);

    internal sealed record Thing(string Colour, decimal PriceUsd, string? Note);
}
