using System.Text.RegularExpressions;

namespace Ledgerline.Http;

/// <summary>A parameter the framework could not read from the request, as the 422 that clients know. The framework tells it only in words.</summary>
internal static partial class Unbound
{
    /// <summary>Null when the failure is of another kind.</summary>
    public static Invalid? Read(BadHttpRequestException failure, HttpContext context)
    {
        if (Missing().Match(failure.Message) is { Success: true } missing)
        {
            return Invalid.Missing(
                missing.Groups["place"].Value switch { "route" => "path", "header" => "header", "query string" or "route or query string" => "query", _ => "body" },
                missing.Groups["name"].Value);
        }

        if (Wrong().Match(failure.Message) is not { Success: true } wrong)
        {
            return null;
        }

        var name = wrong.Groups["name"].Value;
        return new Invalid(context.Request.RouteValues.ContainsKey(name) ? "path" : "query", name, "Not a valid value", "type_error");
    }

    [GeneratedRegex("""^Required parameter ".* (?<name>[^ "]+)" was not provided from (?<place>[a-z ]+)\.""")]
    private static partial Regex Missing();

    [GeneratedRegex("""^Failed to bind parameter ".* (?<name>[^ "]+)" from """)]
    private static partial Regex Wrong();
}
