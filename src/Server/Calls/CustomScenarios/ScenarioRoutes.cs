using Ledgerline.Http;

namespace Ledgerline.Calls.CustomScenarios;

/// <summary>The routes of scenarios that accounts write themselves.</summary>
internal static class ScenarioRoutes
{
    private const string SampleId = "custom_4503599627370497_1795248777";
    private const string Path = "/custom-scenarios/{scenario_id}";

    private static readonly ShownScenario Sample = new(
        7339815469056, SampleId, "You are Pat, who runs a small bakery.", "Take an order for a birthday cake, and ask for the date and the flavour.",
        "warm_male", 0.7m, "2026-11-20T08:12:57Z", "Cake order");

    public static void MapCustomScenarios(this IEndpointRouteBuilder app)
    {
        var routes = app.MapGroup("").WithTags("Scenarios").RequireAuthorization().WithMetadata(FlatValidation.Form);
        foreach (var path in (string[])["/realtime/custom-scenarios", "/realtime/custom-scenario"])
        {
            routes.MapPost(path, CreateScenario.Handle)
                .WithMetadata(RateLimit.ScenarioChanges)
                .WithName(path.EndsWith('s') ? "CreateScenario" : "CreateScenarioSingular")
                .WithSummary("Write a scenario")
                .WithDescription(
                    "`persona` says who the voice is, `prompt` what it does on the call; both are 10 to 5000 characters. `voice_type` is one of the voices or of the "
                    + "names for them, and is answered as it was sent. `temperature` is from 0 to 1. `scenario_id` is what calls name it by.")
                .Parameter("header", Idempotency.Header, "The same key writes one scenario and answers the same.", "7d0c1a52")
                .ExampleRequest(new ScenarioInput.Request(Sample.Persona, Sample.Prompt, Sample.VoiceType, Sample.Temperature, Sample.Name))
                .Produces<CreateScenario.Answer>()
                .Example(new CreateScenario.Answer("success", SampleId, "Custom scenario created successfully"))
                .Refuses(400, "there is no such voice", ScenarioInput.UnknownVoice)
                .Refuses(400, "there are as many as the plan allows", CreateScenario.UsedUp(20));
        }

        MapOwn(routes);
    }

    private static void MapOwn(RouteGroupBuilder routes)
    {
        routes.MapGet("/custom-scenarios", OwnScenarios.List)
            .WithMetadata(RateLimit.ScenarioReads)
            .WithName("ListScenarios")
            .WithSummary("The account's own scenarios")
            .WithDescription("The oldest first.")
            .Example(new[] { Sample });
        routes.MapGet(Path, OwnScenarios.Show)
            .WithMetadata(RateLimit.ScenarioReads)
            .WithName("ShowScenario")
            .WithSummary("One of the account's scenarios")
            .WithDescription("As it stands now.")
            .Named()
            .Example(Sample)
            .Refuses(404, "the account has no such scenario", OwnScenarios.NotThere);
        routes.MapPut(Path, OwnScenarios.Change)
            .WithMetadata(RateLimit.ScenarioChanges)
            .WithName("ChangeScenario")
            .WithSummary("Change a scenario")
            .WithDescription("What is left out stays as it is; an empty `name` takes the name away. The next call is made with what is written here.")
            .Named()
            .ExampleRequest(new { temperature = 0.9m })
            .Example(new OwnScenarios.Changed("success", "Custom scenario updated successfully", SampleId, Sample with { Temperature = 0.9m }))
            .Refuses(400, "there is no such voice", ScenarioInput.UnknownVoice)
            .Refuses(404, "the account has no such scenario", OwnScenarios.Missing("update"));
        routes.MapDelete(Path, OwnScenarios.Delete)
            .WithMetadata(RateLimit.ScenarioChanges)
            .WithName("DeleteScenario")
            .WithSummary("Delete a scenario")
            .WithDescription("Calls that were made with it stay. Calls that are scheduled with it fail.")
            .Named()
            .Example(new OwnScenarios.Deleted("success", "Custom scenario deleted successfully", SampleId))
            .Refuses(404, "the account has no such scenario", OwnScenarios.Missing("delete"));
    }

    private static RouteHandlerBuilder Named(this RouteHandlerBuilder route) =>
        route.Parameter("path", "scenario_id", "The scenario's id, or the number of its row.", SampleId);
}
