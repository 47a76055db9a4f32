using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;

namespace Ledgerline.Http.OpenApi;

/// <summary>Names of schemas: the use case and its part (<c>LogInAnswer</c>), since every use case has a Request and an Answer.</summary>
internal static class SchemaNames
{
    public static string? Of(JsonTypeInfo type)
    {
        var name = OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        return name is not null && type.Type is { IsNested: true, IsGenericType: false, DeclaringType: { } useCase } ? useCase.Name + name : name;
    }
}
