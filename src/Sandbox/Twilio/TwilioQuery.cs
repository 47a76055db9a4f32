using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Sandbox.Core;

namespace Sandbox.Twilio;

/// <summary>What a list is asked for: filters by name, by time, and the page.</summary>
internal sealed class TwilioQuery(HttpContext context)
{
    private const int LargestPage = 1000;

    /// <summary>The value, or null when it is missing or empty.</summary>
    public string? this[string name] => context.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;

    /// <summary>Whether a thing has the value that is asked for, if any is.</summary>
    public bool Fits(string name, string? value) => this[name] is not { } asked || asked == value;

    /// <summary>The test of <c>Name</c> (that day), <c>Name&lt;</c> and <c>Name&gt;</c> (until and since, inclusive).</summary>
    public Func<DateTimeOffset?, bool> When(string name)
    {
        var (on, before, after) = (Instant(name, this[name]), Instant(name, this[name + "<"]), Instant(name, this[name + ">"]));
        return at => (on is null || at?.UtcDateTime.Date == on.Value.UtcDateTime.Date) && (before is null || at <= before) && (after is null || at >= after);
    }

    /// <summary>One page of a list, newest first, with the addresses of the others.</summary>
    public IResult Page<T>(string key, IReadOnlyList<T> all, Func<T, string> sid, Func<T, object> shape)
    {
        var (size, page) = (Number("PageSize", 50, 1, LargestPage), Number("Page", 0, 0, int.MaxValue));
        var start = this["PageToken"] is { } token ? all.TakeWhile(one => "PA" + sid(one) != token).Count() + 1 : (long)page * size;
        var shown = all.Skip((int)Math.Min(start, all.Count)).Take(size).ToList();
        var more = start + shown.Count < all.Count;
        return Json.Answer(new Dictionary<string, object?>
        {
            [key] = shown.Select(shape),
            ["page"] = page,
            ["page_size"] = size,
            ["start"] = start,
            ["end"] = start + Math.Max(0, shown.Count - 1),
            ["uri"] = Address(page, this["PageToken"]),
            ["first_page_uri"] = Address(0, null),
            ["next_page_uri"] = more ? Address(page + 1, "PA" + sid(shown[^1])) : null,
            ["previous_page_uri"] = page > 0 ? Address(page - 1, null) : null,
        });

        string Address(int at, string? token)
        {
            var kept = context.Request.Query.Where(one => one.Key is not ("Page" or "PageToken" or "PageSize"))
                .Select(one => KeyValuePair.Create<string, string?>(one.Key, one.Value.ToString())).ToList();
            kept.Add(new("PageSize", size.ToString(CultureInfo.InvariantCulture)));
            kept.Add(new("Page", at.ToString(CultureInfo.InvariantCulture)));
            if (token is not null)
            {
                kept.Add(new("PageToken", token));
            }

            return QueryHelpers.AddQueryString(TwilioRoutes.Below(context), kept);
        }
    }

    public int Number(string name, int otherwise, int least, int most) =>
        this[name] is not { } written ? otherwise
        : int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new TwilioError(400, 20001, $"{name} must be a number between {least} and {most}.");

    private static DateTimeOffset? Instant(string name, string? written) =>
        written is null ? null
        : DateTimeOffset.TryParse(written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at
        : throw new TwilioError(400, 20001, $"{name} is an instant, as 2026-01-31T12:00:00Z.");
}
