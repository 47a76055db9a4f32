namespace Ledgerline.Kernel;

/// <summary>A phone number as the world writes it (E.164): <c>+</c> and 7 to 15 digits, the first not 0. Equal numbers are equal texts.</summary>
public sealed record PhoneNumber
{
    private const int Fewest = 7;
    private const int Most = 15;
    private const int National = 10;
    private const int LongestText = 64;
    private const string Dropped = " -()[]";

    private PhoneNumber(string value) => Value = value;

    public string Value { get; }

    /// <summary>
    /// Spaces, dashes and brackets are dropped; ten digits without a <c>+</c> are North American. Null for what is no number. Whether
    /// somebody has it only a message can tell.
    /// </summary>
    public static PhoneNumber? Parse(string text)
    {
        if (text.Length > LongestText)
        {
            return null;
        }

        var kept = string.Concat(text.Where(letter => !Dropped.Contains(letter, StringComparison.Ordinal)));
        var digits = kept.StartsWith('+') ? kept[1..] : kept;
        // No country's code and no North American area begins with 0.
        if (digits.Length is < Fewest or > Most || digits[0] == '0' || !digits.All(char.IsAsciiDigit))
        {
            return null;
        }

        return kept.Length > digits.Length ? new PhoneNumber(kept) : kept.Length == National ? new PhoneNumber("+1" + kept) : null;
    }

    /// <summary>Not the number: it is personal, and texts end up in logs.</summary>
    public override string ToString() => $"+…{Value[^2..]}";
}
