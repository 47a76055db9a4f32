using System.Globalization;

namespace Ledgerline.Kernel;

/// <summary>How an instant is written for clients: ISO 8601, UTC, trailing Z, three fractional digits or none.</summary>
public static class Instant
{
    public static string Iso(this DateTimeOffset instant)
    {
        var utc = instant.ToUniversalTime();
        var format = utc.Millisecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
        return utc.ToString(format, CultureInfo.InvariantCulture);
    }
}
