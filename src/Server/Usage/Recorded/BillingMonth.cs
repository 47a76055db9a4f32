using System.Globalization;

namespace Ledgerline.Usage.Recorded;

/// <summary>A UTC month, written <c>2026-11</c>.</summary>
public readonly record struct BillingMonth(int Year, int Month)
{
    private const string Format = "yyyy-MM";

    public static BillingMonth Of(DateTimeOffset instant) => new(instant.UtcDateTime.Year, instant.UtcDateTime.Month);

    /// <summary>Its first moment.</summary>
    public DateTimeOffset Start => new(Year, Month, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The first moment that is no longer in it.</summary>
    public DateTimeOffset End => Month == 12 ? new DateTimeOffset(Year, 12, 31, 0, 0, 0, TimeSpan.Zero).AddDays(1) : new(Year, Month + 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static bool TryParse(string? text, out BillingMonth month)
    {
        var isMonth = DateOnly.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day);
        month = new BillingMonth(day.Year, day.Month);
        // The calendar's last month has no end that could be written.
        return isMonth && month != new BillingMonth(9999, 12);
    }

    public override string ToString() => new DateOnly(Year, Month, 1).ToString(Format, CultureInfo.InvariantCulture);
}
