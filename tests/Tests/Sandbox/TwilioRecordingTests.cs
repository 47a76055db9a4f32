using System.Buffers.Binary;
using System.Net;
using Sandbox.Twilio.Line;
using Tests.World;
using Xunit;

namespace Tests.Sandbox;

/// <summary>Recordings hold what was said on the line, each side on its channel.</summary>
public sealed class TwilioRecordingTests
{
    [Fact]
    public async Task EachSideHasItsChannel()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        await PhoneCalls.Instantly(sandbox);
        await sandbox.Post("/_sandbox/twilio/people", new { tone_hz = 500, talks_all_the_time = true });
        side.Talk = async socket =>
        {
            await socket.ReadUntil("start");
            await socket.Media(MuLaw.Tone(2500, 60));
            await socket.ReadToEnd();
        };
        var sid = (await PhoneCalls.Dial(sandbox, side, PhoneCalls.Callee,
            ("Record", "true"), ("RecordingChannels", "dual"), ("RecordingStatusCallback", side.Address + "/recording"))).Sid();
        var view = await PhoneCalls.Until(sandbox, sid, one => one.GetProperty("heard").Seconds() >= 1.2, "the person to hear us");
        Assert.Equal([500], view.GetProperty("said").Tones());
        using var ended = await PhoneCalls.Post(sandbox, $"/Calls/{sid}.json", ("Status", "completed"));
        await TestWorld.Until(() =>
        {
            sandbox.Clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(side.Callbacks("/recording").Count == 1);
        }, "the recording's callback");
        var told = side.Callbacks("/recording")[0];
        PhoneCalls.AssertSigned(sandbox, side, told);
        Assert.Equal((sid, "completed", "2", "OutboundAPI"), (told["CallSid"], told["RecordingStatus"], told["RecordingChannels"], told["RecordingSource"]));

        var recording = await PhoneCalls.Get(sandbox, $"/Recordings/{told["RecordingSid"]}.json");
        Assert.Equal((told["RecordingDuration"], "-0.00250"), (recording.Text("duration"), recording.Text("price")));
        using var media = await PhoneCalls.Send(sandbox, HttpMethod.Get, $"/Recordings/{told["RecordingSid"]}.wav");
        var wav = await media.Content.ReadAsByteArrayAsync();
        Assert.Equal((2, 8000), (BinaryPrimitives.ReadInt16LittleEndian(wav.AsSpan(22)), BinaryPrimitives.ReadInt32LittleEndian(wav.AsSpan(24))));
        Assert.Equal([500], Tones(wav, 0));
        Assert.Equal([2500], Tones(wav, 1));
        Assert.InRange((wav.Length - 44) / 4 / 160, view.GetProperty("frames_out").GetInt32() - 5, view.GetProperty("frames_out").GetInt32() + 500);
        Assert.EndsWith($"{PhoneCalls.Account(sandbox)}/Recordings/{told["RecordingSid"]}", told["RecordingUrl"], StringComparison.Ordinal);
        using var stranger = await sandbox.Http.GetAsync(new Uri(told["RecordingUrl"]));
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    [Fact]
    public async Task APauseIsSilenceOrLeftOut()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        await PhoneCalls.Instantly(sandbox);
        await sandbox.Post("/_sandbox/twilio/people", new { tone_hz = 500, talks_all_the_time = true });
        var sid = (await PhoneCalls.Dial(sandbox, side)).Sid();
        await PhoneCalls.Until(sandbox, sid, one => one.GetProperty("frames_out").GetInt32() > 0, "media to flow");
        var sids = new List<string>();
        foreach (var behaviour in new[] { "silence", "skip" })
        {
            using var started = await PhoneCalls.Post(sandbox, $"/Calls/{sid}/Recordings.json", ("RecordingTrack", "inbound"));
            sids.Add((await ChatCalls.Json(started, 201)).Sid());
            using var paused = await PhoneCalls.Post(sandbox, $"/Calls/{sid}/Recordings/{sids[^1]}.json", ("Status", "paused"), ("PauseBehavior", behaviour));
            Assert.Equal("paused", (await ChatCalls.Json(paused)).Text("status"));
        }

        var frames = (await PhoneCalls.View(sandbox, sid)).GetProperty("frames_out").GetInt32();
        await PhoneCalls.Until(sandbox, sid, one => one.GetProperty("frames_out").GetInt32() > frames + 25, "half a second to go by");
        using var ended = await PhoneCalls.Post(sandbox, $"/Calls/{sid}.json", ("Status", "completed"));
        await TestWorld.Until(async () =>
        {
            sandbox.Clock.Advance(TimeSpan.FromSeconds(1));
            return (await PhoneCalls.Get(sandbox, $"/Recordings/{sids[0]}.json")).Text("status") == "completed";
        }, "the recordings to be ready");
        using var media = await PhoneCalls.Send(sandbox, HttpMethod.Get, $"/Recordings/{sids[0]}.wav");
        var silent = WaveFile.ReadPhone(await media.Content.ReadAsByteArrayAsync(), out _)!;
        Assert.True(silent.Length > 25 * 160);
        Assert.False(MuLaw.IsAudible(silent.AsSpan(silent.Length - (20 * 160))));
        using var rest = await PhoneCalls.Send(sandbox, HttpMethod.Get, $"/Recordings/{sids[1]}.wav");
        Assert.True((await rest.Content.ReadAsByteArrayAsync()).Length < silent.Length);
    }

    private static double[] Tones(byte[] wav, int channel)
    {
        var samples = new byte[(wav.Length - 44) / 4];
        for (var at = 0; at < samples.Length; at++)
        {
            samples[at] = MuLaw.Encode(BinaryPrimitives.ReadInt16LittleEndian(wav.AsSpan(44 + (at * 4) + (channel * 2))));
        }

        var track = new Track();
        for (var at = 0; at + 160 <= samples.Length; at += 160)
        {
            if (MuLaw.IsAudible(samples.AsSpan(at, 160)))
            {
                track.Append(at / 160, samples.AsSpan(at, 160));
            }
        }

        return [.. track.Stretches().SelectMany(stretch => stretch.TonesHz).Distinct()];
    }
}
