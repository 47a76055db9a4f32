using System.Net;
using Ledgerline.Calls.Log;
using Tests.Calls.CustomScenarios;
using Tests.Identity;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Calls;

/// <summary>Placing calls: as many as are paid for, each once, whoever repeats and whatever the carrier answers.</summary>
public sealed class PlacingTests
{
    [Fact]
    public async Task Of_twenty_calls_at_once_on_two_nodes_a_trial_of_three_gives_three()
    {
        await using var world = await Lines.World("postgres");
        var second = await world.StartNode();
        var person = await world.Person();
        var other = person with { Node = second };

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(call => (call % 2 == 0 ? person : other).Ring($"+1415555{call + 1000}")));

        Assert.Equal(3, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
        {
            Assert.Equal(HttpStatusCode.PaymentRequired, refused.StatusCode);
            Assert.Equal("trial_exhausted", (await refused.Json()).GetProperty("detail").Text("error"));
        }

        Assert.Equal(3, await world.Placed());
        var stats = await person.Stats();
        Assert.Equal((3, 0, 3), (stats.Number("trial_calls_used"), stats.Number("trial_calls_remaining"), stats.Number("calls_made_total")));
        await Calls_of_two_accounts_carry_each_its_own(world, second);
    }

    // Written on one node and called from the other: number, name and scenario are the account's own, and an edit is heard on the next call.
    private static async Task Calls_of_two_accounts_carry_each_its_own(TestWorld world, HttpClient second)
    {
        (Ringer Who, string Name, string Area)[] both = [(await world.Company(), "Ada Lovelace", "415"), (await world.Company(second), "Zoë 🚀 Müller", "212")];
        var calls = await Task.WhenAll(both.Select(async one =>
        {
            var number = await world.OwnNumber(one.Who, one.Area);
            Assert.True((await one.Who.Post("/update-user-name", new { name = one.Name })).IsSuccessStatusCode);
            var scenario = (await (await one.Who.Post("/realtime/custom-scenario", Authors.Draft(persona: $"You work for {one.Name} alone."))).Json()).Text("scenario_id")!;
            var elsewhere = one.Who with { Node = one.Who.Node == second ? world.Client : second };
            var sid = await elsewhere.Call(scenario: scenario);
            Assert.Equal(number, (await world.Line(sid)).Text("from"));
            await TestWorld.Until(async () => (await Told(world, one.Name)).Count > 0, "the model is told");
            Assert.True((await elsewhere.Send(HttpMethod.Put, $"/custom-scenarios/{scenario}", new { prompt = $"Sing for {one.Name} instead." })).IsSuccessStatusCode);
            Assert.DoesNotContain(await Told(world, one.Name), text => text.Contains("Sing for", StringComparison.Ordinal));
            await one.Who.Call("+14155550177", scenario);
            await TestWorld.Until(async () => (await Told(world, one.Name)).Any(text => text.Contains($"Sing for {one.Name} instead.", StringComparison.Ordinal)), "the edit is heard");
            return sid;
        }));
        Assert.Equal(2, calls.Distinct().Count());
        foreach (var (name, other) in new[] { (both[0].Name, both[1].Name), (both[1].Name, both[0].Name) })
        {
            var own = await Told(world, name);
            Assert.All(own, text => Assert.Contains($"is called {name.Replace("🚀 ", " ", StringComparison.Ordinal)};", text, StringComparison.Ordinal));
            Assert.All(own, text => Assert.DoesNotContain(other, text, StringComparison.Ordinal));
        }
    }

    // What the models were told that work for this person.
    private static async Task<IReadOnlyList<string>> Told(TestWorld world, string name) =>
    [
        .. (await world.Control("/_sandbox/openai/realtime/sessions?limit=100")).EnumerateArray()
            .Select(one => one.GetProperty("session").Text("instructions")!).Where(text => text.StartsWith($"You work for {name} alone.", StringComparison.Ordinal)),
    ];

