using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace Sandbox.Stripe;

/// <summary>
/// Turns <c>a[b][0][c]=v</c> into nested objects; every leaf is a string still, and a list is an object with numbers for names:
/// whether it is one, <see cref="Parameters"/> knows.
/// </summary>
internal static class FormBody
{
    private const int MaximumDepth = 12;

    public static JsonObject Decode(string encoded)
    {
        var root = new Branch();
        foreach (var pair in new QueryStringEnumerable(encoded))
        {
            var name = pair.DecodeName().ToString();
            Put(root, name, Steps(name), pair.DecodeValue().ToString());
        }

        return root.ToObject();
    }

    private static List<string> Steps(string name)
    {
        var open = name.IndexOf('[', StringComparison.Ordinal);
        if (open < 0)
        {
            return [name];
        }

        if (open == 0 || name[^1] != ']')
        {
            throw StripeError.Invalid($"Invalid parameter name: {name}");
        }

        List<string> steps = [name[..open], .. name[(open + 1)..^1].Split("][")];
        return steps.Count <= MaximumDepth && steps.TrueForAll(step => !step.AsSpan().ContainsAny('[', ']'))
            ? steps
            : throw StripeError.Invalid($"Invalid parameter name: {name}");
    }

    private static void Put(Branch root, string name, List<string> steps, string value)
    {
        var at = root;
        for (var step = 0; step < steps.Count - 1; step++)
        {
            // `a[][b]` goes on filling the last entry until it meets a name that this entry has already.
            var key = steps[step].Length == 0 ? at.OpenEntry(steps[step + 1]) : steps[step];
            at = at.Child(key) ?? throw StripeError.Invalid($"Invalid parameter: {name} is used both as a value and as an object.", name);
        }

        var last = steps[^1].Length == 0 ? at.NextKey() : steps[^1];
        if (!at.Set(last, value))
        {
            throw StripeError.Invalid($"Invalid parameter: {name} is used both as a value and as an object.", name);
        }
    }

    private sealed class Branch
    {
        private readonly Dictionary<string, object> _entries = [];

        public string NextKey() => _entries.Count.ToString(CultureInfo.InvariantCulture);

        public string OpenEntry(string next)
        {
            var last = (_entries.Count - 1).ToString(CultureInfo.InvariantCulture);
            return _entries.GetValueOrDefault(last) is Branch branch && !branch._entries.ContainsKey(next) ? last : NextKey();
        }

        public Branch? Child(string key)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                _entries[key] = entry = new Branch();
            }

            return entry as Branch;
        }

        public bool Set(string key, string value)
        {
            if (_entries.GetValueOrDefault(key) is Branch)
            {
                return false;
            }

            _entries[key] = value;
            return true;
        }

        public JsonObject ToObject() =>
            new(_entries.Select(one => KeyValuePair.Create<string, JsonNode?>(one.Key, one.Value is Branch branch ? branch.ToObject() : JsonValue.Create((string)one.Value))));
    }
}
