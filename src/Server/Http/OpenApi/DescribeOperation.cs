using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Ledgerline.Http.OpenApi;

/// <summary>Adds to an operation what its route says in <see cref="RouteDocs"/>, and the refusals that follow from its other metadata.</summary>
internal sealed class DescribeOperation(IOptions<JsonOptions> json) : IOpenApiOperationTransformer
{
    private const string Json = "application/json";

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var route = context.Description.ActionDescriptor.EndpointMetadata;
        AddParameters(operation, route);
        AddUpload(operation, route);
        AddRequestExample(operation, route);
        AddAnswerExample(operation, route);
        var signedIn = route.OfType<IAuthorizeData>().Any() && !route.OfType<IAllowAnonymous>().Any();
        if (signedIn)
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ErrorShapes.Bearer, context.Document)] = [] }];
        }

        foreach (var refusals in Refusals(operation, route, signedIn).GroupBy(refusal => refusal.Status).OrderBy(group => group.Key))
        {
            AddRefusals(operation, refusals.Key, [.. refusals]);
        }

        return Task.CompletedTask;
    }

    // In the shape of the route's area: a form of its own takes sentences, and objects as they are.
    private JsonNode Shape(IList<object> route, int status, object detail) => route.OfType<RefusalForm>().LastOrDefault() is not { } form
        ? new JsonObject { ["detail"] = Write(detail) }
        : Write(detail is string sentence ? form.Shape(status, sentence).Body : detail);

    private List<(int Status, string When, JsonNode Body)> Refusals(OpenApiOperation operation, IList<object> route, bool signedIn)
    {
        var all = route.OfType<RefusalDoc>().Select(doc => (doc.Status, doc.When, Body: Shape(route, doc.Status, doc.Detail))).ToList();
        if (signedIn && all.TrueForAll(refusal => refusal.Status != 401))
        {
            all.Add((401, "the token is missing, wrong, expired or revoked", Shape(route, 401, "Not authenticated")));
        }

        var hasBody = operation.RequestBody?.Content?.ContainsKey(Json) == true;
        if (hasBody && all.TrueForAll(refusal => refusal.Status != 413))
        {
            all.Add((413, "the body is larger than 1 MiB", Shape(route, 413, "Request body too large")));
        }

        if (!route.OfType<RefusalForm>().Any() && (operation.RequestBody is not null || operation.Parameters is { Count: > 0 }) && all.TrueForAll(refusal => refusal.Status != 422))
        {
            var flat = route.OfType<FlatValidation>().Any();
            all.Add((422, "the request is not valid", (flat ? ErrorShapes.FlatExample : ErrorShapes.ListExample).DeepClone()));
        }

        var limit = route.OfType<RateLimit>().LastOrDefault() ?? RateLimit.Everything;
        if (limit != RateLimit.None)
        {
            all.Add((429, "the rate limit is used up", Shape(route, 429, "Rate limit exceeded. Please try again later.")));
        }

        return all;
    }

    private static void AddRefusals(OpenApiOperation operation, int status, IReadOnlyList<(int Status, string When, JsonNode Body)> refusals)
    {
        var response = new OpenApiResponse
        {
            Description = "When " + string.Join("; or when ", refusals.Select(refusal => refusal.When)) + ".",
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [Json] = new()
                {
                    Schema = ErrorShapes.Of(refusals[0].Body),
                    Examples = refusals.Select((refusal, number) => (refusal, number)).ToDictionary(
                        one => refusals.Count == 1 ? "refused" : string.Create(CultureInfo.InvariantCulture, $"refused {one.number + 1}"),
                        one => (IOpenApiExample)new OpenApiExample { Summary = one.refusal.When, Value = one.refusal.Body }),
                },
            },
            Headers = status switch
            {
                401 => Header("WWW-Authenticate", "Always `Bearer`.", JsonSchemaType.String),
                429 => Header("Retry-After", "Whole seconds until it is worth trying again.", JsonSchemaType.Integer),
                _ => null,
            },
        };
        operation.Responses ??= [];
        operation.Responses[status.ToString(CultureInfo.InvariantCulture)] = response;
    }

    private static Dictionary<string, IOpenApiHeader> Header(string name, string description, JsonSchemaType type) =>
        new() { [name] = new OpenApiHeader { Description = description, Schema = new OpenApiSchema { Type = type } } };

    private void AddParameters(OpenApiOperation operation, IList<object> route)
    {
        foreach (var doc in route.OfType<ParameterDoc>())
        {
            operation.Parameters ??= [];
            var known = operation.Parameters.OfType<OpenApiParameter>().FirstOrDefault(parameter => parameter.Name == doc.Name);
            var parameter = known ?? new OpenApiParameter
            {
                Name = doc.Name,
                In = Enum.Parse<ParameterLocation>(doc.Place, ignoreCase: true),
                Required = doc.Place == "path",
                Schema = doc.Example is null ? new OpenApiSchema { Type = JsonSchemaType.String } : ErrorShapes.Of(Write(doc.Example)),
            };
            parameter.Description = doc.Description;
            parameter.Example = doc.Example is null ? null : Write(doc.Example);
            if (known is null)
            {
                operation.Parameters.Add(parameter);
            }
        }
    }

    private void AddUpload(OpenApiOperation operation, IList<object> route)
    {
        if (route.OfType<UploadDoc>().LastOrDefault() is not { } upload)
        {
            return;
        }

        var file = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary", Description = upload.Description };
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string> { upload.Field },
            Properties = new Dictionary<string, IOpenApiSchema> { [upload.Field] = file },
        };
        foreach (var field in route.OfType<FormFieldDoc>())
        {
            var property = ErrorShapes.Of(Write(field.Example));
            (property.Description, property.Examples) = (field.Description, [Write(field.Example)]);
            schema.Properties[field.Name] = property;
            if (field.Required)
            {
                schema.Required.Add(field.Name);
            }
        }

        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType> { ["multipart/form-data"] = new() { Schema = schema } },
        };
    }

    private void AddRequestExample(OpenApiOperation operation, IList<object> route)
    {
        if (route.OfType<RequestDoc>().LastOrDefault() is { } doc && operation.RequestBody?.Content is { } content)
        {
            foreach (var body in content.Values)
            {
                body.Example = Write(doc.Request);
            }
        }
    }

    private void AddAnswerExample(OpenApiOperation operation, IList<object> route)
    {
        if (route.OfType<AnswerDoc>().LastOrDefault() is not { } doc)
        {
            return;
        }

        operation.Responses ??= [];
        var success = operation.Responses.FirstOrDefault(response => response.Key.StartsWith('2')).Value as OpenApiResponse;
        if (success is null)
        {
            operation.Responses["200"] = success = new OpenApiResponse { Description = "OK" };
        }

        var example = Write(doc.Answer);
        success.Content ??= new Dictionary<string, OpenApiMediaType>();
        if (success.Content.Count == 0)
        {
            success.Content[Json] = new OpenApiMediaType { Schema = ErrorShapes.Of(example) };
        }

        foreach (var body in success.Content.Values)
        {
            body.Example = example;
        }
    }

    private JsonNode Write(object value) => JsonSerializer.SerializeToNode(value, json.Value.SerializerOptions)!;
}
