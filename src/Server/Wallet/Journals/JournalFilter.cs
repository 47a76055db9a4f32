using System.Globalization;
using Ledgerline.Kernel;

namespace Ledgerline.Wallet.Journals;

/// <summary>Which part of the books is wanted; nothing said: all of them.</summary>
/// <param name="From">The first moment that counts.</param>
/// <param name="To">The first moment that does not count any more.</param>
public sealed record JournalFilter(AccountId? Account = null, string? Unit = null, DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    public const string Options = "--account ID, --unit NAME, --from YYYY-MM-DD and --to YYYY-MM-DD (UTC, --to not included)";

    /// <summary>Whether nothing is left out in time, so that the balances are those of today.</summary>
    public bool IsWhole => From is null && To is null;

    /// <summary>Reads <c>--name value</c> and <c>--name=value</c>; settings in capitals are for others.</summary>
    /// <exception cref="FormatException">An option is unknown, or has no value that makes sense.</exception>
    public static JournalFilter Parse(IReadOnlyList<string> words)
    {
        var filter = new JournalFilter();
        for (var at = 0; at < words.Count; at++)
        {
            var (name, value) = words[at].Split('=', 2) is [var before, var after] ? (before, after) : (words[at], null);
            if (name.StartsWith("--", StringComparison.Ordinal) && !name.Any(char.IsAsciiLetterLower))
            {
                at += value is null ? 1 : 0;
                continue;
            }

            filter = filter.With(name, value ?? (++at < words.Count ? words[at] : throw new FormatException($"{name} needs a value: journal takes {Options}.")));
        }

        return filter;
    }

    private JournalFilter With(string name, string value) => name switch
    {
        "--account" => this with { Account = AccountId.TryParse(value, out var account) ? account : throw new FormatException($"--account must be an account's id, not {value}.") },
        "--unit" => this with { Unit = value },
        "--from" => this with { From = Day(name, value) },
        "--to" => this with { To = Day(name, value) },
        _ => throw new FormatException($"There is no {name}: journal takes {Options}."),
    };

    private static DateTimeOffset Day(string name, string value) =>
        DateTimeOffset.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day)
            ? day
            : throw new FormatException($"{name} must be a day such as 2026-01-31, not {value}.");
}
