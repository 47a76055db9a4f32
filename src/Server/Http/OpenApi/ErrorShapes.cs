using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Ledgerline.Http.OpenApi;

/// <summary>The schemas of errors, and of examples that have no type of their own.</summary>
internal static class ErrorShapes
{
    public const string Bearer = "Bearer";

    public static readonly JsonNode ListExample = JsonNode.Parse(
        """{"detail":[{"loc":["body","email"],"msg":"Field required","type":"missing"}]}""")!;

    public static readonly JsonNode FlatExample = JsonNode.Parse(
        """{"detail":"Validation error","errors":[{"field":"body -> email","message":"Field required"}]}""")!;

    /// <summary>The schema that this value has; every property it shows is required.</summary>
    public static OpenApiSchema Of(JsonNode? example) => example switch
    {
        JsonObject properties => new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = properties.ToDictionary(property => property.Key, property => (IOpenApiSchema)Of(property.Value)),
            Required = properties.Select(property => property.Key).ToHashSet(),
        },
        JsonArray items => new OpenApiSchema { Type = JsonSchemaType.Array, Items = Of(items.FirstOrDefault()) },
        JsonValue value => new OpenApiSchema { Type = TypeOf(value) },
        _ => new OpenApiSchema(),
    };

    private static JsonSchemaType TypeOf(JsonValue value) => value.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.Number => value.ToJsonString().Contains('.') ? JsonSchemaType.Number : JsonSchemaType.Integer,
        System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => JsonSchemaType.Boolean,
        _ => JsonSchemaType.String,
    };
}
