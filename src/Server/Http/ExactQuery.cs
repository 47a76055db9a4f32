using Microsoft.AspNetCore.WebUtilities;

namespace Ledgerline.Http;

/// <summary>Query values by their exact name: the framework's own collection takes <c>Language</c> for <c>language</c>.</summary>
public static class ExactQuery
{
    /// <summary>Every value of that name, in order; none when it does not occur.</summary>
    public static IReadOnlyList<string> QueryValues(this HttpRequest request, string name)
    {
        List<string> values = [];
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            if (pair.DecodeName().Span.SequenceEqual(name))
            {
                values.Add(pair.DecodeValue().ToString());
            }
        }

        return values;
    }
}
