using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;

namespace Ledgerline.Http;

/// <summary>A JSON body of at most 1 MiB. What cannot be read is <see cref="Invalid"/>, never a 500.</summary>
public sealed record Body<T>(T Value) : IEndpointParameterMetadataProvider
{
    public const int LargestBytes = 1024 * 1024;

    public static async ValueTask<Body<T>> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        try
        {
            var value = await context.Request.ReadFromJsonAsync<T>(context.RequestAborted);
            return value is null ? throw Invalid.Missing("body", "") : new Body<T>(value);
        }
        catch (JsonException failure)
        {
            // A fault of syntax comes with the reader's own exception inside; where it was noticed says nothing about a field.
            var field = failure.InnerException is JsonException ? "" : failure.Path?.TrimStart('$', '.') ?? "";
            throw new Invalid("body", field, field.Length > 0 ? "Not a valid value" : "Not valid JSON", "json_invalid");
        }
        catch (InvalidOperationException)
        {
            throw new Invalid("body", "", "The body must be JSON with Content-Type: application/json", "json_invalid");
        }
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T)));
}
