using System.Net.WebSockets;
using System.Text.Json;
using Sandbox.Twilio;
using Sandbox.Twilio.Line;
using Tests.World;
using Xunit;

namespace Tests.Sandbox;

/// <summary>The media socket: what is sent, what is played and when, and what goes wrong on it.</summary>
public sealed class TwilioMediaTests
{
    [Fact]
    public async Task FramesAreAsTwilioWritesThem()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        var sid = await Dial(sandbox, side);
        await PhoneCalls.Until(sandbox, sid, view => view.GetProperty("frames_out").GetInt32() > 10, "media to flow");
        await sandbox.Post($"/_sandbox/twilio/calls/{sid}/dtmf", new { digits = "1#" });
        await TestWorld.Until(() => Task.FromResult(side.Sockets.Single().Of("dtmf").Count == 2), "both digits");
        await sandbox.Post($"/_sandbox/twilio/calls/{sid}/hangup");
        await TestWorld.Until(() => Task.FromResult(side.Sockets.Single().Of("stop").Count == 1), "the stop");

        var socket = side.Sockets.Single();
        var account = sandbox.Options.TwilioAccountSid;
        Assert.Equal("""{"event":"connected","protocol":"Call","version":"1.0.0"}""", socket.Frames[0].ToString());
        Assert.Equal(
            $$$"""{"event":"start","sequenceNumber":"1","start":{"accountSid":"{{{account}}}","streamSid":"{{{socket.StreamSid}}}","callSid":"{{{sid}}}","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{"token":"t&1"}},"streamSid":"{{{socket.StreamSid}}}"}""",
            socket.Frames[1].ToString());
        var media = socket.Of("media");
        Assert.Equal(media.Select((_, at) => $"{at + 1}"), media.Select(frame => frame.GetProperty("media").Text("chunk")));
        Assert.Equal(media.Select((_, at) => $"{at * 20}"), media.Select(frame => frame.GetProperty("media").Text("timestamp")));
        Assert.Equal(socket.Frames.Skip(1).Select((_, at) => $"{at + 1}"), socket.Frames.Skip(1).Select(frame => frame.Text("sequenceNumber")));
        Assert.All(media, frame => Assert.Equal(160, frame.GetProperty("media").GetProperty("payload").GetBytesFromBase64().Length));
        Assert.All(media.Take(5), frame => Assert.All(frame.GetProperty("media").GetProperty("payload").GetBytesFromBase64(), code => Assert.Equal(0xFF, code)));
        Assert.Equal([("1", "inbound_track"), ("#", "inbound_track")], socket.Of("dtmf").Select(frame => (frame.GetProperty("dtmf").Text("digit"), frame.GetProperty("dtmf").Text("track"))));
        Assert.Equal((account, sid), (socket.Of("stop")[0].GetProperty("stop").Text("accountSid"), socket.Of("stop")[0].GetProperty("stop").Text("callSid")));
    }

    [Fact]
    public async Task AMarkComesBackWhenItWasHeardAndAtOnceAfterAClear()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        var marks = new List<(string? Name, int MediaBefore)>();
        side.Talk = async socket =>
        {
            await socket.ReadUntil("start");
            await socket.Mark("nothing before");
            await socket.Media(MuLaw.Tone(2500, 20));
            await socket.Mark("played");
            await Take(socket, 2);
            await socket.Media(MuLaw.Tone(2500, 3000));
            await socket.Mark("never played");
            await socket.Clear();
            await Take(socket, 1);
            await socket.ReadToEnd();
        };
        var sid = await Dial(sandbox, side);
        var view = await PhoneCalls.Until(sandbox, sid, one => one.GetProperty("marks_returned").GetInt32() == 3, "three marks to come back");
        Assert.Equal((3, 1, 2), (view.GetProperty("marks").GetInt32(), view.GetProperty("clears").GetInt32(), view.GetProperty("frames_in").GetInt32()));
        await TestWorld.Until(() => Task.FromResult(marks.Count == 3), "our side to have read them");
        Assert.Equal(["nothing before", "played", "never played"], marks.Select(mark => mark.Name));
        Assert.InRange(marks[1].MediaBefore - marks[0].MediaBefore, 19, 300);
        Assert.InRange(marks[2].MediaBefore - marks[1].MediaBefore, 0, 1000);
        Assert.InRange(view.GetProperty("most_waiting_seconds").GetDouble(), 50, 60);
        Assert.InRange(view.GetProperty("heard").Seconds(), 0.4, 20);

        async Task Take(PhoneSocket socket, int count)
        {
            for (var at = 0; at < count; at++)
            {
                var mark = await socket.ReadUntil("mark");
                marks.Add((mark?.GetProperty("mark").Text("name"), socket.Of("media").Count));
            }
        }
    }

    [Fact]
    public async Task ThePersonInterruptsWhenTold()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        side.Talk = async socket =>
        {
            await socket.ReadUntil("start");
            await socket.Media(MuLaw.Tone(2500, 500));
            await socket.ReadToEnd();
        };
        var sid = await Dial(sandbox, side);
        await PhoneCalls.Until(sandbox, sid, view => view.GetProperty("heard").Seconds() > 0.2, "the person to hear us");
        await sandbox.Post($"/_sandbox/twilio/calls/{sid}/say", new { tone_hz = 800, seconds = 0.5 });
        var view = await PhoneCalls.Until(sandbox, sid, one => one.GetProperty("said").Seconds() >= 0.5, "the person to speak");
        Assert.Equal([800], view.GetProperty("said").Tones());
        Assert.Equal(0.5, view.GetProperty("said").Seconds(), 3);

        var wav = Convert.ToBase64String(WaveFile.Write(MuLaw.Tone(1000, 20)));
        await sandbox.Post($"/_sandbox/twilio/calls/{sid}/say", new { wav });
        view = await PhoneCalls.Until(sandbox, sid, one => one.GetProperty("said").Seconds() >= 0.9, "the person to play the file");
        Assert.Contains(1000, view.GetProperty("said").Tones());
        var both = await sandbox.Http.GetByteArrayAsync($"/_sandbox/twilio/calls/{sid}/both.wav");
        Assert.Equal((2, 8000), (BitConverter.ToInt16(both, 22), BitConverter.ToInt32(both, 24)));
        var heard = WaveFile.ReadPhone(await sandbox.Http.GetByteArrayAsync($"/_sandbox/twilio/calls/{sid}/heard.wav"), out _)!;
        Assert.True(MuLaw.IsAudible(heard));
    }

    [Fact]
    public async Task APersonSpeaksByScript()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        await sandbox.Post("/_sandbox/twilio/people", new { to = PhoneCalls.Callee, tone_hz = 450, speaks = new object[] { new { after_seconds = 0.2, seconds = 0.4 }, new { seconds = 0.4, tone_hz = 900 } } });
        var sid = await Dial(sandbox, side);
        var view = await PhoneCalls.Until(sandbox, sid, one => one.GetProperty("said").Seconds() >= 0.8, "the person to speak");
        Assert.Equal((0.2, 0.8), (view.GetProperty("said")[0].GetProperty("at").GetDouble(), view.GetProperty("said").Seconds()));
        Assert.Equal([450, 900], view.GetProperty("said").Tones());
        var next = await Dial(sandbox, side);
        Assert.Equal(300, (await PhoneCalls.View(sandbox, next)).GetProperty("tone_hz").GetDouble());
    }

    [Theory]
    [InlineData("drops_socket_after_frames", "5", "cut by the person")]
    [InlineData("sends_no_start", "true", "closed by us")]
    [InlineData("malformed_frames", "60", "closed by us")]
    [InlineData("half_open", "true", "lost")]
    public async Task WhatGoesWrongOnTheLineIsSeen(string fault, string value, string end)
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        var unread = new List<JsonElement>();
        side.Talk = async socket =>
        {
            for (var read = 0; read < 70 && await socket.Read() is { } frame && (fault != "sends_no_start"); read++)
            {
                unread.Add(frame);
                if (fault == "half_open" && read == 20)
                {
                    await socket.Media(MuLaw.Tone(2500, 10));
                    socket.Socket.Abort();
                }
            }

            await socket.Close(WebSocketCloseStatus.PolicyViolation);
        };
        await sandbox.Http.PostAsync("/_sandbox/twilio/people", new StringContent($$"""{"{{fault}}": {{value}}}"""));
        var sid = await Dial(sandbox, side);
        var view = await PhoneCalls.UntilStatus(sandbox, sid, "completed");
        Assert.Equal(end, view.GetProperty("streams")[0].Text("end"));
        Assert.Equal(end == "closed by us" ? "1008" : "", view.GetProperty("streams")[0].GetProperty("close_status").ToString());
        Assert.Equal(fault == "malformed_frames" ? 60 : 0, unread.Count(frame => PhoneSocket.Event(frame) is not ("connected" or "start" or "stop") && (PhoneSocket.Event(frame) != "media" || frame.GetProperty("media").Text("payload") == "%%")));
        Assert.Equal((0, 0), (view.GetProperty("frames_in").GetInt32(), view.GetProperty("heard").GetArrayLength()));
    }

    [Fact]
    public async Task WhatWeSayWrongIsCounted()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        side.Talk = async socket =>
        {
            await socket.ReadUntil("start");
            await socket.Media(MuLaw.Tone(2500, 1)[..100]);
            await socket.Media([]);
            await socket.Send(new { @event = "media", streamSid = "MZ00000000000000000000000000000000", media = new { payload = "/w==" } });
            await socket.Send(new { @event = "media", streamSid = socket.StreamSid, media = new { payload = "%" } });
            await socket.Send(new { @event = "shout", streamSid = socket.StreamSid });
            await socket.Send(17);
            await socket.Mark("end");
            await socket.ReadToEnd();
        };
        var sid = await Dial(sandbox, side);
        var view = await PhoneCalls.Until(sandbox, sid, one => one.GetProperty("marks_returned").GetInt32() == 1, "the mark behind it all");
        Assert.Equal((4, 2, 2), (view.GetProperty("malformed").GetInt32(), view.GetProperty("odd_payloads").GetInt32(), view.GetProperty("frames_in").GetInt32()));
    }

    [Fact]
    public async Task AHandshakeThatIsRefusedEndsTheStreamNotTheCall()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        var address = side.SocketAddress;
        side.Instructions = _ =>
        {
            side.Refusal = 401;
            return $"""<Response><Connect><Stream url="{address}"/></Connect><Say>Sorry.</Say></Response>""";
        };
        var sid = await Dial(sandbox, side);
        var view = await PhoneCalls.UntilStatus(sandbox, sid, "completed");
        Assert.Equal(("refused", 401), (view.GetProperty("streams")[0].Text("end"), view.GetProperty("streams")[0].GetProperty("handshake_status").GetInt32()));
        Assert.Equal(31920, view.GetProperty("failures")[0].GetProperty("code").GetInt32());
        Assert.Equal(["Connect", "Say"], view.GetProperty("verbs").EnumerateArray().Select(verb => verb.Text("verb")));
    }

    [Fact]
    public async Task OurPublicAddressIsReachedAtTheNodesInTurn()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var one = await PhoneSide.Start();
        await using var other = await PhoneSide.Start();
        await sandbox.Post("/_sandbox/nodes", new { public_url = "https://Calls.Example.test", urls = new[] { one.Address, other.Address } });
        one.Instructions = other.Instructions = _ => """<Response><Connect><Stream url="wss://calls.example.test/media?lost=1"/></Connect></Response>""";
        await PhoneCalls.Instantly(sandbox);
        var sid = (await PhoneCalls.Dial(sandbox, one, PhoneCalls.Callee, ("Url", "https://calls.example.test/twiml"), ("StatusCallback", ""))).Sid();
        await PhoneCalls.Until(sandbox, sid, view => view.GetProperty("frames_out").GetInt32() > 0, "media to flow");
        var socket = Assert.Single(other.Sockets);
        Assert.Equal("/media", socket.Target);
        Assert.Equal(TwilioSignature.Of(sandbox.Options.TwilioAuthToken, "wss://calls.example.test/media", []), socket.Signature);
        var asked = Assert.Single(one.Requests);
        Assert.Equal(TwilioSignature.Of(sandbox.Options.TwilioAuthToken, "https://calls.example.test/twiml", asked.Form), asked.Signature);
        Assert.Empty(one.Sockets);
    }

    private static async Task<string> Dial(SandboxHost sandbox, PhoneSide side)
    {
        await PhoneCalls.Instantly(sandbox);
        return (await PhoneCalls.Dial(sandbox, side)).Sid();
    }
}
