using System.Net;
using System.Net.WebSockets;
using Xunit;

namespace Tests.Sandbox;

/// <summary>What goes wrong with a session: its end, its silence, its handshake.</summary>
public sealed class OpenAiRealtimeFaultTests
{
    [Fact]
    public async Task ASessionEndsAfterAnHourOnTheSandboxsClock()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var caller = await RealtimeCaller.Connect(sandbox);
        await caller.Until("session.created");
        sandbox.Clock.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal("session_expired", (await caller.Until("error")).GetProperty("error").GetProperty("code").GetString());
        Assert.Null(await caller.Next());
        Assert.Equal("expired", await EndedBy(sandbox));
    }

    [Fact]
    public async Task ItEndsSoonerWhereTheScriptOfItsInstructionsSaysSo()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/openai/realtime", new { match = "short lived", expires_after_seconds = 90, turns = new[] { new { say = "Scripted." } } });
        await using var other = await RealtimeCaller.Phone(sandbox, instructions: "You live long.");
        await using var caller = await RealtimeCaller.Phone(sandbox, instructions: "You are short lived.");
        await other.Send(new { type = "response.create" });
        await caller.Send(new { type = "response.create" });
        Assert.Equal("Scripted.", Said(await caller.Until("response.done")));
        Assert.Equal("Hello, this is the sandbox speaking.", Said(await other.Until("response.done")));
        sandbox.Clock.Advance(TimeSpan.FromSeconds(91));
        await caller.Until("error");
        Assert.Null(await caller.Next());
        await other.Send(new { type = "input_audio_buffer.clear" });
        await other.Until("input_audio_buffer.cleared");

        static string? Said(System.Text.Json.JsonElement done) =>
            done.GetProperty("response").GetProperty("output")[0].GetProperty("content")[0].GetProperty("transcript").GetString();
    }

    [Fact]
    public async Task TheConnectionIsCutInTheMiddle()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/openai/realtime", new { drop_after_events = 6 });
        await using var caller = await RealtimeCaller.Phone(sandbox);
        await caller.Send(new { type = "response.create" });
        await Assert.ThrowsAnyAsync<WebSocketException>(async () =>
        {
            while (await caller.Next() is not null)
            {
            }
        });
        Assert.Equal(6, caller.Seen.Count);
        Assert.Equal("dropped", await EndedBy(sandbox));
    }

    [Fact]
    public async Task AFaultMeetsTheSocketInTheMiddle()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/faults", new { provider = "openai", path = "/v1/realtime", after_events = 2, status = 500 });
        await using var caller = await RealtimeCaller.Phone(sandbox);
        var error = (await caller.Until("error")).GetProperty("error");
        Assert.Equal(("server_error", "server_error"), (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()));
        await caller.Send(new { type = "input_audio_buffer.clear" });
        await caller.Until("input_audio_buffer.cleared");
    }

    [Theory]
    [InlineData(401, HttpStatusCode.Unauthorized)]
    [InlineData(429, HttpStatusCode.TooManyRequests)]
    [InlineData(503, HttpStatusCode.ServiceUnavailable)]
    public async Task AFaultRefusesTheHandshake(int status, HttpStatusCode expected)
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/faults", new { provider = "openai", path = "/v1/realtime", status });
        Assert.Equal(expected, await Refused(sandbox, "sk-test", "model=gpt-realtime"));
        await using var caller = await RealtimeCaller.Connect(sandbox);
        await caller.Until("session.created");
    }

    [Theory]
    [InlineData("key-of-somebody", "model=gpt-realtime", HttpStatusCode.Unauthorized)]
    [InlineData("ek_unknown", "model=gpt-realtime", HttpStatusCode.Unauthorized)]
    [InlineData("sk-test", "model=whisper-1", HttpStatusCode.NotFound)]
    [InlineData("sk-test", "", HttpStatusCode.BadRequest)]
    [InlineData("sk-test", "model=gpt-realtime&call_id=rtc_1", HttpStatusCode.BadRequest)]
    [InlineData("sk-test", "call_id=rtc_1", HttpStatusCode.NotFound)]
    public async Task AHandshakeThatMakesNoSenseIsRefused(string key, string query, HttpStatusCode expected)
    {
        await using var sandbox = await SandboxHost.Start();
        Assert.Equal(expected, await Refused(sandbox, key, query));
        Assert.Equal(0, (await sandbox.Get("/_sandbox/openai/realtime/sessions")).GetArrayLength());
    }

    [Fact]
    public async Task ASlowHandshakeTakesItsTime()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/openai/realtime", new { handshake_ms = 300 });
        var start = TimeProvider.System.GetTimestamp();
        await using var caller = await RealtimeCaller.Connect(sandbox);
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(290));
        await caller.Until("session.created");
    }

    [Fact]
    public async Task AHalfOpenSessionHearsNothingAndSaysNothing()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/openai/realtime", new { half_open_after_events = 2 });
        await using var caller = await RealtimeCaller.Phone(sandbox);
        await caller.Send(new { type = "response.create" });
        await caller.Send(new { type = "response.create" });
        var seen = (await sandbox.Get("/_sandbox/openai/realtime/sessions"))[0];
        Assert.Equal("null", seen.GetProperty("ended_by").GetRawText());
        Assert.False(seen.GetProperty("events_in").TryGetProperty("response.create", out _));
        caller.Abort();
        await Ended(sandbox, "lost");
    }

    [Fact]
    public async Task TheUpdateNeverComes()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/openai/realtime", new { no_update = true });
        await using var caller = await RealtimeCaller.Connect(sandbox);
        await caller.SendText("""{"type":"session.update","session":{"type":"realtime"}}""");
        await caller.Send(new { type = "input_audio_buffer.clear" });
        await caller.Until("input_audio_buffer.cleared");
        Assert.Equal(["session.created", "input_audio_buffer.cleared"], caller.Types);
        await caller.HangUp();
        await Ended(sandbox, "client");
    }

    [Fact]
    public async Task TheControlRoomCloses()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var caller = await RealtimeCaller.Phone(sandbox);
        var id = (await sandbox.Get("/_sandbox/openai/realtime/sessions"))[0].GetProperty("id").GetString();
        await sandbox.Post($"/_sandbox/openai/realtime/sessions/{id}/close", new { code = 1011 });
        Assert.Null(await caller.Next());
        Assert.Equal(WebSocketCloseStatus.InternalServerError, caller.CloseStatus);
        Assert.Equal("control", await EndedBy(sandbox));
        using var unknown = await sandbox.Http.PostAsync("/_sandbox/openai/realtime/sessions/sess_no/close", null);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        await sandbox.Post("/_sandbox/reset");
        Assert.Equal(0, (await sandbox.Get("/_sandbox/openai/realtime/sessions")).GetArrayLength());
    }

    private static async Task<HttpStatusCode> Refused(SandboxHost sandbox, string key, string query)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Authorization", $"Bearer {key}");
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"{sandbox.Address.Replace("http", "ws")}/openai/v1/realtime?{query}"), CancellationToken.None));
        return socket.HttpStatusCode;
    }

    private static async Task<string?> EndedBy(SandboxHost sandbox) => (await sandbox.Get("/_sandbox/openai/realtime/sessions"))[0].GetProperty("ended_by").GetString();

    private static async Task Ended(SandboxHost sandbox, string by)
    {
        var session = sandbox.Service<global::Sandbox.OpenAi.Realtime.RealtimeSessions>().List(1)[0];
        await SandboxHost.Until(() => session.IsOver, "the session ends");
        Assert.Equal(by, await EndedBy(sandbox));
    }
}
