using System.Net;
using System.Text.Json;
using Ledgerline.Calls.Scheduling;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Microsoft.Extensions.DependencyInjection;
using Tests.Identity;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Calls;

/// <summary>Calls that are placed when they are due: once, by whoever is there, if they may be placed then.</summary>
public sealed class ScheduledCallTests
{
    [Theory, EveryDatabase]
    public async Task A_scheduled_call_is_placed_when_it_is_due_and_once(string engine)
    {
        await using var world = await Lines.World(engine);
        var second = engine == "postgres" ? await world.StartNode() : null;
        var company = await world.Company(second);
        var due = world.Clock.GetUtcNow().AddHours(1);
        var made = await (await company.Post("/schedule-call", new { phone_number = "4930901820123", scheduled_time = due.Iso(), scenario = "default", notes = "Ask for Pat" })).Json();
        Assert.Equal(("+4930901820123", due.Iso()), (made.Text("phone_number"), made.Text("scheduled_time")));
        world.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(0, await Placed(world));
        Assert.Equal(0, (await company.Stats()).Number("calls_made_total"));

        world.Clock.Advance(TimeSpan.FromMinutes(1));
        var call = await Until(company, made.Number("id"), "completed");
        Assert.Equal(1, await Placed(world));
        Assert.Equal(1, call.Number("attempts"));
        Assert.Equal(1, (await company.Stats()).Number("calls_made_total"));
    }

