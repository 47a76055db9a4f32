using System.Net;
using Ledgerline.Scenarios;
using Microsoft.Extensions.DependencyInjection;
using Tests.Identity;
using Tests.Persistence;
using Tests.Plans;
using Tests.World;
using Xunit;

namespace Tests.Calls.CustomScenarios;

public sealed class OwnScenariosTests
{
    [Theory, EveryDatabase]
    public async Task It_is_read_changed_and_deleted_by_either_of_its_names_on_every_node(string engine)
    {
        await using var world = await People.World(engine);
        var jane = await Caller.Business(world);
        var there = jane.On(await world.StartNode());
        var id = await jane.Write(new { name = "Cakes", persona = Authors.Persona, prompt = Authors.Prompt, voice_type = "aggressive_male", temperature = 0.25m });
        var other = await there.Write();

        var listed = await there.Scenarios();
        Assert.Equal([id, other], listed.Select(one => one.Text("scenario_id")));
        var row = listed[0].GetProperty("id").GetInt64();
        var made = await there.Get($"/custom-scenarios/{row}");
        Assert.Equal(listed[0].ToString(), made.ToString());
        Assert.Equal(made.ToString(), (await jane.Get($"/custom-scenarios/{id}/")).ToString());
        Assert.Equal(
            $$"""{"id":{{row}},"scenario_id":"{{id}}","persona":"{{Authors.Persona}}","prompt":"{{Authors.Prompt}}","voice_type":"aggressive_male","temperature":0.25,"created_at":"{{made.Text("created_at")}}","name":"Cakes"}""",
            made.ToString());
        Assert.Equal(("0.7", null), (listed[1].GetProperty("temperature").GetRawText(), listed[1].Text("name")));

        var desk = world.Nodes.Last().GetRequiredService<ScenarioDesk>();
        var changed = await jane.Json(HttpMethod.Put, $"/custom-scenarios/{row}", new { prompt = "Take an order for bread.", voice_type = "verse" });
        Assert.Equal(("success", "Custom scenario updated successfully", id), (changed.Text("status"), changed.Text("message"), changed.Text("scenario_id")));
        Assert.Equal((await there.Get($"/custom-scenarios/{id}")).ToString(), changed.GetProperty("scenario").ToString());
        Assert.Equal(
            new Scenario(id, "Cakes", Authors.Persona, "Take an order for bread.", "verse", 0.25m, jane.Id, row), (await desk.Find(jane.Id, id)).Scenario);
        var nameless = await there.Json(HttpMethod.Put, $"/custom-scenarios/{id}", new { name = "", temperature = 1 });
        Assert.Equal((null, "1"), (nameless.GetProperty("scenario").Text("name"), nameless.GetProperty("scenario").GetProperty("temperature").GetRawText()));
        Assert.Equal(nameless.GetProperty("scenario").ToString(), (await there.Json(HttpMethod.Put, $"/custom-scenarios/{id}", new { })).GetProperty("scenario").ToString());

        var deleted = await there.Json(HttpMethod.Delete, $"/custom-scenarios/{row}");
        Assert.Equal($$"""{"status":"success","message":"Custom scenario deleted successfully","scenario_id":"{{id}}"}""", deleted.ToString());
        Assert.Equal([other], (await jane.Scenarios()).Select(one => one.Text("scenario_id")));
        Assert.Equal(new ScenarioFound(null, false), await desk.Find(jane.Id, id));
        Assert.Null(await desk.Read(id));
    }

    [Theory, EveryDatabase]
    public async Task Other_peoples_are_as_if_they_were_not_there(string engine)
    {
        await using var world = await People.World(engine);
        var (jane, joe) = (await Caller.Business(world), await Caller.Business(world));
        var id = await jane.Write();
        var before = (await jane.Scenarios()).Single();
        string[] names =
        [
            id, $"{before.GetProperty("id").GetInt64()}", "custom_1_1", "default", "1", "0", "99999999999999999999999", new string('9', 2000), "custom_", "custom_1_1%01",
            "%7f", "%F0%9F%98%80", "custom_'--_1", "-1", "1.5",
        ];
        foreach (var name in names)
        {
            await Missing("access", HttpMethod.Get, name);
            await Missing("update", HttpMethod.Put, name, new { prompt = "Something quite different." });
            await Missing("delete", HttpMethod.Delete, name);
        }

        // Such a path is none.
        using var none = await joe.Send(HttpMethod.Get, "/custom-scenarios/custom_1_1%00");
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
        Assert.Empty(await joe.Scenarios());
        Assert.Equal(before.ToString(), (await jane.Scenarios()).Single().ToString());
        var desk = world.Services.GetRequiredService<ScenarioDesk>();
        Assert.Equal(new ScenarioFound(null, true), await desk.Find(joe.Id, id));
        Assert.Equal(new ScenarioFound(null, true), await desk.Find(joe.Id, names[1]));
        Assert.Equal(jane.Id, (await desk.Read(id))?.Owner);
        // A number says nothing to who does not know whose it is.
        Assert.Null(await desk.Read(names[1]));
        Assert.Equal(20, await Left(world, joe));
        foreach (var (method, path) in new[] { (HttpMethod.Get, ""), (HttpMethod.Get, $"/{id}"), (HttpMethod.Put, $"/{id}"), (HttpMethod.Delete, $"/{id}") })
        {
            await People.Refused(HttpStatusCode.Unauthorized, "Not authenticated", await world.Client.Send(method, $"/custom-scenarios{path}", null, new { }));
        }

        async Task Missing(string verb, HttpMethod method, string name, object? body = null) => Assert.Equal(
            $"Custom scenario not found or you don't have permission to {verb} it", await (await joe.Send(method, $"/custom-scenarios/{name}", body)).Detail(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Calls_that_were_to_be_placed_with_it_fail_when_it_is_deleted()
    {
        await using var world = await People.World();
        var jane = await Caller.Business(world);
        var (gone, kept) = (await jane.Write(), await jane.Write());
        foreach (var scenario in (string[])[gone, kept])
        {
            await jane.Json(HttpMethod.Post, "/schedule-call", new { phone_number = "+14155550123", scheduled_time = world.Clock.GetUtcNow().AddDays(1).ToString("O"), scenario });
        }

        await jane.Json(HttpMethod.Delete, $"/custom-scenarios/{gone}");
        var rows = await world.Database.Read(session => session.List<string>("SELECT scenario || ' ' || status FROM scheduled_calls ORDER BY id"));
        Assert.Equal(new[] { $"{gone} failed", $"{kept} scheduled" }.Order(), rows.Order());
    }

    private static async Task<int> Left(TestWorld world, Caller caller)
    {
        var quota = (await world.Services.GetRequiredService<Ledgerline.Plans.Entitlements>().Of(caller.Id)).Quotas.Single(one => one.Quota == Ledgerline.Plans.QuotaName.CustomScenarios);
        return (int)(quota.Limit!.Value - quota.Used);
    }
}
