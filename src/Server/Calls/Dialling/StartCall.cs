using Ledgerline.Calls.Status;
using Ledgerline.Http;
using Ledgerline.Scenarios;

namespace Ledgerline.Calls.Dialling;

/// <summary><c>GET /make-call/{phone_number}/{scenario}</c> and <c>GET /make-custom-call/{phone_number}/{scenario_id}</c>: a company's calls.</summary>
internal static class StartCall
{
    public sealed record Answer(string Status, string CallSid, string Message, string FromNumber, string ToNumber, string Scenario, CallUsage UsageStats);

    public sealed record CustomAnswer(string Status, string CallSid, string Message, string ScenarioId, string FromNumber, string ToNumber, string Scenario, CallUsage UsageStats);

    public static async Task<IResult> Handle(
        HttpContext context, string phoneNumber, string scenario, CurrentAccount current, ScenarioDesk scenarios, DialAnswers answers, CancellationToken stop)
    {
        var found = await scenarios.Find(current.Id, scenario, stop);
        return await answers.Place(context, current, phoneNumber, found, mustBeCustom: false, CallKind.Business, Told, stop);
    }

    public static async Task<IResult> HandleCustom(
        HttpContext context, string phoneNumber, string scenarioId, CurrentAccount current, ScenarioDesk scenarios, DialAnswers answers, CancellationToken stop)
    {
        var found = await scenarios.Find(current.Id, scenarioId, stop);
        return await answers.Place(
            context, current, phoneNumber, found, mustBeCustom: true, CallKind.Business,
            (call, usage) => new CustomAnswer(
                "success", call.Sid, $"Custom call initiated successfully with scenario: {found.Scenario!.Persona}", call.Scenario, call.From, call.To, call.Scenario, usage),
            stop);
    }

    public static Answer Told(PlacedCall call, CallUsage usage) => new("success", call.Sid, "Call initiated", call.From, call.To, call.Scenario, usage);
}
