using System.Text.Json;
using Sandbox.Twilio;
using Sandbox.Twilio.Line;
using Tests.World;
using Xunit;

namespace Tests.Sandbox;

/// <summary>A phone call from the first ring to the last callback, with our side played by the test.</summary>
public sealed class TwilioCallTests
{
    [Fact]
    public async Task TwoTalkAndHangUp()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        await PhoneCalls.Instantly(sandbox);
        side.Talk = async socket =>
        {
            await socket.ReadUntil("start");
            await socket.Media(MuLaw.Tone(2500, 25));
            await socket.Mark("responsePart");
            await socket.ReadToEnd();
        };
        var sid = (await PhoneCalls.Dial(sandbox, side)).Sid();
        var view = await PhoneCalls.Until(sandbox, sid, one => one.GetProperty("said").Seconds() >= 1.2, "the person to answer what they heard");

        Assert.Equal((300, "in-progress"), (view.GetProperty("tone_hz").GetDouble(), view.Text("status")));
        Assert.Equal([2500], view.GetProperty("heard").Tones());
        Assert.Equal(0.5, view.GetProperty("heard").Seconds(), 3);
        Assert.Equal([300], view.GetProperty("said").Tones());
        var (heard, said) = (view.GetProperty("heard")[0].GetProperty("at").GetDouble(), view.GetProperty("said")[0].GetProperty("at").GetDouble());
        Assert.Equal(0.5 + 0.7, said - heard, 0.021);

        await sandbox.Post($"/_sandbox/twilio/calls/{sid}/hangup");
        view = await PhoneCalls.Until(sandbox, sid, one => one.GetProperty("streams").GetArrayLength() == 1, "the stream to be closed");
        Assert.Equal(("completed", "hung up"), (view.Text("status"), view.GetProperty("streams")[0].Text("end")));
        await TestWorld.Until(() => Task.FromResult(side.Callbacks().Count == 4), "four callbacks");
        var callbacks = side.Callbacks();
        Assert.Equal(["initiated", "ringing", "in-progress", "completed"], callbacks.Select(one => one["CallStatus"]));
        Assert.Equal(["0", "1", "2", "3"], callbacks.Select(one => one["SequenceNumber"]));
        Assert.All(side.Requests, request => PhoneCalls.AssertSigned(sandbox, side, request));
        Assert.All(side.Requests, request => Assert.Equal(sid, request["CallSid"]));

        var socket = Assert.Single(side.Sockets);
        Assert.Equal(TwilioSignature.Of(sandbox.Options.TwilioAuthToken, side.SocketAddress, []), socket.Signature);
        Assert.Equal(["connected", "start"], socket.Frames.Take(2).Select(PhoneSocket.Event));
        Assert.Equal("t&1", socket.Of("start")[0].GetProperty("start").GetProperty("customParameters").Text("token"));
        Assert.Equal("responsePart", Assert.Single(socket.Of("mark")).GetProperty("mark").Text("name"));
        Assert.Equal("stop", PhoneSocket.Event(socket.Frames[^1]));
        var read = await PhoneCalls.Get(sandbox, $"/Calls/{sid}.json");
        Assert.Equal(("completed", JsonValueKind.String), (read.Text("status"), read.GetProperty("duration").ValueKind));
    }
}
