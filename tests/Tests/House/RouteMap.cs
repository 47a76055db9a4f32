using System.Reflection;
using Ledgerline;
using Ledgerline.Http;
using Ledgerline.Identity;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace Tests.House;

/// <summary>One line of routes.txt.</summary>
internal sealed record RouteLine(string Method, string Path, string File, string Caller, string Limit);

/// <summary>The routes as the server really has them: what each is called, where it is written, who may call it, which limit counts it.</summary>
internal static class RouteMap
{
    private const string Unsaid = "?";

    /// <summary>The endpoint table of the product itself, which is built but not started.</summary>
    public static IReadOnlyList<RouteEndpoint> Live()
    {
        using var app = ServerApp.Build(["--environment=Development", "--DATABASE_URL=sqlite::memory:"]);
        return [.. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];
    }

    public static IEnumerable<RouteLine> Lines(IEnumerable<RouteEndpoint> routes) =>
        from route in routes
        from method in route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["ANY"]
        let line = new RouteLine(method, $"/{route.RoutePattern.RawText?.TrimStart('/')}", FileOf(route), Caller(route), Limit(route))
        orderby line.Path, line.Method
        select line;

    /// <summary>The map as text: one line a route, in columns.</summary>
    public static string Text(IEnumerable<RouteLine> lines)
    {
        var rows = lines.Select(line => new[] { line.Method, line.Path, line.File, line.Caller, line.Limit })
            .Prepend(["METHOD", "PATH", "FILE", "WHO MAY CALL", "RATE LIMIT"]).ToList();
        var widths = Enumerable.Range(0, 5).Select(column => rows.Max(row => row[column].Length)).ToList();
        return string.Concat(rows.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd() + "\n"));
    }

    /// <summary>Null when the route says all it must, else a sentence.</summary>
    public static string? Objection(RouteEndpoint route)
    {
        var name = $"{route.DisplayName?.Split(" => ")[0].Replace("HTTP: ", "", StringComparison.Ordinal)}";
        return Caller(route) == Unsaid ? $"{name} does not say who may call it: require authorization, allow anonymous, or name who signs."
            : Limit(route) == Unsaid ? $"{name} does not say which rate limit counts it: RateLimit.None is an answer too."
            : FileOf(route) == Unsaid ? $"{name} is written in no file of its name under src/Server."
            : IsOpen(route) && Handler(route)?.GetParameters().Any(p => p.ParameterType == typeof(CurrentAccount)) == true ? $"{name} takes the current account but lets anyone in."
            : null;
    }

    private static MethodInfo? Handler(RouteEndpoint route) => route.Metadata.GetMetadata<MethodInfo>();

    private static bool IsOpen(RouteEndpoint route) => route.Metadata.GetMetadata<IAllowAnonymous>() is not null || route.Metadata.GetMetadata<IAuthorizeData>() is null;

    private static string FileOf(RouteEndpoint route)
    {
        var type = Handler(route)?.DeclaringType;
        while (type?.DeclaringType is { } outer)
        {
            type = outer;
        }

        if (type is null || type.Assembly != typeof(ServerApp).Assembly)
        {
            return type?.Assembly.GetName().Name ?? Unsaid;
        }

        var file = $"{type.FullName!["Ledgerline.".Length..].Replace('.', '/')}.cs";
        return File.Exists(Repository.Path("src", "Server", file)) ? file : Unsaid;
    }

    private static string Caller(RouteEndpoint route) =>
        route.Metadata.GetMetadata<SignedBy>() is { } signer ? $"signed by {signer.Provider}"
        : route.Metadata.GetMetadata<IAllowAnonymous>() is not null ? "anyone"
        : route.Metadata.GetOrderedMetadata<IAuthorizeData>() is { Count: > 0 } rules ? string.Join(", ", rules.Select(Required).Distinct()) + Key(route)
        : Unsaid;

    private static string Key(RouteEndpoint route) => route.Metadata.GetMetadata<KeyScope>() is { } scope ? $" or key ({scope.Name})" : "";

    private static string Required(IAuthorizeData rule) => rule.Roles ?? rule.Policy ?? "signed in";

    private static string Limit(RouteEndpoint route) => route.Metadata.GetMetadata<RateLimit>()?.Group ?? Unsaid;
}
