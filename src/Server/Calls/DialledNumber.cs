using Ledgerline.Providers.Wire;
using PhoneNumbers;

namespace Ledgerline.Calls;

/// <summary>What a number that somebody wants to call is: fit to be dialled, or why not.</summary>
/// <param name="Value">E.164; null when it is refused.</param>
/// <param name="Refusal">A sentence; null when it may be dialled.</param>
internal readonly record struct DialledNumber(string? Value, string? Refusal)
{
    public const string Invalid = "Invalid phone number";
    public const string NotAllowed = "Calls to this number are not allowed";

    public static DialledNumber Of(string value) => new(value, null);

    public static DialledNumber No(string sentence) => new(null, sentence);
}

/// <summary>Which numbers are dialled, and when it is a decent time to ring there.</summary>
/// <param name="Allowed">Prefixes; empty: all.</param>
/// <param name="Blocked">Prefixes; they win.</param>
internal sealed record NumberRules(IReadOnlyList<string> Allowed, IReadOnlyList<string> Blocked, CallingHours? Hours)
{
    private const int LongestText = 64;
    private const string Dropped = " .-()[]\u00a0/";

    // Satellites, international networks and international premium rate: nobody calls them by chance.
    private static readonly string[] Special = ["+870", "+878", "+881", "+882", "+883", "+979"];

    private static readonly PhoneNumberUtil Numbers = PhoneNumberUtil.GetInstance();
    private static readonly ShortNumberInfo Short = ShortNumberInfo.GetInstance();

    public static NumberRules From(ProviderSettings settings) => new(
        Prefixes(settings, "CALL_ALLOWED_PREFIXES"), Prefixes(settings, "CALL_BLOCKED_PREFIXES"), CallingHours.Parse(settings["CALL_HOURS"]));

    /// <summary>
    /// As clients write it: with <c>+</c> and 8 to 15 digits, eleven that begin with 1, ten (North American), or 12 to 15 without the
    /// <c>+</c>. Premium rate and emergency numbers are never dialled.
    /// </summary>
    public DialledNumber Read(string? text) => Normalise(text) is { } number ? Judge(number) : DialledNumber.No(DialledNumber.Invalid);

    /// <summary>When it is next a decent time to ring there; null: now.</summary>
    public DateTimeOffset? DecentTime(string number, DateTimeOffset now) => Hours?.NextIn(number, now);

    /// <summary>E.164, or null for what is no number.</summary>
    public static string? Normalise(string? text)
    {
        if (text is null || text.Length > LongestText)
        {
            return null;
        }

        var kept = string.Concat(text.Where(letter => !Dropped.Contains(letter, StringComparison.Ordinal)));
        var isInternational = kept.StartsWith('+');
        var digits = isInternational ? kept[1..] : kept;
        // No country's code and no North American area begins with 0.
        if (digits.Length == 0 || digits[0] == '0' || !digits.All(char.IsAsciiDigit))
        {
            return null;
        }

        var number = (isInternational, digits.Length) switch
        {
            (true, >= 8 and <= 15) => $"+{digits}",
            (false, 10) => $"+1{digits}",
            (false, 11) when digits[0] == '1' => $"+{digits}",
            (false, >= 12 and <= 15) => $"+{digits}",
            _ => null,
        };
        return number is null ? null : Canonical(number);
    }

    private DialledNumber Judge(string number) =>
        Blocked.Any(prefix => number.StartsWith(prefix, StringComparison.Ordinal)) || Allowed.Count > 0 && !Allowed.Any(prefix => number.StartsWith(prefix, StringComparison.Ordinal))
            || IsDearOrUrgent(number)
            ? DialledNumber.No(DialledNumber.NotAllowed)
            : DialledNumber.Of(number);

    // A digit more or less makes a number that no list has; where it leads is the same. So all its beginnings are looked up, and itself with
    // some digits more.
    private static bool IsDearOrUrgent(string number) =>
        Special.Any(prefix => number.StartsWith(prefix, StringComparison.Ordinal))
        || Enumerable.Range(8, Math.Max(0, number.Length - 7)).Select(length => number[..length]).Append($"{number}0").Append($"{number}00").Any(IsDearItself);

    private static bool IsDearItself(string number) => Parse(number) is { } parsed
        && (Numbers.GetNumberType(parsed) is PhoneNumberType.PREMIUM_RATE or PhoneNumberType.SHARED_COST
            || Numbers.GetRegionCodesForCountryCode(parsed.CountryCode).Any(region => Short.ConnectsToEmergencyNumber($"{parsed.NationalNumber}", region)));

    // Without the zero that is only dialled inside a country: one person has one number. What the library does not know stays as it is.
    private static string Canonical(string number) => Parse(number) is { } parsed && Numbers.IsPossibleNumber(parsed) ? Numbers.Format(parsed, PhoneNumberFormat.E164) : number;

    private static PhoneNumbers.PhoneNumber? Parse(string number)
    {
        try
        {
            return Numbers.Parse(number, null);
        }
        catch (NumberParseException)
        {
            return null;
        }
    }

    private static IReadOnlyList<string> Prefixes(ProviderSettings settings, string name) =>
    [
        .. (settings[name] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(prefix => prefix.StartsWith('+') && prefix.Length > 1 && prefix[1..].All(char.IsAsciiDigit)
                ? prefix
                : throw new FormatException($"{name} must be prefixes such as +1,+49, each a + and digits.")),
    ];
}
