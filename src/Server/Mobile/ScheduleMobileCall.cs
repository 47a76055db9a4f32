using Ledgerline.Calls.Scheduling;
using Ledgerline.Calls.Status;
using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Kernel;

namespace Ledgerline.Mobile;

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
            context, current, CallKind.Mobile, Platform.MobileConsumer, number, request.Scenario ?? Default, null, time,
            call => new Answer(call.Id, call.PhoneNumber, call.Scenario, call.ScheduledTime.Iso(), call.Status), stop);

        string? Query(string name) => context.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;
    }
}
