namespace Sandbox.Stripe.Billing;

/// <summary>
/// The calendar of subscriptions. Every boundary is counted from the anchor, not from the boundary before: the 31st becomes the 28th
/// in February and is the 31st again in March.
/// </summary>
internal static class BillingCycle
{
    private const long Day = 86400;

    /// <summary>The period that this moment is in: its start is not after it, its end is.</summary>
    public static (long Start, long End) Around(long anchor, long moment, string interval, long count)
    {
        var from = DateTimeOffset.FromUnixTimeSeconds(anchor);
        // A guess that is never too late, then step by step.
        var longest = count * interval switch { "day" => Day, "week" => 7 * Day, "month" => 31 * Day, _ => 366 * Day };
        var shortest = count * interval switch { "day" => Day, "week" => 7 * Day, "month" => 28 * Day, _ => 365 * Day };
        var passed = moment - anchor;
        var step = passed / (passed >= 0 ? longest : shortest) - 1;
        while (Boundary(from, interval, count * (step + 1)) <= moment)
        {
            step++;
        }

        return (Boundary(from, interval, count * step), Boundary(from, interval, count * (step + 1)));
    }

    /// <summary>The first boundary after this moment.</summary>
    public static long Next(long anchor, long moment, string interval, long count) => Around(anchor, moment, interval, count).End;

    /// <summary>This moment so many months later, on the month's last day where it has no such day.</summary>
    public static long AddMonths(long moment, long months) => Boundary(DateTimeOffset.FromUnixTimeSeconds(moment), "month", months);

    private static long Boundary(DateTimeOffset from, string interval, long steps) => (interval switch
    {
        "day" => from.AddDays(steps),
        "week" => from.AddDays(7 * steps),
        "month" => from.AddMonths((int)steps),
        _ => from.AddMonths((int)(12 * steps)),
    }).ToUnixTimeSeconds();
}
