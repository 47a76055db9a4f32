using System.Net.WebSockets;
using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Gateway.V1.Realtime;
using Ledgerline.Kernel;
using Ledgerline.Usage;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1.Realtime;

/// <summary>No answer without money behind it, each charged once, and nothing held when a conversation is over.</summary>
public sealed class RealtimeMoneyTests
{
    private static readonly string[] Scopes = ["realtime"];

    [Theory, EveryDatabase]
    public async Task Each_answer_is_charged_as_its_provider_counts_it(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var caller = await V1Caller.New(world, 1000, scopes: Scopes);
        await using var talk = await Talk.Open(caller, world.Client.BaseAddress!);
        await talk.Configure(transcribes: "whisper-1");
        var answers = new List<JsonElement> { await talk.Answer(), await talk.Answer(), await talk.Answer() };
        await talk.HangUp();
        await world.NothingHeld();

        var used = await world.Talked();
        Assert.Equal(3, used.Count);
        foreach (var (answer, row) in answers.Zip(used))
        {
            var (credits, cost) = Price(answer.GetProperty("usage"));
            Assert.Equal((credits, cost, "provider_usage", "done"), (row.CreditsMicro, row.CostMicroUsd, row.Basis, row.Reason));
        }

        Assert.Equal(Credits.Whole(1000).Micro - used.Sum(row => row.CreditsMicro), (await Balance(world, caller)).Available.Micro);
        Assert.True(IsOver((await world.ModelSessions()).Single()));
    }

