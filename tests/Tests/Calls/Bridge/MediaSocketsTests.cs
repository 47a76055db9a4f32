using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Ledgerline.Calls.Bridge;
using Tests.Identity;
using Tests.World;
using Xunit;

namespace Tests.Calls.Bridge;

/// <summary>Who gets as far as a model, and who does not.</summary>
public sealed class MediaSocketsTests
{
    private const string Connected = """{"event":"connected","protocol":"Call","version":"1.0.0"}""";
    private const string Start = """{"event":"start","start":{"streamSid":"MZ1","callSid":"CA1","customParameters":{"token":"good"}}}""";

    [Theory]
    [InlineData("bad")]
    [InlineData(null)]
    public async Task A_stream_without_its_token_meets_no_model(string? token)
    {
        await using var line = await Line.Start();
        await using var phone = await line.Call(token, "/media-stream/elon");

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await phone.End());
        Assert.Equal(new StreamStart("/media-stream/elon", "elon", FakePhone.CallSid, FakePhone.StreamSid, token), Assert.Single(line.Starts));
        Assert.Empty(line.Model.All);
        Assert.Empty(line.Ends);
    }

    [Theory]
    [InlineData("/media-stream", null)]
    [InlineData("/media-stream/default", "default")]
    [InlineData("/media-stream-custom/custom_1_2", "custom_1_2")]
    [InlineData("/media-stream-custom-calendar/custom_1_2", "custom_1_2")]
    [InlineData("/calendar-media-stream", null)]
    public async Task Each_socket_says_what_it_was_called(string path, string? scenario)
    {
        await using var line = await Line.Start();
        await using var phone = await line.Call(path: path);
        await line.Model.Session();
        Assert.Equal((path, scenario), line.Starts.Select(start => (start.Path, start.Scenario)).Single());
    }

    [Theory]
    [InlineData(Start)]
    [InlineData(Connected, Connected)]
    [InlineData(Connected, """{"event":"media","media":{"payload":"AAEC"}}""", Start)]
    [InlineData("{", Start)]
    [InlineData(Connected, """{"event":"start"}""")]
    public async Task The_start_is_the_second_frame(params string[] frames)
    {
        await using var line = await Line.Start();
        await using var phone = await FakePhone.Connect(line.World.Client);
        foreach (var frame in frames)
        {
            await phone.Send(frame);
        }

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await phone.End());
        Assert.Empty(line.Starts);
    }

    [Theory]
    [InlineData(16 * 1024, true)]
    [InlineData(16 * 1024 + 1, false)]
    public async Task Until_the_start_no_frame_is_large(int bytes, bool isTaken)
    {
        await using var line = await Line.Start();
        await using var phone = await FakePhone.Connect(line.World.Client);
        await phone.Send(Connected);
        await phone.Send(Start.PadRight(bytes));

        if (isTaken)
        {
            await line.Model.Session();
            return;
        }

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await phone.End());
    }

    [Fact]
    public async Task The_start_comes_within_five_seconds_or_never()
    {
        await using var line = await Line.Start();
        await using var phone = await FakePhone.Connect(line.World.Client);
        await phone.Send(Connected);
        await TestWorld.Until(() => Task.FromResult(line.World.Clock.ArmedTimers > 0), "it is waited for");
        line.World.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await phone.End());
    }

    [Theory]
    [InlineData("wss://calls.example.org/media-stream", true)]
    [InlineData("wss://calls.example.org:443/media-stream", true)]
    [InlineData("https://calls.example.org/media-stream", false)]
    [InlineData("wss://other.example.org/media-stream", false)]
    [InlineData("wss://calls.example.org/media-stream/elon", false)]
    public async Task A_signature_that_is_there_is_good(string signed, bool isGood)
    {
        await using var line = await Line.Start(Signing());
        var connecting = FakePhone.Connect(line.World.Client, signature: Sign(signed));
        if (isGood)
        {
            await using var phone = await connecting;
            await phone.Start();
            await line.Model.Session();
            return;
        }

        await Assert.ThrowsAsync<WebSocketException>(() => connecting);
        Assert.Equal(HttpStatusCode.Unauthorized, await Upgrade(line.World.Client, Sign(signed)));
    }

    [Fact]
    public async Task Where_signatures_are_required_a_stream_without_one_is_refused()
    {
        await using var line = await Line.Start(new(Signing()) { ["MEDIA_REQUIRE_SIGNATURE"] = "true" });
        Assert.Equal(HttpStatusCode.Unauthorized, await Upgrade(line.World.Client, null));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await Upgrade(line.World.Client, Sign("wss://calls.example.org/media-stream")));
    }

    [Fact]
    public async Task What_is_no_socket_is_told_so()
    {
        await using var line = await Line.Start();
        using var answer = await line.World.Client.GetAsync("/media-stream");
        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
        Assert.Equal("""{"detail":"This address takes WebSockets only"}""", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_second_stream_of_a_running_call_is_refused_and_the_first_goes_on()
    {
        await using var line = await Line.Start();
        line.CallId = 7;
        await using var first = await line.Call();
        var model = await line.Model.Session();
        await using var second = await line.Call();
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await second.End());

        await first.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends == 1), "the first call goes on");
        Assert.Single(line.Model.All);
        Assert.Equal([7L], line.Live.Ids);
    }

    [Fact]
    public async Task Malformed_frames_are_passed_by_until_there_are_too_many()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Talk();
        await using var _ = phone;
        for (var i = 0; i < 50; i++)
        {
            await phone.Send(i % 2 == 0 ? "{\"event\":" : """{"event":"media","media":{"payload":"?"}}""");
        }

        await phone.Send("""{"event":"something-new"}""");
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends == 1), "the call goes on");

        await phone.Send("no");
        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, await phone.End());
        Assert.Equal((BridgeEnd.Malformed, 51L), await line.End() is var end ? (end.Reason, end.FramesMalformed) : default);
    }

    [Fact]
    public async Task A_frame_beyond_all_measure_is_one_malformed_frame()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Talk();
        await using var _ = phone;
        await phone.SendBytes(new byte[3_000_000]);
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends == 1), "the call goes on");
        await phone.Stop();
        Assert.Equal(1, (await line.End()).FramesMalformed);
    }

    [Fact]
    public async Task A_scenarios_update_is_confirmed_to_those_who_are_signed_in()
    {
        await using var line = await Line.Start();
        var token = await line.World.Client.SignedIn();
        foreach (var (header, query) in new[] { (token, ""), (null, $"?access_token={token}") })
        {
            using var socket = new ClientWebSocket();
            if (header is not null)
            {
                socket.Options.SetRequestHeader("Authorization", $"Bearer {header}");
            }

            await socket.ConnectAsync(new Uri($"ws://{line.World.Client.BaseAddress!.Authority}/update-scenario/elon{query}"), default);
            var buffer = new byte[100];
            var got = await socket.ReceiveAsync(buffer.AsMemory(), default);
            Assert.Equal("""{"status":"ok"}""", Encoding.UTF8.GetString(buffer.AsSpan(0, got.Count)));
            Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(buffer.AsMemory(), default)).MessageType);
            Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await Upgrade(line.World.Client, null, "/update-scenario/elon"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Upgrade(line.World.Client, null, "/update-scenario/elon?access_token=x"));
        // The query opens this address only.
        Assert.Equal(HttpStatusCode.Unauthorized, (await line.World.Client.GetAsync($"/api/users/me?access_token={token}")).StatusCode);
    }

    private static Dictionary<string, string?> Signing() => new()
    {
        ["PUBLIC_URL"] = "https://calls.example.org",
        ["TWILIO_ACCOUNT_SID"] = "AC00000000000000000000000000000000",
        ["TWILIO_AUTH_TOKEN"] = "secret-token",
        ["TWILIO_PHONE_NUMBER"] = "+15005550006",
    };

    private static string Sign(string url)
    {
#pragma warning disable CA5350 // Twilio signs with SHA-1.
        return Convert.ToBase64String(HMACSHA1.HashData("secret-token"u8, Encoding.UTF8.GetBytes(url)));
#pragma warning restore CA5350
    }

    private static async Task<HttpStatusCode> Upgrade(HttpClient client, string? signature, string path = "/media-stream")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.Add(new ProductHeaderValue("websocket"));
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        if (signature is not null)
        {
            request.Headers.Add("X-Twilio-Signature", signature);
        }

        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return answer.StatusCode;
    }
}
