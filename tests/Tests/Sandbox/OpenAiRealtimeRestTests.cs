using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Xunit;

namespace Tests.Sandbox;

/// <summary>Client secrets for browsers, and calls whose audio comes by another way.</summary>
public sealed class OpenAiRealtimeRestTests
{
    private const string Offer = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\n";

    [Fact]
    public async Task ASecretOpensSessionsUntilItExpires()
    {
        await using var sandbox = await SandboxHost.Start();
        var secret = await OpenAiCalls.Json(await Post(sandbox, "/client_secrets",
            """{"expires_after":{"anchor":"created_at","seconds":60},"session":{"type":"realtime","model":"gpt-realtime-2","instructions":"Be brief.","audio":{"output":{"voice":"cedar"}}}}"""));
        var value = secret.GetProperty("value").GetString()!;
        Assert.StartsWith("ek_", value, StringComparison.Ordinal);
        Assert.Equal("cedar", secret.GetProperty("session").GetProperty("audio").GetProperty("output").GetProperty("voice").GetString());
        await using var caller = await RealtimeCaller.Connect(sandbox, "", value);
        var session = (await caller.Until("session.created")).GetProperty("session");
        Assert.Equal(("gpt-realtime-2", "Be brief."), (session.GetProperty("model").GetString(), session.GetProperty("instructions").GetString()));

        sandbox.Clock.Advance(TimeSpan.FromSeconds(61));
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => RealtimeCaller.Connect(sandbox, "", value));
        // What has begun outlives the secret.
        await caller.Send(new { type = "input_audio_buffer.clear" });
        await caller.Until("input_audio_buffer.cleared");
    }

    [Theory]
    [InlineData("""{"expires_after":{"seconds":5}}""", "expires_after.seconds", "invalid_value")]
    [InlineData("""{"session":{"type":"realtime","voice":"coral"}}""", "session.voice", "unknown_parameter")]
    [InlineData("""{"session":{"type":"realtime","model":"gpt-9"}}""", null, "model_not_found")]
    [InlineData("""{"voice":"coral"}""", "voice", "unknown_parameter")]
    public async Task ASecretForNonsenseIsRefused(string body, string? param, string code)
    {
        await using var sandbox = await SandboxHost.Start();
        using var answer = await Post(sandbox, "/client_secrets", body);
        await OpenAiCalls.Refused(answer, code == "model_not_found" ? 404 : 400, param, code);
    }

    [Fact]
    public async Task AControlSocketSeesWhatACallCosts()
    {
        await using var sandbox = await SandboxHost.Start();
        var call = await Call(sandbox);
        await using var control = await RealtimeCaller.Connect(sandbox, $"?call_id={call}");
        Assert.Equal("Be brief.", (await control.Until("session.created")).GetProperty("session").GetProperty("instructions").GetString());
        await sandbox.Post($"/_sandbox/openai/realtime/sessions/{call}/say", new { tone_hz = 500, seconds = 1.5 });
        await control.Until("output_audio_buffer.started");
        var done = (await control.Until("response.done")).GetProperty("response");
        Assert.Equal("I heard a tone of 500 hertz for 1.5 seconds.", done.GetProperty("output")[0].GetProperty("content")[0].GetProperty("transcript").GetString());
        Assert.True(done.GetProperty("usage").GetProperty("total_tokens").GetInt32() > 35);
        Assert.DoesNotContain("response.output_audio.delta", control.Types);
        await control.Until("output_audio_buffer.stopped");
        await control.Send(new { type = "response.create" });
        await control.Until("output_audio_buffer.started");
        await control.Send(new { type = "output_audio_buffer.clear" });
        await control.Until("output_audio_buffer.cleared");

        using var hangup = await Post(sandbox, $"/calls/{call}/hangup", "");
        Assert.Equal(HttpStatusCode.OK, hangup.StatusCode);
        Assert.Null(await control.Next());
        using var again = await Post(sandbox, $"/calls/{call}/hangup", "");
        await OpenAiCalls.Refused(again, 404, "call_id", "call_id_not_found");
        Assert.Equal("hangup", (await sandbox.Get($"/_sandbox/openai/realtime/sessions/{call}")).GetProperty("ended_by").GetString());
    }

    [Fact]
    public async Task ThePersonOfACallSpeaksByScript()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/openai/realtime", new { caller = new[] { new { after_ms = 1, tone_hz = 612.5, seconds = 1 } } });
        var call = await Call(sandbox);
        await SandboxHost.Until(() => sandbox.Service<global::Sandbox.OpenAi.Realtime.RealtimeSessions>().Find(call)!.View().Responses == 1, "the call is answered");
        Assert.Equal(612.5, (await sandbox.Get($"/_sandbox/openai/realtime/sessions/{call}")).GetProperty("heard")[0].GetProperty("tones_hz")[0].GetDouble());
        using var declined = await Post(sandbox, $"/calls/{call}/reject", """{"status_code":486}""");
        Assert.Equal(HttpStatusCode.OK, declined.StatusCode);
    }

    [Fact]
    public async Task CallsAreAcceptedAndReferred()
    {
        await using var sandbox = await SandboxHost.Start();
        var call = await Call(sandbox);
        using var accepted = await Post(sandbox, $"/calls/{call}/accept", """{"type":"realtime","instructions":"Be long."}""");
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        using var nowhere = await Post(sandbox, $"/calls/{call}/refer", "{}");
        await OpenAiCalls.Refused(nowhere, 400, "target_uri", "missing_required_parameter");
        using var referred = await Post(sandbox, $"/calls/{call}/refer", """{"target_uri":"tel:+14155550123"}""");
        Assert.Equal(HttpStatusCode.OK, referred.StatusCode);
        Assert.Equal("Be long.", (await sandbox.Get($"/_sandbox/openai/realtime/sessions/{call}")).GetProperty("session").GetProperty("instructions").GetString());
        using var noOffer = await PostCall(sandbox, "hello");
        await OpenAiCalls.Refused(noOffer, 400, "sdp", "invalid_value");
    }

    private static async Task<string> Call(SandboxHost sandbox)
    {
        using var answer = await PostCall(sandbox, Offer);
        Assert.Equal((HttpStatusCode.Created, "application/sdp"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        var sdp = await answer.Content.ReadAsStringAsync();
        Assert.StartsWith("v=0\r\n", sdp, StringComparison.Ordinal);
        Assert.Contains("a=group:BUNDLE 0 1", sdp, StringComparison.Ordinal);
        var call = answer.Headers.Location!.OriginalString.Split('/')[^1];
        Assert.StartsWith("rtc_", call, StringComparison.Ordinal);
        return call;
    }

    private static async Task<HttpResponseMessage> PostCall(SandboxHost sandbox, string offer)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(offer, Encoding.UTF8, "application/sdp"), "sdp" },
            { new StringContent("""{"type":"realtime","model":"gpt-realtime","instructions":"Be brief."}""", Encoding.UTF8, "application/json"), "session" },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/openai/v1/realtime/calls") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk-test");
        return await sandbox.Http.SendAsync(request);
    }

    private static Task<HttpResponseMessage> Post(SandboxHost sandbox, string path, string body) =>
        OpenAiCalls.Send(sandbox, new StringContent(body, Encoding.UTF8, "application/json"), path: "/openai/v1/realtime" + path);
}
