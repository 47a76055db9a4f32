using System.Globalization;
using System.Text;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Identity;

/// <summary>The master secret, how long tokens are good, how hard passwords are hashed.</summary>
public sealed record IdentityOptions
{
    /// <summary>Known to everybody who can read this line: for one's own machine only.</summary>
    internal const string DevelopmentSecret = "ledgerline-development-secret-for-one-machine-only";

    private const int LongestDays = 3650;
    private const int ShortestSecret = 32;

    private static readonly string[] Placeholders =
        [DevelopmentSecret, "secret", "changeme", "change-me", "change_me", "your-secret-key", "your_secret_key", "supersecret", "development", "test"];

    public required ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>True where no secret was set and Development lent its own.</summary>
    internal bool SecretIsBorrowed { get; init; }

    /// <summary>Cookies are sent over HTTPS only, except in Development.</summary>
    internal bool SecureCookies { get; init; } = true;

    public TimeSpan AccessLifetime { get; init; } = TimeSpan.FromMinutes(30);
    public TimeSpan RefreshLifetime { get; init; } = TimeSpan.FromDays(30);
    public TimeSpan DesktopLifetime { get; init; } = TimeSpan.FromDays(30);
    public TimeSpan OneTimeCodeLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>One-time codes are in the answer too, for one's own machine; then it also says that nobody has a number.</summary>
    internal bool EchoesCodes { get; init; }

    /// <summary>Rounds of PBKDF2-HMAC-SHA512; stored hashes with fewer are renewed at the next sign-in.</summary>
    public int PasswordIterations { get; init; } = 210_000;

    /// <summary>For so long after its last use a signing key must still verify.</summary>
    public TimeSpan LongestAccess => new[] { AccessLifetime, DesktopLifetime, OneTimeCodeLifetime }.Max();

    /// <exception cref="FormatException">A setting is missing or makes no sense; the message names it.</exception>
    public static IdentityOptions From(ProviderSettings settings)
    {
        var given = settings["SECRET_KEY"] ?? settings["JWT_SECRET"];
        if (!settings.IsDevelopment && Weakness(given) is { } weakness)
        {
            throw new FormatException($"SECRET_KEY {weakness}: give a long random text, the same on every node, and keep it.");
        }

        return new IdentityOptions
        {
            Secret = Encoding.UTF8.GetBytes(given ?? DevelopmentSecret),
            SecretIsBorrowed = given is null,
            SecureCookies = !settings.IsDevelopment,
            AccessLifetime = TimeSpan.FromMinutes(Whole(settings, "ACCESS_TOKEN_EXPIRE_MINUTES", 30, 525_600)),
            RefreshLifetime = TimeSpan.FromDays(Whole(settings, "REFRESH_TOKEN_EXPIRE_DAYS", 30, LongestDays)),
            DesktopLifetime = TimeSpan.FromDays(Whole(settings, "DESKTOP_TOKEN_EXPIRE_DAYS", 30, LongestDays)),
            OneTimeCodeLifetime = TimeSpan.FromDays(Whole(settings, "OTP_TOKEN_EXPIRE_DAYS", 7, LongestDays)),
            EchoesCodes = Echo(settings),
            PasswordIterations = Whole(settings, "PASSWORD_ITERATIONS", 210_000, 10_000_000),
        };
    }

    private static string? Weakness(string? secret) =>
        secret is null ? "is not set"
        : Placeholders.Contains(secret, StringComparer.OrdinalIgnoreCase) ? "is a placeholder that everybody knows"
        : secret.Length < ShortestSecret ? $"has fewer than {ShortestSecret} characters"
        : null;

    private static bool Echo(ProviderSettings settings) => settings["OTP_ECHO_IN_RESPONSE"]?.ToLowerInvariant() switch
    {
        null => settings.IsDevelopment,
        "false" => false,
        "true" when settings.IsDevelopment => true,
        "true" => throw new FormatException("OTP_ECHO_IN_RESPONSE is true outside Development: anybody could sign in as anybody. Set it to false, or leave it out."),
        _ => throw new FormatException("OTP_ECHO_IN_RESPONSE must be true or false."),
    };

    private static int Whole(ProviderSettings settings, string name, int otherwise, int most) =>
        settings[name] is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= most ? number
        : throw new FormatException($"{name} must be a whole number from 1 to {most}.");
}
