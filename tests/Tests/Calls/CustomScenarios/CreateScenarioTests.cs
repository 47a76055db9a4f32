using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Ledgerline.Scenarios;
using Ledgerline.Usage.Recorded;
using Microsoft.Extensions.DependencyInjection;
using Tests.Identity;
using Tests.Persistence;
using Tests.Plans;
using Tests.World;
using Xunit;

namespace Tests.Calls.CustomScenarios;

public sealed class CreateScenarioTests
{
    [Theory, EveryDatabase]
    public async Task Of_thirty_at_once_on_two_nodes_twenty_are_made_each_with_an_id_of_its_own(string engine)
    {
        await using var world = await People.World(engine);
        var jane = await Caller.Business(world);
        var there = jane.On(await world.StartNode());
        var before = world.Clock.GetUtcNow().ToUnixTimeSeconds();

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(number => Task.Run(() => (number % 2 == 0 ? jane : there).Create(Authors.Draft()))));

        var made = answers.Where(answer => answer.StatusCode == HttpStatusCode.OK).ToList();
        Assert.Equal(20, made.Count);
        foreach (var refused in answers.Except(made))
        {
            Assert.Equal(
                "You have reached the maximum limit of 20 custom scenarios. Please delete some scenarios before creating new ones.",
                await refused.Detail(HttpStatusCode.BadRequest));
        }

        List<string> ids = [];
        foreach (var answer in made)
        {
            ids.Add((await answer.Json()).Text("scenario_id")!);
        }

        // One began with its second; of those that came within it each took the next.
        var (prefix, after) = ($"custom_{await Number(jane)}_", world.Clock.GetUtcNow().ToUnixTimeSeconds());
        Assert.All(ids, id => Assert.StartsWith(prefix, id, StringComparison.Ordinal));
        List<long> seconds = [.. ids.Select(id => long.Parse(id[prefix.Length..], CultureInfo.InvariantCulture)).Order()];
        Assert.Equal(20, seconds.Distinct().Count());
        Assert.InRange(seconds[0], before, after);
        Assert.InRange(seconds[^1], before + 19, after + 19);
        var listed = await there.Scenarios();
        Assert.Equal(ids.Order(StringComparer.Ordinal), listed.Select(one => one.Text("scenario_id")));
        Assert.Equal(20, listed.Select(one => one.GetProperty("id").GetInt64()).Distinct().Count());
        var desk = world.Nodes.Last().GetRequiredService<ScenarioDesk>();
        foreach (var one in listed)
        {
            var byId = (await desk.Find(jane.Id, one.Text("scenario_id")!)).Scenario;
            Assert.NotNull(byId);
            Assert.Equal(byId, (await desk.Find(jane.Id, $"{one.GetProperty("id").GetInt64()}")).Scenario);
        }
    }

    [Theory, EveryDatabase]
    public async Task A_deleted_one_makes_room_and_its_id_is_not_given_again(string engine)
    {
        await using var world = await People.World(engine);
        var jane = await Caller.Business(world);
        await world.Subscribe(jane, "basic_monthly");
        List<string> ids = [await jane.Write(), await jane.Write(), await jane.Write()];
        Assert.Equal(
            "You have reached the maximum limit of 3 custom scenarios. Please delete some scenarios before creating new ones.",
            await (await jane.Create(Authors.Draft())).Detail(HttpStatusCode.BadRequest));

        // However often it is deleted, it makes room once.
        var deletions = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => jane.Send(HttpMethod.Delete, $"/custom-scenarios/{ids[2]}"))));
        Assert.Equal(1, deletions.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(4, deletions.Count(answer => answer.StatusCode == HttpStatusCode.NotFound));
        ids.Add(await jane.Write());
        Assert.Equal(4, ids.Distinct().Count());
        Assert.Contains("limit of 3", await (await jane.Create(Authors.Draft())).Detail(HttpStatusCode.BadRequest), StringComparison.Ordinal);

        await world.Subscribe(jane, "enterprise_monthly");
        for (var more = 0; more < 20; more++)
        {
            await jane.Write();
        }

        Assert.Equal(23, (await jane.Scenarios()).Count);
    }

    [Fact]
    public async Task Its_set_up_is_recorded_once_and_billed_where_what_is_used_is_billed()
    {
        await using var world = await People.World();
        var (jane, joe) = (await Caller.Business(world), await Caller.Business(world));
        await world.Subscribe(jane, "usage_based");
        await Task.WhenAll(jane.Write(), joe.Write());

        var usage = world.Services.GetRequiredService<ServiceUsage>();
        var month = BillingMonth.Of(world.Clock.GetUtcNow());
        Assert.Equal((1L, 500L), Assert.Single(await usage.Sums(jane.Id, month)) is { Service: MeteredService.CustomScenario } sum ? (sum.Amount, sum.CostCents) : default);
        Assert.Equal(1, await Billed(world, jane));
        Assert.Equal(0, await Billed(world, joe));

        // It was set up, whatever becomes of it.
        await jane.Send(HttpMethod.Delete, $"/custom-scenarios/{(await jane.Scenarios()).Single().Text("scenario_id")}");
        Assert.Equal(1, await Billed(world, jane));
    }

    [Fact]
    public async Task The_same_key_writes_one_scenario_and_answers_the_same()
    {
        await using var world = await People.World();
        var jane = await Caller.Business(world);
        var answers = new List<string>();
        for (var again = 0; again < 2; again++)
        {
            using var answer = await Keyed(Authors.Draft());
            Assert.Equal(again == 1, answer.Headers.Contains("Idempotency-Replayed"));
            answers.Add(await answer.Content.ReadAsStringAsync());
        }

        Assert.Single(answers.Distinct());
        Assert.Single(await jane.Scenarios());
        Assert.Equal("Idempotency-Key was already used with a different request", await (await Keyed(Authors.Draft("echo"))).Detail(HttpStatusCode.UnprocessableEntity));

        Task<HttpResponseMessage> Keyed(object draft) => world.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/realtime/custom-scenarios")
        {
            Content = JsonContent.Create(draft),
            Headers = { { "Authorization", $"Bearer {jane.Token}" }, { "Idempotency-Key", "scenario-1" } },
        });
    }

    private static Task<long> Billed(TestWorld world, Caller caller) => world.Database.Read(session => session.One<long>(
        "SELECT COUNT(*) FROM service_usage WHERE account_id = @Id AND service = 'custom_scenario' AND is_billed", new { caller.Id }));

    private static async Task<long> Number(Caller caller) => (await caller.Get("/users/me")).GetProperty("id").GetInt64();
}
