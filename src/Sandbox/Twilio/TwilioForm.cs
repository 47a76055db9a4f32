using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Sandbox.Twilio;

/// <summary>A form as Twilio takes it: flat names in PascalCase; a name the call does not know, and one given twice that is no list, are refused.</summary>
internal sealed class TwilioForm
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    private TwilioForm()
    {
    }

    /// <summary>The value, or null when it is missing or empty.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name) is [{ Length: > 0 } value, ..] ? value : null;

    public bool Has(string name) => _values.ContainsKey(name);

    public static Task<TwilioForm> Read(HttpContext context, params string[] known) => Read(context, [], known);

    /// <param name="context">The request.</param>
    /// <param name="lists">Names that may be given more than once.</param>
    /// <param name="known">The other names.</param>
    public static async Task<TwilioForm> Read(HttpContext context, string[] lists, string[] known)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (body.Length > 0 && context.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true)
        {
            throw new TwilioError(415, 20005, "The body must be a form: application/x-www-form-urlencoded.");
        }

        var form = new TwilioForm();
        foreach (var pair in new QueryStringEnumerable(Encoding.UTF8.GetString(body.ToArray())))
        {
            var (name, value) = (pair.DecodeName().ToString(), pair.DecodeValue().ToString());
            if (!known.Contains(name) && !lists.Contains(name))
            {
                throw new TwilioError(400, 20001, $"Unknown parameter: {name}. The sandbox plays {string.Join(", ", known.Concat(lists))} here.");
            }

            if (form._values.TryGetValue(name, out var given))
            {
                given.Add(lists.Contains(name) ? value : throw new TwilioError(400, 20001, $"The parameter {name} is given more than once."));
            }
            else
            {
                form._values[name] = [value];
            }
        }

        return form;
    }

    /// <summary>All values of a list; also written in one, with spaces between.</summary>
    public IReadOnlyList<string> All(string name) =>
        [.. _values.GetValueOrDefault(name, []).SelectMany(value => value.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>An address of ours, or null when none is given.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="code">How Twilio numbers the refusal.</param>
    public Uri? Address(string name, int code) =>
        this[name] is not { } written ? null
        : Uri.TryCreate(written, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
        : throw new TwilioError(400, code, $"The {name} URL {written} is not a valid URL.");

    /// <summary>A whole number between two others, or null when none is given.</summary>
    public int? Number(string name, int least, int most, int code = 20001) =>
        this[name] is not { } written ? null
        : int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new TwilioError(400, code, $"{name} must be a number between {least} and {most}.");

    public bool? Flag(string name) => this[name] switch
    {
        null => null,
        "true" or "True" => true,
        "false" or "False" => false,
        _ => throw new TwilioError(400, 20001, $"{name} is true or false."),
    };

    /// <summary>One of a few words; the first when none is given.</summary>
    public string OneOf(string name, params string[] words) =>
        this[name] is not { } written ? words[0]
        : words.Contains(written) ? written
        : throw new TwilioError(400, 20001, $"{name} is one of {string.Join(", ", words)}.");
}
