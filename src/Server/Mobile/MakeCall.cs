using Ledgerline.Calls.Dialling;
using Ledgerline.Calls.Status;
using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Plans;
using Ledgerline.Scenarios;

namespace Ledgerline.Mobile;

/// <summary><c>POST /mobile/make-call</c> and <c>POST /mobile/make-custom-call</c>: the phone app's calls.</summary>
internal static class MakeCall
{
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
        return await answers.Place(context, current, number, found, mustBeCustom: false, CallKind.Mobile, Told, stop);
    }

    public static async Task<IResult> HandleCustom(
        HttpContext context, Body<CustomRequest> body, CurrentAccount current, ScenarioDesk scenarios, Entitlements entitlements, DialAnswers answers, CancellationToken stop)
    {
        var number = body.Value.PhoneNumber ?? throw Invalid.Missing("body", "phone_number");
        await entitlements.Of(current.Id, Platform.MobileConsumer, stop);
        var found = await scenarios.Find(current.Id, body.Value.ScenarioId ?? throw Invalid.Missing("body", "scenario_id"), stop);
        return await answers.Place(
            context, current, number, found, mustBeCustom: true, CallKind.Mobile,
            (call, usage) => new CustomAnswer(call.Sid, "initiated", call.DurationLimitSeconds, usage, call.Scenario, found.Scenario!.Persona), stop);
    }

    public static Answer Told(PlacedCall call, CallUsage usage) => new(call.Sid, "initiated", call.DurationLimitSeconds, usage);
}
