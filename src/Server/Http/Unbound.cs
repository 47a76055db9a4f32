using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.ModelBinding;

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
                NameOnTheWire(missing.Groups["name"].Value, context));
        }

        if (Wrong().Match(failure.Message) is not { Success: true } wrong)
        {
            return null;
        }

        var name = NameOnTheWire(wrong.Groups["name"].Value, context);
        return new Invalid(context.Request.RouteValues.ContainsKey(name) ? "path" : "query", name, "Not a valid value", "type_error");
    }

    /// <summary>The same where the framework only refused, without a word: the first value in the query that is none of its parameter's.</summary>
    public static Invalid Find(HttpContext context) =>
        Parameters(context).FirstOrDefault(one => context.Request.Query.TryGetValue(NameOnTheWire(one), out var value) && !Fits($"{value}", one.ParameterType)) is { } wrong
            ? new Invalid("query", NameOnTheWire(wrong), "Not a valid value", "type_error")
            : new Invalid("query", "", "A parameter is not a valid value", "type_error");

    private static bool Fits(string value, Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var one when one == typeof(bool) => bool.TryParse(value, out _),
        var one when one == typeof(int) => int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _),
        var one when one == typeof(long) => long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _),
        _ => true,
    };

    // The framework speaks of the handler's own parameter; clients know it as they sent it.
    private static string NameOnTheWire(string parameter, HttpContext context) =>
        Parameters(context).FirstOrDefault(one => one.Name == parameter) is { } found ? NameOnTheWire(found) : parameter;

    private static string NameOnTheWire(ParameterInfo parameter) =>
        parameter.GetCustomAttributes(inherit: false).OfType<IModelNameProvider>().FirstOrDefault()?.Name ?? parameter.Name ?? "";

    private static ParameterInfo[] Parameters(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? [];

    [GeneratedRegex("""^Required parameter ".* (?<name>[^ "]+)" was not provided from (?<place>[a-z ]+)\.""")]
    private static partial Regex Missing();

    [GeneratedRegex("""^Failed to bind parameter ".* (?<name>[^ "]+)" from """)]
    private static partial Regex Wrong();
}
