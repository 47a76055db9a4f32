using System.Globalization;
using System.Text.Json;

namespace Ledgerline.Calls.Status;

/// <summary>Reads what the carrier sends about a call.</summary>
internal static class CarrierForm
{
    private const int LongestField = 2000;

    /// <summary>Null when it names no call.</summary>
    /// <param name="form">Each name once; the last value counts.</param>
    public static CarrierNews? Read(IReadOnlyDictionary<string, string> form, long? callId, DateTimeOffset now)
    {
        if (form.GetValueOrDefault("CallSid") is not { Length: > 0 and <= 64 } sid)
        {
            return null;
        }

        var status = CallStatus.Read(form.GetValueOrDefault("CallStatus")) ?? CallStatus.Queued;
        var sequence = long.TryParse(form.GetValueOrDefault("SequenceNumber"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        var fields = JsonSerializer.Serialize(form.ToDictionary(field => field.Key, field => field.Value.Length > LongestField ? field.Value[..LongestField] : field.Value));
        return new CarrierNews(callId, sid, sequence, News(status, form, now), fields);
    }

    /// <summary>The same from what was stored.</summary>
    public static CallNews Read(string status, string fields, DateTimeOffset receivedAt) =>
        News(status, JsonSerializer.Deserialize<Dictionary<string, string>>(fields)!, receivedAt);

    // There is also Duration, in minutes: it is never read.
    private static CallNews News(string status, IReadOnlyDictionary<string, string> form, DateTimeOffset now) => new(status, At(form, now))
    {
        Seconds = long.TryParse(form.GetValueOrDefault("CallDuration"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 7 * 24 * 3600
            ? seconds
            : null,
        AnsweredBy = form.GetValueOrDefault("AnsweredBy") is { Length: > 0 and <= 40 } who ? who : null,
    };

    // The carrier's own time where it is believable; a callback that waited in a queue tells of an earlier moment.
    private static DateTimeOffset At(IReadOnlyDictionary<string, string> form, DateTimeOffset now) =>
        DateTimeOffset.TryParse(form.GetValueOrDefault("Timestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            && at <= now && at > now - TimeSpan.FromHours(1)
            ? at
            : now;
}
