using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Ledgerline.Http;

/// <summary>Query names are case-sensitive, which the framework's own collection is not: it takes <c>Language</c> for <c>language</c>.</summary>
internal sealed class ExactQuery(HttpContext context) : IQueryFeature
{
    private IQueryCollection? query;

    public IQueryCollection Query
    {
        get => query ??= Read(context.Request.QueryString);
        set => query = value;
    }

    private static QueryCollection Read(QueryString text)
    {
        var values = new Dictionary<string, StringValues>(StringComparer.Ordinal);
        foreach (var pair in new QueryStringEnumerable(text.Value))
        {
            var name = pair.DecodeName().ToString();
            values[name] = StringValues.Concat(values.GetValueOrDefault(name), pair.DecodeValue().ToString());
        }

        return new QueryCollection(values);
    }
}

/// <summary>Puts <see cref="ExactQuery"/> before every handler, and before the framework binds their parameters.</summary>
internal static class ExactQueries
{
    public static void UseExactQueries(this WebApplication app) => app.Use(static (context, next) =>
    {
        context.Features.Set<IQueryFeature>(new ExactQuery(context));
        return next(context);
    });
}