    [Theory, EveryDatabase]
    public async Task A_client_that_repeats_itself_gets_the_same_call(string engine)
    {
        await using var world = await Lines.World(engine);
        var person = await world.Person();

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => person.Ring()));
        var sids = new HashSet<string>();
        foreach (var answer in answers)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            sids.Add((await answer.Json()).Text("call_sid")!);
        }

        Assert.Single(sids);
        Assert.Equal(1, await world.Placed());
        Assert.Equal(1, (await person.Stats()).Number("calls_made_total"));
        world.Clock.Advance(TimeSpan.FromSeconds(11));
        Assert.DoesNotContain(await person.Call(), sids);
    }

    [Fact]
    public async Task A_key_is_one_call_for_ever()
    {
        await using var world = await Lines.World();
        var company = await world.Company();

        var first = await (await company.Ring(key: "k-1")).Json();
        world.Clock.Advance(TimeSpan.FromMinutes(20));
        var again = await (await company.Ring(key: "k-1")).Json();

        Assert.Equal(first.Text("call_sid"), again.Text("call_sid"));
        Assert.Equal(1, await world.Placed());
        // A company names the number in the address, where the same key means something else.
        Assert.NotEqual(first.Text("call_sid"), (await (await company.Ring("+14155550188", key: "k-1")).Json()).Text("call_sid"));
        var person = await world.Person();
        Assert.Equal(HttpStatusCode.OK, (await person.Ring(key: "k-1")).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await person.Ring("+14155550188", key: "k-1")).StatusCode);
    }

    [Fact]
    public async Task A_refusal_of_the_carrier_is_told_and_given_back()
    {
        await using var world = await Lines.World();
        var (company, person) = (await world.Company(), await world.Person());

        // The sandbox's carrier refuses this number: 21211.
        var refused = await company.Ring("+15005550001");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.StartsWith("An error occurred with the phone service: Twilio answered 400", (await refused.Json()).Text("detail"), StringComparison.Ordinal);
        var final = await person.Ring("+15005550001");
        Assert.Null(final.Headers.RetryAfter);
        await People.Refused(HttpStatusCode.InternalServerError, "Unable to initiate call", final);
        Assert.Equal(0, (await company.Stats()).Number("calls_made_total"));
        Assert.Equal(3, (await person.Stats()).Number("trial_calls_remaining"));
    }

    [Theory]
    [InlineData("911", "Invalid phone number")]
    [InlineData("not a number", "Invalid phone number")]
    [InlineData("+0123456789", "Invalid phone number")]
    [InlineData("+1415555012345678", "Invalid phone number")]
    [InlineData("+19005551234", "Calls to this number are not allowed")]
    [InlineData("+449012345678", "Calls to this number are not allowed")]
    [InlineData("+4490987900001", "Calls to this number are not allowed")]
    [InlineData("+44909879000", "Calls to this number are not allowed")]
    [InlineData("+190055501234", "Calls to this number are not allowed")]
    [InlineData("+8816312345678", "Calls to this number are not allowed")]
    [InlineData("+97912345678", "Calls to this number are not allowed")]
    public async Task Numbers_that_are_none_and_numbers_that_nobody_should_dial(string number, string detail)
    {
        await using var world = await Lines.World();
        await People.Refused(HttpStatusCode.BadRequest, detail, await (await world.Company()).Ring(number));
        await People.Refused(HttpStatusCode.BadRequest, detail, await (await world.Person()).Ring(number));
        Assert.Equal(0, await world.Placed());
    }

    [Theory]
    [InlineData("4155550123", "+14155550123")]
    [InlineData("14155550123", "+14155550123")]
    [InlineData("(415) 555-0123", "+14155550123")]
    [InlineData("415.555.0123", "+14155550123")]
    [InlineData("+49 30 901820", "+4930901820")]
    [InlineData("+44 (0)7911 123456", "+447911123456")]
    [InlineData("4930901820123", "+4930901820123")]
    public async Task Numbers_as_clients_write_them(string number, string dialled)
    {
        await using var world = await Lines.World();
        var sid = await (await world.Person()).Call(number);
        Assert.Equal(dialled, (await world.Line(sid)).Text("to"));
    }

    [Fact]
    public async Task Whom_the_operator_or_the_person_does_not_want_called_is_not_called()
    {
        await using var world = await Lines.World(settings: [("CALL_ALLOWED_PREFIXES", "+1,+49"), ("CALL_BLOCKED_PREFIXES", "+1415555")]);
        var company = await world.Company();
        await People.Refused(HttpStatusCode.BadRequest, "Calls to this number are not allowed", await company.Ring("+14155550123"));
        await People.Refused(HttpStatusCode.BadRequest, "Calls to this number are not allowed", await company.Ring("+442079460000"));
        Assert.Equal(HttpStatusCode.OK, (await company.Post("/api/do-not-call", new { phone_number = "+49 30 901820", reason = "asked" })).StatusCode);
        await People.Refused(HttpStatusCode.BadRequest, "This person has asked not to be called", await company.Ring("+4930901820"));
        Assert.Equal(HttpStatusCode.OK, (await company.Delete("/api/do-not-call/+4930901820")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await company.Ring("+4930901820")).StatusCode);
    }

    [Fact]
    public async Task Scenarios_that_nobody_knows_and_lines_that_are_full()
    {
        await using var world = await Lines.World(settings: [("CALLS_AT_ONCE", "1")]);
        var (company, person) = (await world.Company(), await world.Person());
        await People.Refused(HttpStatusCode.BadRequest, "Invalid scenario", await company.Ring(scenario: "nobody"));
        await People.Refused(HttpStatusCode.BadRequest, "Invalid scenario", await person.Ring(scenario: "custom_1_1"));
        await company.Call();
        var full = await company.Ring("+14155550199");
        Assert.Equal(HttpStatusCode.TooManyRequests, full.StatusCode);
        Assert.Equal(1, (await company.Stats()).Number("calls_made_total"));
    }

    [Fact]
    public async Task The_carrier_ends_a_call_at_its_limit_whatever_becomes_of_us()
    {
        await using var world = await Lines.World();
        var person = await world.Person();
        var sid = await person.Call();
        await world.Until(sid, line => line.Text("status") == "in-progress", "somebody answers");
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        var call = await person.Settled(sid);
        Assert.Equal(("completed", 60), (call.Text("status"), call.Number("duration_limit")));
        Assert.InRange(call.Number("duration"), 60, 62);
    }

    [Fact]
    public async Task One_call_a_second_and_nobody_waits_for_somebody_elses_hundred()
    {
        await using var world = await Lines.World("postgres", ("CALLS_PER_SECOND", "2"));
        var (many, one) = (await world.Company(), await world.Company());
        var all = Enumerable.Range(0, 4).Select(call => many.Ring($"+1415{call:000}0001")).ToList();
        await TestWorld.Until(async () => (await many.Stats()).Number("calls_made_total") == 4, "all four are reserved");
        all.Add(one.Ring());
        foreach (var answer in await Task.WhenAll(all))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        var order = (await world.Control("/_sandbox/twilio/calls")).EnumerateArray().Select(call => call.Text("to")).Reverse().ToList();
        Assert.InRange(order.IndexOf(Lines.Somebody), 0, 3);
    }

    [Fact]
    public async Task A_key_is_good_again_after_a_failure_that_passes()
    {
        await using var world = await Lines.World();
        var company = await world.Company();
        await world.Control("/_sandbox/faults", new { provider = "twilio", path = "/Calls.json", method = "POST", times = 1, status = 429 });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await company.Ring(key: "again")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await company.Ring(key: "again")).StatusCode);
        Assert.Equal(1, (await company.Stats()).Number("calls_made_total"));
    }

    [Fact]
    public async Task Histories_show_calls()
    {
        await using var world = await Lines.World();
        var (company, person) = (await world.Company(), await world.Person());
        var (first, second) = (await company.Call("+14155550001"), await person.Call("+14155550001"));
        var all = await (await company.Get("/call-history")).Json();
        Assert.Equal((first, 1, false), (all.GetProperty("calls")[0].Text("call_sid"), all.Number("total"), all.GetProperty("has_more").GetBoolean()));
        Assert.Equal(second, (await (await person.Get("/mobile/call-history")).Json()).GetProperty("call_history")[0].Text("call_sid"));

        // Somebody else's call is one that is not there.
        foreach (var foreign in (string[])[second, $"{(await person.Show(second)).Number("id")}", "CA00000000000000000000000000000000"])
        {
            foreach (var answer in new[]
            {
                await company.Get($"/api/calls/{foreign}"), await company.Get($"/api/calls/{foreign}/events"), await company.Get($"/api/calls/{foreign}/recording"),
                await company.Post($"/api/calls/{foreign}/steer", new { note = "Hang up." }), await company.Post($"/api/calls/{foreign}/hang-up"),
            })
            {
                await People.Refused(HttpStatusCode.NotFound, ShowCalls.NoCall, answer);
            }
        }
    }
}
