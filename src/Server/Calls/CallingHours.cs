using System.Globalization;
using PhoneNumbers;

namespace Ledgerline.Calls;

/// <summary>When people may be rung, by the clock on their wall: <c>08:00-21:00</c>.</summary>
internal sealed record CallingHours(TimeOnly From, TimeOnly Until)
{
    private const string Shape = "HH':'mm";

    private static readonly PhoneNumberUtil Numbers = PhoneNumberUtil.GetInstance();
    private static readonly PhoneNumberToTimeZonesMapper Zones = PhoneNumberToTimeZonesMapper.GetInstance();

    /// <summary>Null without the setting: at any time.</summary>
    /// <exception cref="FormatException">It is not two times of a day.</exception>
    public static CallingHours? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var parts = text.Split('-', StringSplitOptions.TrimEntries);
        return parts.Length == 2 && Time(parts[0]) is { } from && Time(parts[1]) is { } until && from < until
            ? new CallingHours(from, until)
            : throw new FormatException("CALL_HOURS must be two times of a day such as 08:00-21:00.");
    }

    /// <summary>The next instant at which the hours are kept in every zone where the number may ring; null: now.</summary>
    public DateTimeOffset? NextIn(string number, DateTimeOffset now)
    {
        var zones = ZonesOf(number);
        var at = now;
        // Zones of one country overlap for most of the day: two rounds settle it.
        for (var round = 0; round < 3; round++)
        {
            at = zones.Select(zone => Next(zone, at)).Append(at).Max();
        }

        return at > now ? at : null;
    }

    private DateTimeOffset Next(TimeZoneInfo zone, DateTimeOffset at)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        var time = TimeOnly.FromDateTime(local.DateTime);
        if (time >= From && time < Until)
        {
            return at;
        }

        var day = DateOnly.FromDateTime(local.DateTime).AddDays(time < From ? 0 : 1);
        var opens = day.ToDateTime(From);
        return new DateTimeOffset(opens, zone.GetUtcOffset(opens)).ToUniversalTime();
    }

    private static IReadOnlyList<TimeZoneInfo> ZonesOf(string number)
    {
        try
        {
            return [.. Zones.GetTimeZonesForNumber(Numbers.Parse(number, null)).Select(Find).OfType<TimeZoneInfo>()];
        }
        catch (NumberParseException)
        {
            return [];
        }
    }

    private static TimeZoneInfo? Find(string id) => TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : null;

    private static TimeOnly? Time(string text) => TimeOnly.TryParseExact(text, Shape, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;
}
