using System.Globalization;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Scenarios;
using Ledgerline.Usage;
using Ledgerline.Usage.Recorded;

namespace Ledgerline.Calls.CustomScenarios;

/// <summary>
/// <c>POST /realtime/custom-scenarios</c> and <c>/realtime/custom-scenario</c>: a scenario of one's own. The plan's quota is decided, the scenario
/// written and its set-up recorded in one transaction.
/// </summary>
internal static class CreateScenario
{
    public sealed record Answer(string Status, string ScenarioId, string Message);

    public static async Task<IResult> Handle(
        HttpContext context, Body<ScenarioInput.Request> body, CurrentAccount caller, ScenarioDesk desk, Meter meter, ServiceUsage usage, Database database, Ids ids,
        Idempotency idempotency, CancellationToken stop)
    {
        var draft = ScenarioInput.Draft(body.Value);
        if (ScenarioInput.Refuse(draft.VoiceType) is { } refusal)
        {
            return refusal;
        }

        return await idempotency.Run(context, caller.Id, () => string.Create(CultureInfo.InvariantCulture, $"{draft}"), async ticket =>
        {
            var (number, id) = (await desk.NumberOf(caller.Id, stop), ids.Number());
            return await database.Write(
                async transaction =>
                {
                    var key = ScenarioUse.Key(id);
                    var taken = (await meter.Take(transaction, [new AllowanceUse(caller.Id, Want.Scenario, key, TimeSpan.Zero)], stop)).Single().Verdict;
                    if (!taken.IsAllowed)
                    {
                        return (IResult)Refusal.BadRequest(UsedUp(taken.Limit));
                    }

                    var made = await desk.Create(transaction, caller.Id, number, id, draft, stop);
                    usage.RecordOnce(
                        transaction,
                        new NewServiceUse(caller.Id, MeteredService.CustomScenario, 1) { Resource = key, IsPrepaid = taken.Funding != Funding.PayAsYouGo });
                    var answer = new Answer("success", made.ScenarioId, "Custom scenario created successfully");
                    if (ticket is not null)
                    {
                        await idempotency.Keep(transaction, ticket, StatusCodes.Status200OK, answer);
                    }

                    return TypedResults.Ok(answer);
                },
                stop);
        });
    }

    public static string UsedUp(long? limit) => string.Create(
        CultureInfo.InvariantCulture,
        $"You have reached the maximum limit of {limit} custom scenarios. Please delete some scenarios before creating new ones.");
}

/// <summary>How a scenario is named among what its owner's plan allows.</summary>
internal static class ScenarioUse
{
    public static string Key(long id) => string.Create(CultureInfo.InvariantCulture, $"scenario:{id}");
}
