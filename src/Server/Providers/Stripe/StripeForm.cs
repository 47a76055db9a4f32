using System.Globalization;

namespace Ledgerline.Providers.Stripe;

/// <summary>A form as Stripe reads it; what is null is not sent.</summary>
internal sealed class StripeForm : List<KeyValuePair<string, string>>
{
    public StripeForm With(string name, string? value)
    {
        if (value is not null)
        {
            Add(new(name, value));
        }

        return this;
    }

    public StripeForm With(string name, long? value) => With(name, value?.ToString(CultureInfo.InvariantCulture));

    public StripeForm With(string name, bool? value) => With(name, value switch { true => "true", false => "false", null => null });

    public StripeForm With(string name, DateTimeOffset? value) => With(name, value?.ToUnixTimeSeconds());

    public StripeForm WithMetadata(IReadOnlyDictionary<string, string> metadata)
    {
        foreach (var (name, value) in metadata)
        {
            With($"metadata[{name}]", value);
        }

        return this;
    }
}
