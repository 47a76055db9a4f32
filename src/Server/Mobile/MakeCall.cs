using Ledgerline.Calls.Dialling;
using Ledgerline.Calls.Log;
using Ledgerline.Calls.Scheduling;
using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Kernel;
using Ledgerline.Plans;
using Ledgerline.Scenarios;

namespace Ledgerline.Mobile;

/// <summary><c>POST /mobile/make-call</c> and <c>POST /mobile/make-custom-call</c>: the phone app's calls.</summary>
internal static class MakeCall
{
    internal const string Kind = "mobile";
    private const string Default = "default";

    public sealed record Request(string? PhoneNumber, string? Scenario);

    public sealed record CustomRequest(string? PhoneNumber, string? ScenarioId);

    public sealed record Answer(string CallSid, string Status, int DurationLimit, CallUsage UsageStats);

    public sealed record CustomAnswer(string CallSid, string Status, int DurationLimit, CallUsage UsageStats, string ScenarioId, string ScenarioName);

    public static async Task<IResult> Handle(
        HttpContext context, Body<Request> body, CurrentAccount current, ScenarioDesk scenarios, Entitlements entitlements, DialAnswers answers, CancellationToken stop)
    {
        var number = body.Value.PhoneNumber ?? throw Invalid.Missing("body", "phone_number");
        await entitlements.Of(current.Id, Platform.MobileConsumer, stop);
        var found = await scenarios.Find(current.Id, body.Value.Scenario ?? Default, stop);
        return await answers.Place(context, current, number, found, mustBeCustom: false, Kind, Told, stop);
    }

    public static async Task<IResult> HandleCustom(
        HttpContext context, Body<CustomRequest> body, CurrentAccount current, ScenarioDesk scenarios, Entitlements entitlements, DialAnswers answers, CancellationToken stop)
    {
        var number = body.Value.PhoneNumber ?? throw Invalid.Missing("body", "phone_number");
        await entitlements.Of(current.Id, Platform.MobileConsumer, stop);
        var found = await scenarios.Find(current.Id, body.Value.ScenarioId ?? throw Invalid.Missing("body", "scenario_id"), stop);
        return await answers.Place(
            context, current, number, found, mustBeCustom: true, Kind,
            (call, usage) => new CustomAnswer(call.Sid, "initiated", call.DurationLimitSeconds, usage, call.Scenario, found.Scenario!.Persona), stop);
    }

    public static Answer Told(PlacedCall call, CallUsage usage) => new(call.Sid, "initiated", call.DurationLimitSeconds, usage);
}

/// <summary><c>POST /mobile/schedule-call</c>: as JSON, or in the address.</summary>
internal static class ScheduleMobileCall
{
    private const string Default = "default";
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    public sealed record Request(string? PhoneNumber, string? Scenario, string? ScheduledTime);

    public sealed record Answer(long ScheduleId, string PhoneNumber, string Scenario, string ScheduledTime, string Status);

    public static async Task<IResult> Handle(HttpContext context, CurrentAccount current, ScheduleDesk desk, TimeProvider clock, CancellationToken stop)
    {
        var request = context.Request.HasJsonContentType()
            ? (await Body<Request>.BindAsync(context, null!)).Value
            : new Request(Query("phone_number"), Query("scenario"), Query("scheduled_time"));
        var number = request.PhoneNumber ?? throw Invalid.Missing(context.Request.HasJsonContentType() ? "body" : "query", "phone_number");
        var time = request.ScheduledTime is { } text ? Calls.CallInput.Time(text, "scheduled_time") : clock.GetUtcNow() + Soon;
        return await desk.Add(
            context, current, MakeCall.Kind, Platform.MobileConsumer, number, request.Scenario ?? Default, null, time,
            call => new Answer(call.Id, call.PhoneNumber, call.Scenario, call.ScheduledTime.Iso(), call.Status), stop);

        string? Query(string name) => context.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;
    }
}

/// <summary><c>GET /mobile/call-history</c></summary>
internal static class MobileCallHistory
{
    public sealed record Call(long Id, string PhoneNumber, string Scenario, string Status, string CreatedAt, string? CallSid);

    /// <param name="TotalCalls">So many are in this answer.</param>
    public sealed record Answer(IReadOnlyList<Call> CallHistory, int TotalCalls);

    public static async Task<IResult> Handle(HttpRequest request, CurrentAccount current, CallLog log, CancellationToken stop)
    {
        var (calls, _) = await log.List(current.Id, Calls.CallInput.Limit(request, 10), 0, stop);
        return TypedResults.Ok(new Answer([.. calls.Select(call => new Call(call.Id, call.PhoneNumber, call.Scenario, call.Status, call.CreatedAt, call.CallSid))], calls.Count));
    }
}
