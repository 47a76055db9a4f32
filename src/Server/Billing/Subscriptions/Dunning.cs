using Ledgerline.Notices;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>
/// What happens when a payment is missing: the plan goes on for the grace period, then it rests, and it is back with the payment.
/// Pure but for the mails, which go out with the transaction that makes the step, each once.
/// </summary>
internal static class Dunning
{
    public const string None = "";
    public const string Failed = "failed";
    public const string Reminded = "reminded";
    public const string Restricted = "restricted";

    private static readonly TimeSpan Reminder = TimeSpan.FromDays(1);
    private static readonly TimeSpan TrialWarning = TimeSpan.FromDays(3);

    /// <summary>The step a subscription is at.</summary>
    public static string Step(SubscriptionRow row, TimeSpan grace, DateTimeOffset now) => row switch
    {
        { Status: "unpaid" } => Restricted,
        { Status: "past_due", PastDueSince: { } since } => now >= since + grace ? Restricted : now >= since + grace - Reminder ? Reminded : Failed,
        _ => None,
    };

    /// <summary>When the next step is due though nothing happens; null when there is none.</summary>
    public static DateTimeOffset? Next(SubscriptionRow row, TimeSpan grace, DateTimeOffset now)
    {
        DateTimeOffset?[] due = row switch
        {
            { Status: "past_due", PastDueSince: { } since } => [since + grace - Reminder, since + grace],
            { Status: "trialing", TrialEnd: { } end } when WarnsOfTrial(row) => [end - TrialWarning],
            _ => [],
        };
        return due.Where(at => at > now).Min();
    }

    /// <summary>The mail that a change brings with it; null when it brings none.</summary>
    /// <param name="before">Null when it is new.</param>
    public static Mail? Mail(SubscriptionRow? before, SubscriptionRow after, string plan, TimeSpan grace, DateTimeOffset now)
    {
        var step = before?.DunningStep ?? None;
        if (after.DunningStep != step && after.DunningStep != None)
        {
            return Step(after, plan, grace);
        }

        if (after.Status == "canceled")
        {
            // Nothing was ever paid or tried of an incomplete one: its end is no news.
            return before is { IsOver: false, Status: not "incomplete" }
                ? new Mail($"subscription-canceled:{after.Id}", $"Your {plan} subscription has ended", Ended(after, plan, now))
                : null;
        }

        if (step != None && after is { DunningStep: None, IsLive: true })
        {
            return new Mail(
                $"payment-recovered:{after.Id}:{before!.PastDueSince?.ToUnixTimeSeconds()}",
                $"Your payment for {plan} has arrived",
                $"Thank you: the payment for {plan} has arrived, and everything works as before.\n");
        }

        return after is { Status: "trialing", TrialEnd: { } end } && WarnsOfTrial(after) && now >= end - TrialWarning
            ? new Mail(
                $"trial-ending:{after.Id}:{end.ToUnixTimeSeconds()}",
                $"Your trial of {plan} ends soon",
                after.CancelAtPeriodEnd
                    ? $"Your trial of {plan} ends on {Day(end)}. You have cancelled it, so nothing will be charged.\n"
                    : $"Your trial of {plan} ends on {Day(end)}. Afterwards the plan is charged to your saved card. If you do not want that, cancel before then.\n")
            : null;
    }

    // A trial of three days has hardly begun when its end would be announced.
    private static bool WarnsOfTrial(SubscriptionRow row) => row is { TrialStart: { } start, TrialEnd: { } end } && end - start > TrialWarning;

    private static Mail Step(SubscriptionRow row, string plan, TimeSpan grace)
    {
        var since = row.PastDueSince;
        var key = $"{row.Id}:{since?.ToUnixTimeSeconds()}";
        var until = (since ?? row.PeriodStart) + grace;
        return row.DunningStep switch
        {
            Failed => new Mail(
                $"payment-failed:{key}",
                $"Your payment for {plan} failed",
                $"We could not collect the payment for {plan}. Everything goes on working until {Day(until)}. Please update your card before then.\n"),
            Reminded => new Mail(
                $"payment-reminder:{key}",
                $"Your {plan} plan pauses tomorrow",
                $"The payment for {plan} is still missing. If it has not arrived by {Day(until)}, the plan pauses. Please update your card.\n"),
            _ => new Mail(
                $"plan-restricted:{key}",
                $"Your {plan} plan is paused",
                $"The payment for {plan} has not arrived, so the plan is paused. Nothing is lost: it is back as soon as the payment arrives.\n"),
        };
    }

    private static string Ended(SubscriptionRow row, string plan, DateTimeOffset now) => (row.AccessEndsAt ?? row.PeriodEnd) is var end && end > now
        ? $"Your subscription to {plan} is cancelled. What you have paid for works until {Day(end)}; nothing more will be charged.\n"
        : $"Your subscription to {plan} has ended. Nothing more will be charged, and you can subscribe again whenever you like.\n";

    // A moment and not a day: where the reader lives is not known.
    private static string Day(DateTimeOffset at) =>
        at.UtcDateTime.ToString("d MMMM yyyy, HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture);
}
