using System.Text;
using System.Text.Json;

namespace Ledgerline.Providers.Stripe;

/// <summary>What Stripe tells by webhook: the envelope, and the object as it was when the event happened.</summary>
/// <param name="Created">Stripe's time, in whole seconds; events may arrive in any order.</param>
/// <param name="Subject">Undefined when the event brings no object.</param>
public sealed record StripeEvent(string Id, string Type, DateTimeOffset Created, bool Livemode, JsonElement Subject)
{
    private const int LongestName = 255;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The event and its text, or null when this is no event: not JSON, or without an id and a type.</summary>
    /// <param name="body">The raw bytes, whose signature has been verified.</param>
    /// <param name="now">Stands in for a missing time.</param>
    public static (StripeEvent Event, string Text)? Parse(ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        try
        {
            var text = Strict.GetString(body);
            return Parse(text, now) is { } parsed ? (parsed, text) : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, DateTimeOffset)"/>
    public static StripeEvent? Parse(string text, DateTimeOffset now)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            return root.Text("id") is { Length: > 0 and <= LongestName } id && root.Text("type") is { Length: > 0 and <= LongestName } type
                && !id.Contains('\0') && !type.Contains('\0')
                ? new StripeEvent(
                    id,
                    type,
                    root.Member("created") is { ValueKind: JsonValueKind.Number } created && created.TryGetInt64(out var seconds) && seconds is >= 0 and < 253402300800
                        ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                        : now,
                    root.Member("livemode").ValueKind == JsonValueKind.True,
                    root.Member("data").Member("object").Kept())
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The object as one of the wire records; null when it is not of that shape.</summary>
    public T? SubjectAs<T>()
        where T : class
    {
        try
        {
            return Subject.ValueKind == JsonValueKind.Object ? Subject.Deserialize<T>(StripeJson.Options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
