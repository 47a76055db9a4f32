namespace Ledgerline.Http;

/// <summary>
/// The request itself is wrong: answered 422 in the form of the route's area. Thrown while reading a request, before anything is done.
/// </summary>
/// <param name="place"><c>body</c>, <c>query</c>, <c>path</c> or <c>header</c>.</param>
public sealed class Invalid(string place, string field, string message, string type = "value_error") : Exception(message)
{
    public string Place { get; } = place;
    public string Field { get; } = field;
    public string Type { get; } = type;

    public static Invalid Missing(string place, string field) => new(place, field, "Field required", "missing");
}

/// <summary>Marks routes whose 422 has the flat form instead of the list form.</summary>
public sealed class FlatValidation
{
    public static readonly FlatValidation Form = new();
}
