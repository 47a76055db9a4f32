using System.Text.RegularExpressions;
using Ledgerline.Kernel;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Calls;

/// <summary>What a person is told before their call is recorded. With one, nothing is recorded before it was said.</summary>
/// <param name="Language">In which the carrier reads it: <c>de-DE</c>; null: American English.</param>
internal sealed partial record RecordingNotice(string Sentence, string? Language)
{
    public const string Setting = "CALL_RECORDING_NOTICE";
    public const string LanguageSetting = "CALL_RECORDING_NOTICE_LANGUAGE";

    // It has to be over before the stream's token is.
    private const int Longest = 300;

    /// <summary>Null where the operator has none.</summary>
    /// <exception cref="FormatException">It cannot be said.</exception>
    public static RecordingNotice? From(ProviderSettings settings)
    {
        if (settings[Setting] is not { } sentence)
        {
            return null;
        }

        if (sentence.Length > Longest || sentence.EnumerateRunes().Any(ShownText.IsUnfit))
        {
            throw new FormatException($"{Setting} must be a sentence of up to {Longest} characters.");
        }

        return settings[LanguageSetting] is not { } language ? new RecordingNotice(sentence, null)
            : Tag().IsMatch(language) ? new RecordingNotice(sentence, language)
            : throw new FormatException($"{LanguageSetting} must be a language and a country, such as de-DE.");
    }

    [GeneratedRegex("^[a-z]{2,3}-[A-Z]{2}$")]
    private static partial Regex Tag();
}
