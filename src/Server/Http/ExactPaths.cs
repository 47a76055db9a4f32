using Microsoft.AspNetCore.Routing.Patterns;

namespace Ledgerline.Http;

/// <summary>Paths are case-sensitive, which the framework's routing is not.</summary>
internal static class ExactPaths
{
    /// <summary>Right after routing: a route that was found by other letters is not found.</summary>
    public static void UseExactPaths(this WebApplication app) => app.Use(static (context, next) =>
    {
        if (context.GetEndpoint() is RouteEndpoint route && !IsExact(route.RoutePattern, context.Request.Path.Value))
        {
            context.SetEndpoint(null);
        }

        return next(context);
    });

    private static bool IsExact(RoutePattern pattern, ReadOnlySpan<char> path)
    {
        foreach (var segment in pattern.PathSegments)
        {
            path = path.TrimStart('/');
            var end = path.IndexOf('/');
            var part = end < 0 ? path : path[..end];
            if (segment is { IsSimple: true, Parts: [RoutePatternLiteralPart literal] } && !part.SequenceEqual(literal.Content))
            {
                return false;
            }

            path = end < 0 ? default : path[end..];
        }

        return true;
    }
}
