using System.Net;
using System.Net.WebSockets;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1.Realtime;

public sealed class RealtimeTests
{
    private static readonly string[] Scopes = ["realtime", "models"];

    [Fact]
    public async Task Events_are_passed_on_both_ways_as_they_are()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, 1000, scopes: Scopes);
        await using var talk = await Talk.Open(caller, world.Client.BaseAddress!);
        await talk.Configure("Speak like a pirate.");
        await talk.Send(new { type = "conversation.item.create", event_id = "cl_1", item = new { id = "item_mine", type = "message", role = "user", content = new[] { new { type = "input_text", text = "Ahoy — “ä”!" } } } });
        var added = await talk.Until("conversation.item.added");
        Assert.Equal("Ahoy — “ä”!", added.GetProperty("item").GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal("completed", (await talk.Answer()).GetProperty("status").GetString());
        await talk.Send(new { type = "conversation.item.truncate", item_id = "nothing", content_index = 0, audio_end_ms = 5 });
        await talk.Until("error");
        await talk.HangUp();
        var session = (await world.ModelSessions()).Single();
        Assert.Equal("Speak like a pirate.", session.GetProperty("session").GetProperty("instructions").GetString());
    }

    [Theory]
    [InlineData("""{"type":"session.update","event_id":"e1","session":{"type":"realtime","audio":{"input":{"transcription":{"model":"whisper-9"}}}}}""", "invalid_value", "session.audio.input.transcription.model", "e1")]
    [InlineData("""{"type":"response.create","type":"session.update"}""", "invalid_event", null, null)]
    [InlineData("""{"session":{}}""", "invalid_event", "type", null)]
    [InlineData("""["response.create"]""", "invalid_event", null, null)]
    [InlineData("""{"type":"response.create"}{"type":"response.create"}""", "invalid_event", null, null)]
    [InlineData("""{"type":7}""", "invalid_event", null, null)]
    [InlineData("hello", "invalid_event", null, null)]
    [InlineData("", "invalid_event", null, null)]
    public async Task What_is_no_event_or_is_not_sold_is_answered_and_not_passed_on(string text, string code, string? param, string? id)
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, 1000, scopes: Scopes);
        await using var talk = await Talk.Open(caller, world.Client.BaseAddress!);
        await talk.SendText(text);
        var error = (await talk.Until("error")).GetProperty("error");
        Assert.Equal(
            ("invalid_request_error", code, param, id),
            (error.GetProperty("type").GetString(), error.GetProperty("code").GetString(), error.GetProperty("param").GetString(), error.GetProperty("event_id").GetString()));
        await talk.Configure();
        await talk.HangUp();
        var seen = (await world.ModelSessions()).Single().GetProperty("events_in");
        Assert.Equal("""{"session.update":1}""", seen.ToString());
    }

    [Fact]
    public async Task Binary_messages_end_it()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, 1000, scopes: Scopes);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {caller.Key}");
        await socket.ConnectAsync(new Uri($"ws{world.Client.BaseAddress!.ToString()["http".Length..]}v1/realtime?model=gpt-realtime"), CancellationToken.None);
        await socket.SendAsync(new byte[] { 1, 2, 3 }, WebSocketMessageType.Binary, true, CancellationToken.None);
        var buffer = new byte[64 * 1024];
        while ((await socket.ReceiveAsync(buffer, CancellationToken.None)).MessageType != WebSocketMessageType.Close)
        {
        }

        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, socket.CloseStatus);
        await world.NothingHeld();
        Assert.Empty(await world.Talked());
    }

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("?model=", HttpStatusCode.BadRequest)]
    [InlineData("?model=whisper-1", HttpStatusCode.NotFound)]
    [InlineData("?model=gpt-5-mini", HttpStatusCode.NotFound)]
    [InlineData("?model=gpt-realtime%00", HttpStatusCode.NotFound)]
    [InlineData("?call_id=rtc_1", HttpStatusCode.BadRequest)]
    [InlineData("?model=gpt-realtime&call_id=rtc_1", HttpStatusCode.BadRequest)]
    [InlineData("?intent=transcription", HttpStatusCode.BadRequest)]
    public async Task What_is_not_sold_is_refused_before_anything_is_held(string query, HttpStatusCode status)
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, 1000, scopes: Scopes);
        Assert.Equal(status, await Talk.Refused(caller, world.Client.BaseAddress!, query));
        Assert.Empty(await world.ModelSessions());
        await caller.Owner.AssertUntouched(1000);
    }

    [Fact]
    public async Task It_takes_a_key_with_its_scope_and_a_socket()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, 1000, scopes: ["chat"]);
        Assert.Equal(HttpStatusCode.Forbidden, await Talk.Refused(caller, world.Client.BaseAddress!));
        Assert.Equal(HttpStatusCode.Unauthorized, await Talk.Refused(new V1Caller(world, caller.Owner, "", "lk_nothing"), world.Client.BaseAddress!));
        using var request = caller.Request(HttpMethod.Get, "/v1/realtime?model=gpt-realtime");
        request.Headers.Authorization = new("Bearer", caller.Owner.Token);
        using var answer = await world.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
        Assert.Contains("WebSockets only", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await caller.Owner.AssertUntouched(1000);
    }

    [Theory]
    [InlineData(401, HttpStatusCode.ServiceUnavailable)]
    [InlineData(429, HttpStatusCode.ServiceUnavailable)]
    [InlineData(500, HttpStatusCode.BadGateway)]
    public async Task What_the_provider_refuses_costs_nothing(int status, HttpStatusCode told)
    {
        await using var world = await TestWorld.Start();
        await world.Control("/_sandbox/faults", new { provider = "openai", path = "/v1/realtime", times = 1, status });
        var caller = await V1Caller.New(world, 1000, scopes: Scopes);
        Assert.Equal(told, await Talk.Refused(caller, world.Client.BaseAddress!));
        await caller.Owner.AssertUntouched(1000);
        await world.NothingHeld();
        Assert.Equal(0, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM realtime_sessions")));
        await using var talk = await Talk.Open(caller, world.Client.BaseAddress!);
        await talk.HangUp();
    }

    [Fact]
    public async Task The_models_that_speak_are_listed()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, 1, scopes: Scopes);
        var models = (await caller.Get("/v1/models")).Body.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).ToList();
        Assert.Superset(new HashSet<string?> { "gpt-realtime", "gpt-realtime-mini", "gpt-realtime-2" }, models.ToHashSet());
    }
}