    [Fact]
    public async Task A_hundred_that_are_due_at_once_on_three_nodes_are_a_hundred_calls()
    {
        await using var world = await Lines.World("postgres");
        await world.StartNode();
        await world.StartNode();
        var company = await world.Company();
        await company.Subscribe("business_enterprise");
        var due = world.Clock.GetUtcNow().AddMinutes(10);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async call =>
            Assert.Equal(HttpStatusCode.OK, (await company.Post("/schedule-call", new { phone_number = $"+1415{call:000}0001", scheduled_time = due.Iso(), scenario = "default" })).StatusCode)));

        world.Clock.Advance(TimeSpan.FromMinutes(10));
        await TestWorld.Until(async () => await Placed(world) == 100, "all are placed");
        var numbers = (await world.Control("/_sandbox/twilio/calls?limit=1000")).EnumerateArray().Select(call => call.Text("to")).ToHashSet();
        Assert.Equal(100, numbers.Count);
        await TestWorld.Until(
            async () => (await (await company.Get("/api/scheduled-calls?status=completed&limit=1000")).Json()).GetProperty("scheduled_calls").GetArrayLength() == 100, "all are known to be");
        Assert.Equal(100, await Placed(world));
    }

    [Fact]
    public async Task Who_may_not_call_does_not_schedule_and_what_may_not_be_placed_any_more_is_skipped()
    {
        await using var world = await Lines.World();
        var person = await world.Person();
        var soon = world.Clock.GetUtcNow().AddMinutes(2);
        var made = await (await person.Post("/mobile/schedule-call", new { phone_number = Lines.Somebody, scheduled_time = soon.Iso() })).Json();
        for (var call = 0; call < 3; call++)
        {
            await person.Call($"+1415555{call + 1000}");
        }

        var refused = await person.Post("/mobile/schedule-call", new { phone_number = Lines.Somebody, scheduled_time = soon.Iso() });
        Assert.Equal(HttpStatusCode.PaymentRequired, refused.StatusCode);
        Assert.Equal("trial_exhausted", (await refused.Json()).GetProperty("detail").Text("error"));

        world.Clock.Advance(TimeSpan.FromMinutes(2));
        var skipped = await Until(person, made.Number("schedule_id"), "skipped");
        Assert.Contains("trial calls", skipped.Text("reason"), StringComparison.Ordinal);
        Assert.Equal(3, await Placed(world));
    }

    [Fact]
    public async Task A_carrier_that_is_away_is_asked_three_times_and_then_no_more()
    {
        await using var world = await Lines.World();
        var company = await world.Company();
        await world.Control("/_sandbox/faults", new { provider = "twilio", path = "/Calls.json", method = "POST", times = 100, status = 429 });
        var made = await (await company.Post("/schedule-call", new { phone_number = Lines.Somebody, scheduled_time = world.Clock.GetUtcNow().AddSeconds(30).Iso(), scenario = "default" })).Json();

        JsonElement shown = default;
        await TestWorld.Until(
            async () =>
            {
                // Not while it is at work, or its lease would run out.
                var busy = await world.Database.Read(session => session.One<long>(
                    "SELECT COUNT(*) FROM jobs WHERE kind LIKE 'ScheduledCallDue%' AND (status = 'running' OR run_at <= @now)", new { now = world.Clock.GetUtcNow() }));
                world.Clock.Advance(TimeSpan.FromSeconds(busy == 0 ? 15 : 0));
                shown = await (await company.Get($"/api/scheduled-calls/{made.Number("id")}")).Json();
                return shown.Text("status") == "failed";
            },
            "it is given up");
        Assert.Equal(3, shown.Number("attempts"));
        Assert.Equal(0, await Placed(world));
        Assert.Equal(0, (await company.Stats()).Number("calls_made_total"));

        // One that the carrier refuses for good (21211) is dialled once, also when the server dies before it has written that down.
        (await world.Sandbox.DeleteAsync("/_sandbox/faults")).Dispose();
        var asked = await Asked(world);
        var bad = await (await company.Post("/schedule-call", new { phone_number = "+15005550001", scheduled_time = world.Clock.GetUtcNow().Iso(), scenario = "default" })).Json();
        await Until(company, bad.Number("id"), "failed");
        var account = await company.Id();
        await world.Database.Write(async transaction =>
        {
            await transaction.Execute("UPDATE scheduled_calls SET status = 'dialing', reason = NULL WHERE phone_number = '+15005550001'");
            await world.Services.GetRequiredService<Outbox>().Publish(transaction, new ScheduledCallDue(account, bad.Number("id")));
        });
        Assert.Equal("The phone service refused it", (await Until(company, bad.Number("id"), "failed")).Text("reason"));
        Assert.Equal(asked + 1, await Asked(world));
    }

    [Fact]
    public async Task A_schedule_can_be_cancelled_until_it_is_due_and_only_by_its_account()
    {
        await using var world = await Lines.World();
        var (company, other) = (await world.Company(), await world.Company());
        var made = await (await company.Post("/schedule-call", new { phone_number = Lines.Somebody, scheduled_time = world.Clock.GetUtcNow().AddMinutes(5).Iso(), scenario = "default" })).Json();
        var path = $"/api/scheduled-calls/{made.Number("id")}";

        await People.Refused(HttpStatusCode.NotFound, "Scheduled call not found", await other.Get(path));
        await People.Refused(HttpStatusCode.NotFound, "Scheduled call not found", await other.Delete(path));
        Assert.Equal("cancelled", (await (await company.Delete(path)).Json()).Text("status"));
        Assert.Equal("cancelled", (await (await company.Delete(path)).Json()).Text("status"));
        world.Clock.Advance(TimeSpan.FromMinutes(10));
        var later = await (await company.Post("/schedule-call", new { phone_number = "+14155550177", scheduled_time = world.Clock.GetUtcNow().Iso(), scenario = "default" })).Json();
        await Until(company, later.Number("id"), "completed");
        Assert.Equal(1, await Placed(world));
        Assert.Equal(HttpStatusCode.Conflict, (await company.Delete($"/api/scheduled-calls/{later.Number("id")}")).StatusCode);
    }

    [Fact]
    public async Task A_client_that_repeats_itself_schedules_one_call()
    {
        await using var world = await Lines.World("postgres");
        foreach (var who in new[] { await world.Company(), await world.Person() })
        {
            var (path, body) = (who.IsMobile ? "/mobile/schedule-call" : "/schedule-call", new { phone_number = Lines.Somebody, scheduled_time = "2027-03-01T10:00:00Z", scenario = "default" });
            foreach (var answer in await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => who.Post(path, body))))
            {
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            }

            Assert.Single((await (await who.Get("/api/scheduled-calls")).Json()).GetProperty("scheduled_calls").EnumerateArray());
        }
    }

    [Theory]
    [InlineData("yesterday", HttpStatusCode.UnprocessableEntity)]
    [InlineData("2020-01-01T00:00:00Z", HttpStatusCode.BadRequest)]
    [InlineData("2999-01-01T00:00:00Z", HttpStatusCode.BadRequest)]
    [InlineData("", HttpStatusCode.UnprocessableEntity)]
    public async Task Times_that_are_none(string time, HttpStatusCode status)
    {
        await using var world = await Lines.World();
        var company = await world.Company();
        Assert.Equal(status, (await company.Post("/schedule-call", new { phone_number = Lines.Somebody, scheduled_time = time, scenario = "default" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await company.Post("/schedule-call", new { phone_number = Lines.Somebody, scheduled_time = "2026-12-01T10:00:00Z", scenario = "nobody" })).StatusCode);
    }

    private static async Task<JsonElement> Until(Ringer who, long id, string status)
    {
        JsonElement shown = default;
        await TestWorld.Until(
            async () => (shown = await (await who.Get($"/api/scheduled-calls/{id}")).Json()).Text("status") == status, $"the schedule is {status}");
        return shown;
    }

    private static async Task<int> Asked(TestWorld world) => (await world.Control("/_sandbox/requests?provider=twilio&limit=1000")).EnumerateArray()
        .Count(request => request.Text("method") == "POST" && request.Text("path")!.EndsWith("/Calls.json", StringComparison.Ordinal));

    private static async Task<int> Placed(TestWorld world) => (await world.Control("/_sandbox/twilio/calls?limit=1000")).GetArrayLength();
}
