using System.Globalization;
using Ledgerline.Calls.Dialling;
using Ledgerline.Calls.Status;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Plans;
using Ledgerline.Scenarios;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Scheduling;

/// <summary>The door to scheduling: what is refused now is not scheduled, and nothing is counted before it is due.</summary>
public sealed class ScheduleDesk
{
    private const string NotFuture = "Scheduled time must be in the future";
    private const int LongestNotes = 2000;

    private readonly Schedule schedule;
    private readonly ScenarioDesk scenarios;
    private readonly Meter meter;
    private readonly Offers offers;
    private readonly Idempotency idempotency;
    private readonly CallOptions options;

    internal ScheduleDesk(Schedule schedule, ScenarioDesk scenarios, Meter meter, Offers offers, Idempotency idempotency, CallOptions options) =>
        (this.schedule, this.scenarios, this.meter, this.offers, this.idempotency, this.options) = (schedule, scenarios, meter, offers, idempotency, options);

    /// <param name="kind">One of the kinds of calls.</param>
    /// <param name="appType">What the account is when it has no allowances yet.</param>
    public Task<IResult> Add(
        HttpContext context, CurrentAccount current, string kind, string appType, string? number, string? scenario, string? notes, DateTimeOffset time, Func<ScheduledCall, object> answer,
        CancellationToken stop) => idempotency.Run(context, current.Id, () => string.Create(CultureInfo.InvariantCulture, $"{number} {scenario} {time:O} {notes}"), async ticket =>
    {
        var read = options.Numbers.Read(number);
        if (read.Value is not { } to)
        {
            return Refusal.BadRequest(read.Refusal!);
        }

        var kept = CallInput.Text(notes, "notes", LongestNotes);
        var found = await scenarios.Find(current.Id, scenario ?? "", stop);
        if (found.Scenario is not { } played)
        {
            return found.IsForeign ? Refusal.NotFound(DialAnswers.NoCustomScenario) : Refusal.BadRequest(DialAnswers.InvalidScenario);
        }

        if (!schedule.IsFuture(time))
        {
            return Refusal.BadRequest(NotFuture);
        }

        var verdict = await meter.May(current.Id, Want.Call(isCustom: played.Owner is not null), appType, stop);
        if (!verdict.IsAllowed)
        {
            return await offers.Refuse(verdict, stop);
        }

        var made = await schedule.Add(
            current.Id, kind, to, played.Id, kept, time,
            ticket is null ? null : (transaction, call) => idempotency.Keep(transaction, ticket, StatusCodes.Status200OK, answer(call)), stop);
        return Results.Ok(answer(made));
    });
}

/// <summary><c>POST /schedule-call</c>, and the schedules of an account.</summary>
internal static class ScheduleCall
{
    public const string NoSchedule = "Scheduled call not found";

    private static readonly string[] Statuses =
    [
        ScheduleStatus.Scheduled, ScheduleStatus.Dialing, ScheduleStatus.Completed, ScheduleStatus.Failed, ScheduleStatus.Skipped, ScheduleStatus.Missed, ScheduleStatus.Cancelled,
    ];

    public sealed record Request(string? PhoneNumber, string? ScheduledTime, string? Scenario, string? Notes);

    public sealed record Answer(string PhoneNumber, string ScheduledTime, string Scenario, long Id, string CreatedAt);

    public sealed record Shown(
        long Id, string PhoneNumber, string Scenario, string ScheduledTime, string Status, string? Reason, long Attempts, long? CallId, string? Notes, string CreatedAt);

    public sealed record All(IReadOnlyList<Shown> ScheduledCalls);

    public static Task<IResult> Add(HttpContext context, Body<Request> body, CurrentAccount current, ScheduleDesk desk, CancellationToken stop)
    {
        var wanted = body.Value;
        _ = wanted.PhoneNumber ?? throw Invalid.Missing("body", "phone_number");
        _ = wanted.Scenario ?? throw Invalid.Missing("body", "scenario");
        _ = wanted.ScheduledTime ?? throw Invalid.Missing("body", "scheduled_time");
        return desk.Add(
            context, current, CallKind.Business, Identity.Platform.WebBusiness, wanted.PhoneNumber, wanted.Scenario, wanted.Notes, CallInput.Time(wanted.ScheduledTime, "scheduled_time"),
            call => new Answer(call.PhoneNumber, call.ScheduledTime.Iso(), call.Scenario, call.Id, call.CreatedAt.Iso()), stop);
    }

    public static async Task<IResult> List(HttpRequest request, CurrentAccount current, Schedule schedule, CancellationToken stop)
    {
        var status = request.Query["status"].ToString() is { Length: > 0 } text ? text : null;
        return status is not null && !Statuses.Contains(status)
            ? throw new Invalid("query", "status", $"status must be one of {string.Join(", ", Statuses)}")
            : TypedResults.Ok(new All([.. (await schedule.List(current.Id, status, CallInput.Limit(request, 100), stop)).Select(Of)]));
    }

    public static async Task<IResult> Show(string id, CurrentAccount current, Schedule schedule, CancellationToken stop) =>
        Id(id) is { } known && await schedule.Find(current.Id, known, stop) is { } call ? TypedResults.Ok(Of(call)) : Refusal.NotFound(NoSchedule);

    public static async Task<IResult> Cancel(string id, CurrentAccount current, Schedule schedule, CancellationToken stop) =>
        Id(id) is not { } known ? Refusal.NotFound(NoSchedule) : await schedule.Cancel(current.Id, known, stop) switch
        {
            true => TypedResults.Ok(Of((await schedule.Find(current.Id, known, stop))!)),
            false => new Refusal(StatusCodes.Status409Conflict, "This call has been dialled or is being dialled; hang it up instead"),
            null => Refusal.NotFound(NoSchedule),
        };

    private static long? Id(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    private static Shown Of(ScheduledCall call) => new(
        call.Id, call.PhoneNumber, call.Scenario, call.ScheduledTime.Iso(), call.Status, call.Reason, call.Attempts, call.CallId, call.Notes, call.CreatedAt.Iso());
}
