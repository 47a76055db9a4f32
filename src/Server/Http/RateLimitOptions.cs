using System.Globalization;

namespace Ledgerline.Http;

/// <summary>The limits as the operator wants them: <c>RATELIMIT_GROUP</c>, and <c>ENABLE_RATE_LIMITING=false</c> outside Production.</summary>
public sealed class RateLimitOptions(IConfiguration settings, IHostEnvironment environment)
{
    private readonly bool on = environment.IsProduction()
        || !string.Equals(settings["ENABLE_RATE_LIMITING"]?.Trim(), "false", StringComparison.OrdinalIgnoreCase);

    /// <summary>Requests a minute; 0 when nothing is counted.</summary>
    public int For(RateLimit limit) => on ? Read(Name(limit), limit.PerMinute) : 0;

    public int ForAnonymous(RateLimit limit) => For(limit) == 0 ? 0 : limit.PerMinuteAnonymous is { } own ? Read(Name(limit) + "_ANONYMOUS", own) : For(limit);

    public int ForClient(RateLimit limit) => For(limit) == 0 || limit.PerMinuteClient is not { } own ? 0 : Read(Name(limit) + "_CLIENT", own);

    private static string Name(RateLimit limit) => "RATELIMIT_" + limit.Group.ToUpperInvariant().Replace('-', '_');

    private int Read(string name, int otherwise) =>
        settings[name]?.Trim() is not { Length: > 0 } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"{name} must be a whole number of requests a minute; 0 switches the limit off.");
}
