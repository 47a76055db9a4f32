using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Sandbox.Twilio;

/// <summary>A form as Twilio takes it: flat names in PascalCase; a name the call does not know, and a name given twice, are refused.</summary>
internal sealed class TwilioForm
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private TwilioForm()
    {
    }

    /// <summary>The value, or null when it is missing or empty.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    public bool Has(string name) => _values.ContainsKey(name);

    public static async Task<TwilioForm> Read(HttpContext context, params string[] known)
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
            var name = pair.DecodeName().ToString();
            if (!known.Contains(name))
            {
                throw new TwilioError(400, 20001, $"Unknown parameter: {name}. The sandbox plays {string.Join(", ", known)} here.");
            }

            if (!form._values.TryAdd(name, pair.DecodeValue().ToString()))
            {
                throw new TwilioError(400, 20001, $"The parameter {name} is given more than once.");
            }
        }

        return form;
    }
}
