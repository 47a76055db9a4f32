using System.Globalization;

namespace Ledgerline.Http;

/// <summary>The limits as the operator wants them: <c>RATELIMIT_GROUP</c>, and <c>ENABLE_RATE_LIMITING=false</c> outside Production.</summary>
public sealed class RateLimitOptions(IConfiguration settings, IHostEnvironment environment)
{
    private const string Prefix = "RATELIMIT_";

    private readonly bool on = environment.IsProduction()
        || !string.Equals(settings["ENABLE_RATE_LIMITING"]?.Trim(), "false", StringComparison.OrdinalIgnoreCase);

    /// <summary>Requests a minute; 0 when nothing is counted.</summary>
    public int For(RateLimit limit) => on ? Read(Name(limit), limit.PerMinute) : 0;

    public int ForAnonymous(RateLimit limit) => For(limit) == 0 ? 0 : limit.PerMinuteAnonymous is { } own ? Read(Name(limit) + "_ANONYMOUS", own) : For(limit);

    public int ForClient(RateLimit limit) => Besides(limit, "_CLIENT", limit.PerMinuteClient);

    /// <summary>Requests an hour.</summary>
    public int ForHour(RateLimit limit) => Besides(limit, "_HOUR", limit.PerHour);

    /// <inheritdoc cref="ForHour"/>
    public int ForClientHour(RateLimit limit) => Besides(limit, "_CLIENT_HOUR", limit.PerHourClient);

    /// <exception cref="FormatException">A limit is not a whole number.</exception>
    public void Check()
    {
        foreach (var (name, value) in settings.AsEnumerable().Where(setting => setting.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)))
        {
            Parse(name, value);
        }
    }

    private static string Name(RateLimit limit) => Prefix + limit.Group.ToUpperInvariant().Replace('-', '_');

    private int Besides(RateLimit limit, string suffix, int? otherwise) =>
        For(limit) == 0 || otherwise is not { } own ? 0 : Read(Name(limit) + suffix, own);

    private int Read(string name, int otherwise) => Parse(name, settings[name]) ?? otherwise;

    private static int? Parse(string name, string? value) =>
        value?.Trim() is not { Length: > 0 } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"{name} must be a whole number of requests; 0 switches the limit off.");
}
