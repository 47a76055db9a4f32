using Ledgerline.Http;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Scenarios;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Calls.CustomScenarios;

/// <summary><c>/custom-scenarios</c> and <c>/custom-scenarios/{scenario_id}</c>: an account's own, by id or by the number of their row.</summary>
internal static class OwnScenarios
{
    public static readonly string NotThere = Missing("access");

    public sealed record Changed(string Status, string Message, string ScenarioId, ShownScenario Scenario);

    public sealed record Deleted(string Status, string Message, string ScenarioId);

    public static async Task<Ok<IEnumerable<ShownScenario>>> List(CurrentAccount caller, ScenarioDesk desk, CancellationToken stop) =>
        TypedResults.Ok((await desk.List(caller.Id, stop)).Select(ShownScenario.Of));

    public static async Task<Results<Ok<ShownScenario>, Refusal>> Show(
        [Microsoft.AspNetCore.Mvc.FromRoute(Name = "scenario_id")] string scenario, CurrentAccount caller, ScenarioDesk desk, CancellationToken stop) =>
        await desk.Own(caller.Id, scenario, stop) is { } own ? TypedResults.Ok(ShownScenario.Of(own)) : Refusal.NotFound(NotThere);

    public static async Task<Results<Ok<Changed>, Refusal>> Change(
        [Microsoft.AspNetCore.Mvc.FromRoute(Name = "scenario_id")] string scenario, Body<ScenarioInput.Request> body, CurrentAccount caller, ScenarioDesk desk,
        CancellationToken stop)
    {
        var (name, persona, prompt, voice, temperature) = ScenarioInput.Read(body.Value);
        return ScenarioInput.Refuse(voice) is { } refusal ? refusal
            : await desk.Change(caller.Id, scenario, name, persona, prompt, voice, temperature, stop) is { } own
                ? TypedResults.Ok(new Changed("success", "Custom scenario updated successfully", own.ScenarioId, ShownScenario.Of(own)))
                : Refusal.NotFound(Missing("update"));
    }

    /// <summary>There may be one more again.</summary>
    public static Task<Results<Ok<Deleted>, Refusal>> Delete(
        [Microsoft.AspNetCore.Mvc.FromRoute(Name = "scenario_id")] string scenario, CurrentAccount caller, ScenarioDesk desk, Entitlements entitlements,
        Database database, CancellationToken stop) => database.Write<Results<Ok<Deleted>, Refusal>>(
        async transaction =>
        {
            if (await desk.Delete(transaction, caller.Id, scenario, stop) is not { } gone)
            {
                return Refusal.NotFound(Missing("delete"));
            }

            await entitlements.GiveBack(transaction, caller.Id, ScenarioUse.Key(gone.Id), stop);
            return TypedResults.Ok(new Deleted("success", "Custom scenario deleted successfully", gone.ScenarioId));
        },
        stop);

    public static string Missing(string verb) => $"Custom scenario not found or you don't have permission to {verb} it";
}