    [Fact]
    public async Task While_it_runs_there_is_a_hold_and_a_keys_limit_counts_it()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, 1000, limit: 40, scopes: Scopes);
        await using var talk = await Talk.Open(caller, world.Client.BaseAddress!);
        // What the next answer can cost, and the least there is for one that begins when there is no more.
        Assert.Equal(2, await world.OpenHolds());
        Assert.InRange((await Balance(world, caller)).Available.Micro, Credits.Whole(940).Micro, Credits.Whole(999).Micro);
        // What the first holds is not there for a second.
        Assert.Equal(System.Net.HttpStatusCode.PaymentRequired, await Talk.Refused(caller, world.Client.BaseAddress!));
        await talk.Configure();
        await talk.Answer();
        talk.Abort();
        await world.NothingHeld();
        Assert.Single(await world.Talked());
    }

    [Fact]
    public async Task Without_money_for_a_first_answer_nobody_is_asked()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, 1, scopes: Scopes);
        Assert.Equal(System.Net.HttpStatusCode.PaymentRequired, await Talk.Refused(caller, world.Client.BaseAddress!));
        Assert.Empty(await world.ModelSessions());
        await caller.Owner.AssertUntouched(1);
    }

    [Fact]
    public async Task When_the_money_ends_so_does_the_conversation_and_nothing_is_owed()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, 25, scopes: Scopes);
        await using var talk = await Talk.Open(caller, world.Client.BaseAddress!);
        await talk.Configure();
        var answers = 0;
        try
        {
            while (answers < 200)
            {
                await talk.Answer();
                answers++;
            }
        }
        catch (Exception failure) when (failure is Xunit.Sdk.XunitException or InvalidOperationException or WebSocketException)
        {
            await talk.End();
        }

        Assert.InRange(answers, 2, 199);
        var error = talk.Seen.Last(one => Talk.TypeOf(one) == "error").GetProperty("error");
        Assert.Equal(("insufficient_quota", "insufficient_credits"), (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()));
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "insufficient_credits"), (talk.CloseStatus, talk.CloseReason));
        await world.NothingHeld();
        var (available, owed) = await Balance(world, caller);
        Assert.Equal(Credits.Zero, owed);
        Assert.Equal(Credits.Whole(25).Micro - (await world.Talked()).Sum(row => row.CreditsMicro), available.Micro);
        Assert.True(IsOver((await world.ModelSessions()).Single()));
    }

    [Fact]
    public async Task What_would_cost_more_than_there_is_does_not_reach_the_model()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, 60, scopes: Scopes);
        await using var talk = await Talk.Open(caller, world.Client.BaseAddress!);
        await talk.Configure();
        await talk.Answer();
        await talk.Send(new { type = "conversation.item.create", item = new { type = "message", role = "user", content = new[] { new { type = "input_text", text = new string('a', 200_000) } } } });
        await talk.Until("error");
        await talk.End();
        await world.NothingHeld();
        var seen = (await world.ModelSessions()).Single().GetProperty("events_in");
        Assert.False(seen.TryGetProperty("conversation.item.create", out _), seen.ToString());
        Assert.Single(await world.Talked());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_leaves_calls_the_answer_off_and_is_charged_for_what_was_made(bool says)
    {
        await using var world = await TestWorld.Start();
        await world.Control("/_sandbox/openai/realtime", new { turns = new[] { new { say = "A very long answer.", seconds = 60 } }, speed = 4 });
        var caller = await V1Caller.New(world, 1000, scopes: Scopes);
        await using var talk = await Talk.Open(caller, world.Client.BaseAddress!);
        await talk.Configure();
        await talk.Send(new { type = "response.create" });
        await talk.Until("response.output_audio.delta");
        if (says)
        {
            await talk.HangUp();
        }
        else
        {
            talk.Abort();
        }

        await world.NothingHeld();
        var used = Assert.Single(await world.Talked());
        Assert.Equal(("provider_usage", "client_gone"), (used.Basis, used.Reason));
        // Far from the sixty seconds that it would have been.
        Assert.InRange(used.OutputTokens, 1, 600);
        var session = (await world.ModelSessions()).Single();
        Assert.True(IsOver(session));
        Assert.Equal(1, session.GetProperty("events_in").GetProperty("response.cancel").GetInt32());
    }

    [Fact]
    public async Task An_answer_that_nobody_counted_is_charged_as_far_as_it_came()
    {
        await using var world = await TestWorld.Start();
        await world.Control("/_sandbox/openai/realtime", new { turns = new[] { new { say = "A long answer.", seconds = 20 } }, at_once = true, drop_after_events = 40 });
        var caller = await V1Caller.New(world, 1000, scopes: Scopes);
        await using var talk = await Talk.Open(caller, world.Client.BaseAddress!);
        await talk.Configure();
        await talk.Send(new { type = "response.create" });
        await talk.End();
        Assert.Equal(WebSocketCloseStatus.InternalServerError, talk.CloseStatus);
        await world.NothingHeld();
        var used = Assert.Single(await world.Talked());
        Assert.Equal(("estimated", "upstream_error"), (used.Basis, used.Reason));
        // The seconds of audio that had come, at 20 tokens each.
        var heard = talk.Seen.Where(one => Talk.TypeOf(one) == "response.output_audio.delta").Sum(one => one.GetProperty("delta").GetBytesFromBase64().Length) / 8000m;
        using var details = JsonDocument.Parse(used.Metadata);
        Assert.InRange(details.RootElement.GetProperty("audio").GetProperty("output").GetInt64(), (long)(heard * 20) - 1, (long)(heard * 20) + 1);
    }

    [Fact]
    public async Task Nothing_is_held_for_long_without_somebody_who_renews_it()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, 100, scopes: Scopes);
        await using var talk = await Talk.Open(caller, world.Client.BaseAddress!);
        await talk.Configure();
        var first = await Hold(world);
        for (var minute = 0; minute < 15; minute++)
        {
            world.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        await TestWorld.Until(async () => await Hold(world) is { } now && now != first, "it is another hold");
        var until = await world.Database.Read(session => session.One<long>("SELECT MAX(expires_at) FROM holds WHERE status = 'open'"));
        Assert.InRange(DateTimeOffset.FromUnixTimeMilliseconds(until) - world.Clock.GetUtcNow(), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(11));
        await talk.Answer();
        await talk.HangUp();
        await world.NothingHeld();
        Assert.Single(await world.Talked());
    }

    [Fact]
    public async Task A_key_that_is_revoked_ends_what_it_began()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, 100, scopes: Scopes);
        await using var talk = await Talk.Open(caller, world.Client.BaseAddress!);
        await talk.Configure();
        await talk.Answer();
        using var revoked = await world.Client.SendAsync(caller.Owner.Request(HttpMethod.Delete, $"/api/keys/{caller.KeyId}"));
        Assert.True(revoked.IsSuccessStatusCode);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await talk.Until("error");
        await talk.End();
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "invalid_api_key"), (talk.CloseStatus, talk.CloseReason));
        await world.NothingHeld();
    }

    [Fact]
    public async Task A_server_that_ends_closes_conversations_and_their_books()
    {
        await using var world = await TestWorld.Start(settings: new() { ["SHUTDOWN_DRAIN_SECONDS"] = "3" });
        await world.Control("/_sandbox/openai/realtime", new { turns = new[] { new { say = "A very long answer.", seconds = 60 } }, speed = 2 });
        var caller = await V1Caller.New(world, 100, scopes: Scopes);
        await using var talk = await Talk.Open(caller, world.Client.BaseAddress!);
        await talk.Configure();
        await talk.Send(new { type = "response.create" });
        await talk.Until("response.output_audio.delta");
        var stopping = world.StopFirstNode();
        await talk.End();
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, talk.CloseStatus);
        await stopping;
        await world.NothingHeld();
        Assert.Equal(("provider_usage", "shutdown"), Assert.Single(await world.Talked()) is var used ? (used.Basis, used.Reason) : default);
    }

    [Theory, EveryDatabase]
    public async Task Of_many_at_once_as_many_are_let_in_as_there_is_money_for(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var caller = await V1Caller.New(world, 100, scopes: Scopes);
        var talks = Enumerable.Range(0, 20).Select(_ => new Talk()).ToList();
        var statuses = await Task.WhenAll(talks.Select(talk => Task.Run(() => talk.Connect(caller.Key, world.Client.BaseAddress!, "?model=gpt-realtime"))));
        var let = statuses.Count(status => status == System.Net.HttpStatusCode.SwitchingProtocols);
        Assert.InRange(let, 2, 11);
        Assert.Equal(20 - let, statuses.Count(status => status == System.Net.HttpStatusCode.PaymentRequired));
        Assert.Equal(2 * let, await world.OpenHolds());
        Assert.Equal(let, (await world.ModelSessions()).Count);
        foreach (var talk in talks)
        {
            talk.Abort();
            await talk.DisposeAsync();
        }

        await world.NothingHeld();
        await caller.Owner.AssertUntouched(100);
    }

    [Fact]
    public async Task An_answer_that_began_when_the_money_had_ended_is_owed()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, 20, scopes: Scopes);
        var tally = new RealtimeTally("gpt-realtime");
        using var lease = new RealtimeLease(
            world.Services.GetRequiredService<Meter>(), caller.Owner.Id, null, "gpt-realtime", "session", new { }, world.Clock, NullLogger.Instance);
        Assert.NotNull((await lease.Begin(tally, CancellationToken.None)).Authorization);
        // A thousand tokens of speech are 25.6 credits.
        Assert.False(await lease.Answered(new VoiceUsage("resp_1", "gpt-realtime") { AudioOutput = 1000 }, false, "done", tally));
        await lease.Late(new VoiceUsage("resp_2", "gpt-realtime") { AudioOutput = 500 }, false, "limit");
        await lease.Late(new VoiceUsage("resp_3", "gpt-realtime") { AudioOutput = 250 }, false, "limit");
        await lease.End(null, true, "limit");
        Assert.Equal(0, await world.OpenHolds());
        Assert.Equal(new WalletBalance(Credits.Zero, new Credits(24_800_000)), await Balance(world, caller));
        Assert.Equal([(25_600_000L, "provider_usage"), (19_200_000L, "provider_usage")], (await world.Talked()).Select(row => (row.CreditsMicro, row.Basis)));
    }

    private static bool IsOver(JsonElement session) => session.GetProperty("ended_at").ValueKind == JsonValueKind.String;

    private static Task<string?> Hold(TestWorld world) => world.Database.Read(session => session.Maybe<string>("SELECT id FROM holds WHERE status = 'open' AND amount_micro > 1"));

    private static Task<WalletBalance> Balance(TestWorld world, V1Caller caller) => world.Services.GetRequiredService<Ledger>().Balance(caller.Owner.Id, Unit.Credit);

    // By hand: gpt-realtime at 4/0.40/16 and 32/0.40/64 dollars a million, and 400 credits a dollar.
    private static (long Credits, long Cost) Price(JsonElement usage)
    {
        var (input, output) = (usage.GetProperty("input_token_details"), usage.GetProperty("output_token_details"));
        var cached = input.GetProperty("cached_tokens_details");
        decimal Of(JsonElement of, string kind) => of.GetProperty(kind).GetDecimal();
        var dollars = (Of(input, "text_tokens") - Of(cached, "text_tokens")) * 4m + Of(cached, "text_tokens") * 0.4m + Of(output, "text_tokens") * 16m
            + (Of(input, "audio_tokens") - Of(cached, "audio_tokens")) * 32m + Of(cached, "audio_tokens") * 0.4m + Of(output, "audio_tokens") * 64m;
        return ((long)Math.Ceiling(dollars * 400), (long)Math.Ceiling(dollars));
    }
}
