using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;

namespace Tests.Specs;

/// <summary>Turns what NJsonSchema found into one sentence about the first violation.</summary>
internal static class SpecViolation
{
    public static string Describe(IEnumerable<ValidationError> errors, JToken value, string word)
    {
        var error = Innermost(errors.First());
        var place = Place(error);
        var given = Given(value, place);
        return error.Kind switch
        {
            ValidationErrorKind.NoAdditionalPropertiesAllowed => $"the {word} {place} is not in the specification",
            ValidationErrorKind.PropertyRequired => $"the {word} {place} is missing",
            ValidationErrorKind.NotInEnumeration => $"the {word} {place} is {given}, not one of {Listed(error.Schema)}",
            _ when Expected(error.Kind) is { } type => $"the {word} {place} should be {type}, not {given}",
            _ => $"the {word} {place} is {given}: {error.Kind}",
        };
    }

    // A union that nothing fits is explained by the branch that came nearest.
    private static ValidationError Innermost(ValidationError error) => error is ChildSchemaValidationError { Errors.Count: > 0 } union
        ? Innermost(union.Errors.Values.Where(branch => branch.Count > 0).OrderBy(branch => Distance(branch, union)).First().First())
        : error;

    private static int Distance(ICollection<ValidationError> branch, ValidationError union) =>
        branch.Sum(e => e.Path == union.Path ? 1000 : IsDiscriminator(e) ? 100 : 1);

    private static bool IsDiscriminator(ValidationError error) =>
        error.Kind == ValidationErrorKind.NotInEnumeration && error.Property is "object" or "type";

    private static string Place(ValidationError error) => (error.Path ?? "").TrimStart('#').TrimStart('/');

    private static string Given(JToken value, string place)
    {
        var text = (place.Length == 0 ? value : value.SelectToken(place))?.ToString(Formatting.None) ?? "missing";
        return text.Length <= 80 ? text : text[..80] + "…";
    }

    private static string Listed(JsonSchema schema)
    {
        var allowed = schema.Enumeration.Select(v => v?.ToString() ?? "null").ToList();
        return string.Join(", ", allowed.Take(12)) + (allowed.Count > 12 ? ", …" : "");
    }

    private static string? Expected(ValidationErrorKind kind) => kind switch
    {
        ValidationErrorKind.IntegerExpected => "an integer",
        ValidationErrorKind.NumberExpected => "a number",
        ValidationErrorKind.BooleanExpected => "true or false",
        ValidationErrorKind.StringExpected => "a string",
        ValidationErrorKind.ArrayExpected => "a list",
        ValidationErrorKind.ObjectExpected => "an object",
        ValidationErrorKind.NullExpected => "null",
        _ => null,
    };
}
