using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Plans;
using Ledgerline.Providers.OpenAi;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;
using Tests.Calls.CustomScenarios;
using Tests.Identity;
using Tests.Persistence;
using Tests.Plans;
using Tests.World;
using Xunit;

namespace Tests.Calls.Browser;

/// <summary>A browser's conversation: paid by the minute, known to every node, looked after to its end.</summary>
public sealed class BrowserCallTests
{
    [Theory, EveryDatabase]
    public async Task It_is_begun_on_one_node_answered_on_another_and_paid_when_it_has_ended(string engine)
    {
        await using var world = await People.World(engine);
        var jane = await world.Subscriber();
        var there = jane.On(await world.StartNode());
        var id = await jane.Write(Authors.Draft("warm_male"));
        var session = await jane.BeginTalk(new { scenario_id = id });
        Assert.Equal(60, await world.Minutes(jane));

        var sdp = await there.Answered(session);
        Assert.Equal("""{"type":"ice-candidate","sdp":null,"ice_servers":null,"error":null}""", (await jane.Json(HttpMethod.Post, "/realtime/signal", new { type = "ice-candidate", candidate = new { candidate = "x" }, session_id = session })).ToString());
        Assert.Equal(sdp, await jane.Answered(session));
        Assert.Equal("This session was answered already; begin a new one", await (await jane.Signal(session, Browsers.Offer + "a=x\r\n")).Detail(HttpStatusCode.BadRequest));

        var call = await world.ModelCall();
        var config = call.GetProperty("session");
        Assert.Equal("verse", config.GetProperty("audio").GetProperty("output").GetProperty("voice").GetString());
        Assert.StartsWith($"{Authors.Persona}\n\n{Authors.Prompt}", config.GetProperty("instructions").GetString(), StringComparison.Ordinal);
        await world.Control($"/_sandbox/openai/realtime/sessions/{call.Text("id")}/say", new { tone_hz = 400, seconds = 1 });
        await TestWorld.Until(
            async () => await world.Database.Read(one => one.Maybe<string>("SELECT model_usage FROM browser_calls")) is not null, "what it used is counted");
        await world.Control($"/_sandbox/openai/realtime/sessions/{call.Text("id")}/close", new { });
        await world.Ended();

        Assert.Equal(1, await world.Minutes(jane));
        Assert.Equal([1L], await world.Recorded(jane));
        var (cost, reason) = await world.Database.Read(one => one.One<(long, string)>("SELECT cost_micro_usd, reason FROM usage_records WHERE action = 'browser_call' AND funding = 'allowance'"));
        Assert.InRange(cost, 100, 100_000);
        Assert.Equal("client_gone", reason);
        Assert.Equal("Session not found", await (await jane.Signal(session)).Detail(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task The_agent_is_told_when_the_minutes_end_and_then_it_is_ended()
    {
        await using var world = await People.World();
        var jane = await world.Subscriber();
        var entitlements = world.Services.GetRequiredService<Entitlements>();
        await entitlements.Reserve(jane.Id, Want.Call(), "used", TimeSpan.FromMinutes(10));
        await entitlements.Complete(jane.Id, "used", 98 * 60);
        // A call of the trial counts no minutes; one of the plan does.
        var before = await world.Minutes(jane);
        await jane.Answered(await jane.BeginTalk());
        await TestWorld.Until(async () => (await world.ModelCall()).GetProperty("events_out").TryGetProperty("session.created", out _), "somebody listens in");

        await world.Pass((int)(100 - before) * 60 + 5);
        await world.Ended();

        var call = await world.ModelCall();
        Assert.Equal("hangup", call.Text("ended_by"));
        Assert.Equal(["60 seconds are left. Bring the conversation to an end, in your role.", "20 seconds are left. Say goodbye now, in your role."], call.GetProperty("notes").EnumerateArray().Select(note => note.Text("text")));
        Assert.Equal(100, await world.Minutes(jane));
        using var more = await jane.Send(HttpMethod.Post, "/realtime/session", new { scenario = "default" });
        Assert.Equal((HttpStatusCode)402, more.StatusCode);
        Assert.Equal("monthly_limit_reached", (await more.Json()).GetProperty("detail").Text("error"));
    }

    [Fact]
    public async Task It_lasts_an_hour_at_most()
    {
        await using var world = await People.World();
        var jane = await world.Subscriber("usage_based");
        await jane.Answered(await jane.BeginTalk());
        await world.Pass(3_700, step: 20);
        await world.Ended();
        Assert.Equal([60L], await world.Recorded(jane));
    }

    [Fact]
    public async Task Of_many_same_offers_at_once_one_is_begun()
    {
        await using var world = await People.World();
        var jane = await world.Subscriber();
        var there = jane.On(await world.StartNode());
        var session = await jane.BeginTalk();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(() => (number % 2 == 0 ? jane : there).Signal(session))));
        Assert.All(answers, answer => Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.Conflict }));
        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        await world.ModelCall();
        await jane.Answered(session);
        await world.ModelCall();
    }

    [Fact]
    public async Task Without_minutes_there_is_no_session()
    {
        await using var world = await People.World();
        var joe = await Caller.Business(world);
        using var refused = await joe.Send(HttpMethod.Post, "/realtime/session", new { scenario = "default" });
        Assert.Equal((HttpStatusCode)402, refused.StatusCode);
        var detail = (await refused.Json()).GetProperty("detail");
        Assert.Equal(("upgrade_required", JsonValueKind.Array), (detail.Text("error"), detail.GetProperty("upgrade_options").ValueKind));
        Assert.Equal(0, await world.TalkRows());
    }

    [Fact]
    public async Task What_no_browser_comes_for_is_given_back()
    {
        await using var world = await People.World();
        var jane = await world.Subscriber();
        var session = await jane.BeginTalk();
        Assert.Equal(60, await world.Minutes(jane));
        await world.Pass(11 * 60, step: 20);
        await world.Ended();
        Assert.Equal(0, await world.Minutes(jane));
        Assert.Equal("Session not found", await (await jane.Signal(session)).Detail(HttpStatusCode.NotFound));
        Assert.Empty(await world.ModelCalls());
    }

    [Theory]
    [InlineData(500)]
    [InlineData(401)]
    [InlineData(429)]
    public async Task A_provider_that_fails_costs_nothing_and_may_be_asked_again(int status)
    {
        await using var world = await People.World();
        var jane = await world.Subscriber();
        var session = await jane.BeginTalk();
        await world.Control("/_sandbox/faults", new { provider = "openai", path = "/v1/realtime/calls", times = 1, status });
        await (await jane.Signal(session)).Detail(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("The sdp is no offer that can be answered", await (await jane.Signal(session, "hello")).Detail(HttpStatusCode.BadRequest));
        await jane.Answered(session);
    }

    [Fact]
    public async Task When_its_node_goes_another_looks_after_it()
    {
        await using var world = await People.World();
        var jane = await world.Subscriber();
        var there = jane.On(await world.StartNode());
        var session = await jane.BeginTalk();
        await jane.Answered(session);
        await TestWorld.Until(async () => await Ticket(world) is not null, "the first node looks after it");
        var before = await Ticket(world);
        await world.StopFirstNode();
        await TestWorld.Until(
            async () =>
            {
                await world.Pass(5);
                return await Ticket(world) is { } now && now != before;
            },
            "the second node looks after it");
        await there.Answered(session);
        await world.Control($"/_sandbox/openai/realtime/sessions/{(await world.ModelCall()).Text("id")}/close", new { });
        await TestWorld.Until(
            async () =>
            {
                await world.Pass(5);
                return await world.TalkRows() == 0;
            },
            "it is settled");
        Assert.Single(await world.Recorded(jane));
    }

    [Fact]
    public async Task Who_has_lost_it_lets_it_go_and_who_died_is_replaced()
    {
        await using var world = await People.World();
        var jane = await world.Subscriber();
        await jane.Answered(await jane.BeginTalk());
        await TestWorld.Until(async () => await Ticket(world) is not null, "somebody looks after it");
        var first = await Ticket(world);
        // Somebody else has it, and dies at once.
        await world.Database.Write(transaction => transaction.Execute("UPDATE browser_calls SET ticket = 'somebody', lease_until = 0, review_at = 0"));
        await TestWorld.Until(
            async () =>
            {
                await world.Pass(5);
                return await Ticket(world) is { } now && now != first && now != "somebody";
            },
            "it is looked after again");
        await world.Control($"/_sandbox/openai/realtime/sessions/{(await world.ModelCall()).Text("id")}/close", new { });
        await world.Ended();
        Assert.Single(await world.Recorded(jane));
    }

    [Fact]
    public async Task What_its_server_died_over_before_it_was_answered_costs_nothing()
    {
        await using var world = await People.World();
        var jane = await world.Subscriber();
        var session = await jane.BeginTalk();
        await world.Database.Write(transaction => transaction.Execute("UPDATE browser_calls SET state = 'starting', ticket = 'somebody', lease_until = 0, review_at = 0"));
        await world.Pass(10);
        await world.Ended();
        Assert.Equal(0, await world.Minutes(jane));
        Assert.Equal("Session not found", await (await jane.Signal(session)).Detail(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Credits_buy_it_minute_by_minute_where_the_operator_sells_calls_so()
    {
        await using var world = await People.World("sqlite", ("CALLS_FROM_CREDITS", "true"));
        var joe = await Caller.Business(world);
        await world.Services.GetRequiredService<Ledger>().Grant(new GrantOrder(joe.Id, Unit.Credit, "purchase", "grant:1", Credits.Whole(110), "test"));
        await joe.Answered(await joe.BeginTalk());
        await TestWorld.Until(async () => (await world.ModelCall()).GetProperty("events_out").TryGetProperty("session.created", out _), "somebody listens in");
        // Three minutes are held at first; a minute of 20 credits after the other until five are paid, and the rest is too little for one.
        await world.Pass(310, step: 1);
        await world.Ended();
        Assert.Equal([5L], await world.Recorded(joe));
        Assert.Equal(Credits.Whole(10), (await world.Services.GetRequiredService<Ledger>().Balance(joe.Id, Unit.Credit)).Available);
        Assert.Equal("hangup", (await world.ModelCall()).Text("ended_by"));
    }

    [Fact]
    public async Task What_is_wrong_is_named()
    {
        await using var world = await People.World();
        var (jane, joe) = (await world.Subscriber(), await world.Subscriber());
        var own = await jane.Write();
        var row = (await jane.Scenarios()).Single().GetProperty("id").GetInt64();
        await Refused(jane, "/realtime/session", new { }, "Either scenario or scenario_id must be provided");
        await Refused(jane, "/realtime/session", new { scenario = "", scenario_id = (string?)null }, "Either scenario or scenario_id must be provided");
        await Refused(jane, "/realtime/session", new { scenario = "nope" }, "Invalid scenario: nope");
        await Refused(jane, "/realtime/session", new { scenario_id = 12 }, "Invalid scenario: 12");
        await Refused(joe, "/realtime/session", new { scenario_id = own }, "Custom scenario not found or you don't have permission to use it", HttpStatusCode.NotFound);
        await Refused(joe, "/realtime/session", new { scenario_id = row }, "Custom scenario not found or you don't have permission to use it", HttpStatusCode.NotFound);
        using var wrong = await jane.Send(HttpMethod.Post, "/realtime/session", new { scenario = true });
        Assert.Equal("body -> scenario", (await wrong.Json()).GetProperty("errors")[0].Text("field"));
        Assert.Equal(0, await world.TalkRows());

        var session = await jane.BeginTalk(new { scenario_id = row, user_id = 17 });
        foreach (var foreign in (string[])[session, Guid.NewGuid().ToString(), "", "x\u0000", new string('9', 5000)])
        {
            foreach (var type in (string[])["offer", "ice-candidate"])
            {
                Assert.Equal("Session not found", await (await joe.Signal(foreign, type: type)).Detail(HttpStatusCode.NotFound));
            }
        }

        await Refused(jane, "/realtime/signal", new { type = "answer", session_id = session }, "type must be offer or ice-candidate");
        await Refused(jane, "/realtime/signal", new { session_id = session }, "type must be offer or ice-candidate");
        await Refused(jane, "/realtime/signal", new { type = "offer", session_id = session }, "An offer needs its sdp");
        await Refused(jane, "/realtime/signal", new { type = "offer", sdp = Browsers.Offer + "\0", session_id = session }, "The sdp is no offer that can be answered");
        await Refused(jane, "/realtime/signal", new { type = "offer", sdp = Browsers.Offer + new string('a', 200_000), session_id = session }, "The sdp is no offer that can be answered");
        using var missing = await jane.Send(HttpMethod.Post, "/realtime/signal", new { type = "offer" });
        Assert.Equal("body -> session_id", (await missing.Json()).GetProperty("errors")[0].Text("field"));
        Assert.Empty(await world.ModelCalls());
        // Without the provider's key, which no setting takes away in Development.
        var (options, key) = (world.Services.GetRequiredService<OpenAiOptions>(), typeof(OpenAiOptions).GetProperty(nameof(OpenAiOptions.ApiKey))!);
        var given = options.ApiKey;
        key.SetValue(options, null);
        await Refused(jane, "/realtime/signal", new { type = "offer", sdp = Browsers.Offer, session_id = session }, "Realtime voice is not configured", HttpStatusCode.ServiceUnavailable);
        key.SetValue(options, given);
        await jane.Answered(session);
    }

    [Fact]
    public async Task The_same_key_begins_one_session()
    {
        await using var world = await People.World();
        var jane = await world.Subscriber();
        List<string> bodies = [];
        for (var again = 0; again < 2; again++)
        {
            using var answer = await world.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/realtime/session")
            {
                Content = JsonContent.Create(new { scenario = "storyteller" }),
                Headers = { { "Authorization", $"Bearer {jane.Token}" }, { "Idempotency-Key", "talk-1" } },
            });
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            bodies.Add(await answer.Content.ReadAsStringAsync());
        }

        Assert.Single(bodies.Distinct());
        Assert.Equal(1, await world.TalkRows());
        Assert.Equal(60, await world.Minutes(jane));
    }

    private static Task<string?> Ticket(TestWorld world) => world.Database.Read(session => session.Maybe<string>("SELECT ticket FROM browser_calls WHERE state = 'live'"));

    private static async Task Refused(Caller caller, string path, object body, string detail, HttpStatusCode status = HttpStatusCode.BadRequest) =>
        Assert.Equal(detail, await (await caller.Send(HttpMethod.Post, path, body)).Detail(status));
}
