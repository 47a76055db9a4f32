using System.Text.Json.Nodes;

namespace Sandbox.Stripe;

/// <summary>Stripe's lists: newest first, a cursor in either direction, and whether there is more.</summary>
internal static class Listing
{
    /// <param name="call">Gives <c>limit</c>, <c>starting_after</c>, <c>ending_before</c> and <c>created</c>.</param>
    /// <param name="newestFirst">All that fit the call's other filters.</param>
    /// <param name="url">The list's own address.</param>
    public static JsonObject Of(StripeCall call, IEnumerable<JsonObject> newestFirst, string url)
    {
        var limit = call.Params.Long("limit") ?? 10;
        if (limit is < 1 or > 100)
        {
            throw StripeError.Invalid(limit < 1 ? "This value must be greater than or equal to 1." : "This value must be less than or equal to 100.", "limit", "parameter_invalid_integer");
        }

        var all = newestFirst.Where(one => Created(call, one)).ToList();
        var (after, before) = (call.Params.Text("starting_after"), call.Params.Text("ending_before"));
        if (after is not null && before is not null)
        {
            throw StripeError.Invalid("You can only specify one of these parameters: starting_after, ending_before.", "starting_after");
        }

        var size = (int)limit;
        if (before is not null)
        {
            var end = At(all, before, "ending_before");
            var start = Math.Max(0, end - size);
            return Page(all[start..end], start > 0, url);
        }

        var first = after is null ? 0 : At(all, after, "starting_after") + 1;
        return Page(all.Skip(first).Take(size), all.Count > first + size, url);
    }

    public static JsonObject Page(IEnumerable<JsonNode> data, bool hasMore, string url) => new()
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. data.Select(one => one.DeepClone())]),
        ["has_more"] = hasMore,
        ["url"] = url,
    };

    private static int At(List<JsonObject> all, string id, string param)
    {
        var at = all.FindIndex(one => one.Id() == id);
        return at >= 0 ? at : throw StripeError.Invalid($"No such object in this list: '{id}'", param, "resource_missing");
    }

    private static bool Created(StripeCall call, JsonObject one)
    {
        if (!call.Params.Has("created"))
        {
            return true;
        }

        var created = one.Long("created");
        var range = call.Params.Child("created");
        return call.Params.Long("created") is { } exactly
            ? created == exactly
            : (range.Long("gt") is not { } gt || created > gt) && (range.Long("gte") is not { } gte || created >= gte)
                && (range.Long("lt") is not { } lt || created < lt) && (range.Long("lte") is not { } lte || created <= lte);
    }
}
