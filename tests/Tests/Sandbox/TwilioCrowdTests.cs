using System.Collections.Concurrent;
using System.Text.Json;
using Tests.World;
using Xunit;

namespace Tests.Sandbox;

/// <summary>Two hundred calls at once: nobody hears anybody else, nothing is lost, nothing comes in another order.</summary>
public sealed class TwilioCrowdTests
{
    private const int Calls = 200;

    [Fact]
    public async Task EverybodyHearsTheirOwnEchoAndNothingElse()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        await PhoneCalls.Instantly(sandbox);
        // Our side says every frame of the person back, as it came.
        var said = new ConcurrentDictionary<string, List<int>>();
        side.Talk = async socket =>
        {
            while (await socket.Read() is { } frame && PhoneSocket.Event(frame) is not "stop")
            {
                if (PhoneSocket.Event(frame) == "media")
                {
                    var media = frame.GetProperty("media");
                    said.GetOrAdd(socket.CallSid, _ => []).Add(int.Parse(media.Text("chunk")!, System.Globalization.CultureInfo.InvariantCulture));
                    await socket.Send(new { @event = "media", streamSid = socket.StreamSid, media = new { payload = media.Text("payload") } });
                }
            }

            await socket.Close();
        };
        var sids = await Task.WhenAll(Enumerable.Range(0, Calls).Select(async number =>
        {
            var to = $"+1555200{9000 - number:0000}";
            await sandbox.Post("/_sandbox/twilio/people", new { to, tone_hz = 300 + (12.5 * number), speaks = new[] { new { after_seconds = 0.1, seconds = 0.8 } } });
            return (await PhoneCalls.Dial(sandbox, side, to, ("StatusCallback", ""))).Sid();
        }));
        List<JsonElement> views = [];
        await PhoneCalls.Until(async () => (views = await Views(sandbox)).All(HasHeard), () => $"everybody to hear themselves; one who does not: {views.FirstOrDefault(one => !HasHeard(one))}", pauseMilliseconds: 250);
        Assert.Equal(sids.Order(), views.Select(view => view.Sid()).Order());
        Assert.All(views, view =>
        {
            Assert.Equal([view.GetProperty("tone_hz").GetDouble()], view.GetProperty("heard").Tones());
            Assert.Equal(0.8, view.GetProperty("heard").Seconds(), 3);
            Assert.Equal((0, 0), (view.GetProperty("odd_payloads").GetInt32(), view.GetProperty("malformed").GetInt32()));
        });
        await sandbox.Post("/_sandbox/reset");
        await TestWorld.Until(() => Task.FromResult(side.Sockets.All(socket => socket.Of("stop").Count == 1)), "every line to be closed");
        Assert.All(said.Values, chunks => Assert.Equal(Enumerable.Range(1, chunks.Count), chunks));
    }

    private static bool HasHeard(JsonElement view) => view.GetProperty("heard").Seconds() >= 0.8;

    private static async Task<List<JsonElement>> Views(SandboxHost sandbox) => [.. (await sandbox.Get($"/_sandbox/twilio/calls?limit={Calls}")).EnumerateArray()];
}
