using System.Net;
using System.Text.Json;
using Tests.World;
using Xunit;

namespace Tests.Sandbox;

/// <summary>How calls are dialled, end, and are told: on the sandbox's clock, by the number's ending, twice and shuffled.</summary>
public sealed class TwilioDiallerTests
{
    [Theory]
    [InlineData("0001", "busy", "initiated,busy")]
    [InlineData("0002", "no-answer", "initiated,ringing,no-answer")]
    [InlineData("0004", "failed", "initiated,failed")]
    public async Task ANumberEndsAsItsLastDigitsSay(string ending, string status, string told)
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        var sid = (await PhoneCalls.Dial(sandbox, side, "+1555123" + ending, ("Timeout", "300"))).Sid();
        await PhoneCalls.Until(sandbox, sid, view => view.Text("status") is not "queued", "it to be dialled");
        if (ending == "0002")
        {
            sandbox.Clock.Advance(TimeSpan.FromSeconds(200));
            Assert.Equal("ringing", (await PhoneCalls.View(sandbox, sid)).Text("status"));
        }

        sandbox.Clock.Advance(TimeSpan.FromSeconds(150));
        await PhoneCalls.UntilStatus(sandbox, sid, status);
        await TestWorld.Until(() => Task.FromResult(side.Callbacks().Count == told.Split(',').Length), "the callbacks");
        Assert.Equal(told.Split(','), side.Callbacks().Select(one => one["CallStatus"]));
        Assert.Equal(("0", "0"), (side.Callbacks()[^1]["CallDuration"], side.Callbacks()[^1]["Duration"]));
        sandbox.Clock.Advance(TimeSpan.FromMinutes(1));
        var call = await PhoneCalls.Get(sandbox, $"/Calls/{sid}.json");
        Assert.Equal((null, null), (call.Text("duration"), call.Text("price")));
        Assert.Empty(side.Callbacks("/twiml"));
    }

    [Fact]
    public async Task TheLimitEndsACallAndAJumpBeyondItMakesItNoLonger()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        await PhoneCalls.Instantly(sandbox);
        var sid = (await PhoneCalls.Dial(sandbox, side, PhoneCalls.Callee, ("TimeLimit", "90"), ("StatusCallbackEvent", ""))).Sid();
        await PhoneCalls.Until(sandbox, sid, view => view.GetProperty("frames_out").GetInt32() > 0, "media to flow");
        sandbox.Clock.Advance(TimeSpan.FromHours(2));
        var view = await PhoneCalls.UntilStatus(sandbox, sid, "completed");
        Assert.Equal(90, view.GetProperty("duration_seconds").GetInt32());
        await TestWorld.Until(() => Task.FromResult(side.Callbacks().Count == 1), "the last callback, the only one without a wish");
        Assert.Equal(("completed", "90", "2", "0"), (side.Callbacks()[0]["CallStatus"], side.Callbacks()[0]["CallDuration"], side.Callbacks()[0]["Duration"], side.Callbacks()[0]["SequenceNumber"]));

        Assert.Null((await PhoneCalls.Get(sandbox, $"/Calls/{sid}.json")).Text("price"));
        await TestWorld.Until(async () =>
        {
            sandbox.Clock.Advance(TimeSpan.FromSeconds(1));
            return (await PhoneCalls.Get(sandbox, $"/Calls/{sid}.json")).Text("price") == "-0.02800";
        }, "two begun minutes to be charged");
    }

    [Fact]
    public async Task TheLimitMovesWhileTheCallRuns()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        await PhoneCalls.Instantly(sandbox);
        var sid = (await PhoneCalls.Dial(sandbox, side, PhoneCalls.Callee, ("TimeLimit", "60"))).Sid();
        await PhoneCalls.UntilStatus(sandbox, sid, "in-progress");
        using (var longer = await PhoneCalls.Post(sandbox, $"/Calls/{sid}.json", ("TimeLimit", "600")))
        {
            Assert.Equal(HttpStatusCode.OK, longer.StatusCode);
        }

        sandbox.Clock.Advance(TimeSpan.FromSeconds(300));
        Assert.Equal("in-progress", (await PhoneCalls.View(sandbox, sid)).Text("status"));
        using (var shorter = await PhoneCalls.Post(sandbox, $"/Calls/{sid}.json", ("TimeLimit", "1")))
        {
            Assert.Equal(HttpStatusCode.OK, shorter.StatusCode);
        }

        var view = await PhoneCalls.UntilStatus(sandbox, sid, "completed");
        Assert.InRange(view.GetProperty("duration_seconds").GetInt32(), 300, 320);
    }

    [Fact]
    public async Task ThePersonHangsUpAfterTwoSeconds()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        await PhoneCalls.Instantly(sandbox);
        var sid = (await PhoneCalls.Dial(sandbox, side, "+15551230005")).Sid();
        await PhoneCalls.Until(sandbox, sid, view => view.GetProperty("frames_out").GetInt32() > 0, "media to flow");
        sandbox.Clock.Advance(TimeSpan.FromSeconds(30));
        var view = await PhoneCalls.UntilStatus(sandbox, sid, "completed");
        Assert.Equal(2, view.GetProperty("duration_seconds").GetInt32());
        await TestWorld.Until(() => Task.FromResult(side.Sockets.Single().Of("stop").Count == 1), "our side to be told");
    }

    [Theory]
    [InlineData("+15551230003", "machine_start")]
    [InlineData(PhoneCalls.Callee, "human")]
    public async Task AMachineIsToldFromAPerson(string to, string answeredBy)
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        await PhoneCalls.Instantly(sandbox);
        var sid = (await PhoneCalls.Dial(sandbox, side, to, ("MachineDetection", "Enable"), ("AsyncAmd", "true"), ("AsyncAmdStatusCallback", side.Address + "/amd"))).Sid();
        await PhoneCalls.Until(sandbox, sid, view => view.GetProperty("frames_out").GetInt32() > 0, "media to flow meanwhile");
        await TestWorld.Until(() =>
        {
            sandbox.Clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(side.Callbacks("/amd").Count == 1);
        }, "the callback of the detection");
        Assert.Equal((sid, answeredBy), (side.Callbacks("/amd")[0]["CallSid"], side.Callbacks("/amd")[0]["AnsweredBy"]));
        PhoneCalls.AssertSigned(sandbox, side, side.Callbacks("/amd")[0]);
        Assert.Equal(answeredBy, (await PhoneCalls.Get(sandbox, $"/Calls/{sid}.json")).Text("answered_by"));
    }

    [Fact]
    public async Task SoManyCallsASecondAreDialledTheOthersWait()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        // One in a hundred seconds, so that a slow machine is not taken for the clock.
        await sandbox.Post("/_sandbox/twilio/dialling", new { calls_per_second = 0.01 });
        var sids = new List<string>();
        for (var number = 0; number < 3; number++)
        {
            sids.Add((await PhoneCalls.Dial(sandbox, side, $"+1555123100{number}")).Sid());
        }

        await PhoneCalls.UntilStatus(sandbox, sids[0], "ringing");
        Assert.Equal("queued", (await PhoneCalls.View(sandbox, sids[2])).Text("status"));
        Assert.Equal([sids[2]], (await PhoneCalls.Get(sandbox, "/Calls.json?Status=queued&To=%2B15551231002")).GetProperty("calls").EnumerateArray().Select(call => call.Sid()));
        using var canceled = await PhoneCalls.Post(sandbox, $"/Calls/{sids[2]}.json", ("Status", "canceled"));
        Assert.Equal("canceled", (await ChatCalls.Json(canceled)).Text("status"));
        sandbox.Clock.Advance(TimeSpan.FromSeconds(100));
        await PhoneCalls.UntilStatus(sandbox, sids[0], "in-progress");
        await TestWorld.Until(async () => (await PhoneCalls.Get(sandbox, $"/Calls/{sids[1]}.json")).Text("status") is "ringing" or "in-progress", "the second to be dialled");
        var waited = long.Parse((await PhoneCalls.Get(sandbox, $"/Calls/{sids[1]}.json")).Text("queue_time")!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(waited, 90_000, 200_000);
    }

    [Fact]
    public async Task CallbacksComeTwiceAndShuffled()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        await PhoneCalls.Instantly(sandbox);
        await sandbox.Post("/_sandbox/twilio/webhooks", new { duplicate = 1, reorder = true });
        side.Instructions = _ => "<Response/>";
        var sid = (await PhoneCalls.Dial(sandbox, side)).Sid();
        await TestWorld.Until(() => Task.FromResult(side.Callbacks().Count == 8), "each of four callbacks twice");
        Assert.All(side.Callbacks().GroupBy(one => one["SequenceNumber"]), twice => Assert.Equal(2, twice.Count()));
        Assert.All(side.Callbacks(), one => PhoneCalls.AssertSigned(sandbox, side, one));
        await sandbox.Post($"/_sandbox/twilio/events/{sid}-completed/resend");
        await TestWorld.Until(() => Task.FromResult(side.Callbacks().Count == 9), "one of them once more");
        Assert.Equal("completed", side.Callbacks()[^1]["CallStatus"]);
    }

    [Fact]
    public async Task ACallbackThatIsRefusedComesAgain()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        await PhoneCalls.Instantly(sandbox);
        side.Status = 500;
        await PhoneCalls.Dial(sandbox, side, PhoneCalls.Callee, ("StatusCallbackEvent", "initiated"));
        await TestWorld.Until(() => Task.FromResult(side.Callbacks().Count == 1), "the first try");
        side.Status = 200;
        await TestWorld.Until(() =>
        {
            sandbox.Clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(side.Callbacks().Count == 2);
        }, "the second try");
    }

    [Fact]
    public async Task CallbacksMayComeBeforeTheAnswer()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        await sandbox.Post("/_sandbox/twilio/dialling", new { ring_seconds = 0, calls_per_second = 100, callbacks_first = true });
        var sid = (await PhoneCalls.Dial(sandbox, side)).Sid();
        Assert.Equal(sid, Assert.Single(side.Callbacks("/twiml"))["CallSid"]);
        Assert.Contains(side.Callbacks(), one => one["CallStatus"] == "initiated" && one["CallSid"] == sid);
    }

    [Fact]
    public async Task ACallWhoseAnswerWasLostIsFoundByItsNumber()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        await PhoneCalls.Instantly(sandbox);
        var before = sandbox.Clock.GetUtcNow().AddSeconds(-1);
        await sandbox.Post("/_sandbox/faults", new { provider = "twilio", path = "/Calls.json", method = "POST", when = "after", drop = true });
        await Assert.ThrowsAsync<HttpRequestException>(() => PhoneCalls.Dial(sandbox, side));
        string Query(DateTimeOffset since) => $"/Calls.json?To={Uri.EscapeDataString(PhoneCalls.Callee)}&{Uri.EscapeDataString("StartTime>")}={since:yyyy-MM-ddTHH:mm:ssZ}";
        var found = Assert.Single((await PhoneCalls.Get(sandbox, Query(before))).GetProperty("calls").EnumerateArray());
        Assert.Empty((await PhoneCalls.Get(sandbox, Query(before.AddDays(1)))).GetProperty("calls").EnumerateArray());
        await TestWorld.Until(() => Task.FromResult(side.Callbacks().Any(one => one["CallStatus"] == "in-progress")), "its callbacks");
        Assert.Equal(found.Sid(), side.Callbacks()[0]["CallSid"]);
        using var ended = await PhoneCalls.Post(sandbox, $"/Calls/{found.Sid()}.json", ("Status", "completed"));
        Assert.Equal("completed", (await ChatCalls.Json(ended)).Text("status"));
        using var again = await PhoneCalls.Post(sandbox, $"/Calls/{found.Sid()}.json", ("Status", "completed"));
        Assert.Equal(21220, (await ChatCalls.Json(again, 400)).GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task AResetEndsEveryCallWithoutAWord()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        await PhoneCalls.Instantly(sandbox);
        var timers = sandbox.Clock.ArmedTimers;
        var sid = (await PhoneCalls.Dial(sandbox, side)).Sid();
        await PhoneCalls.Until(sandbox, sid, view => view.GetProperty("frames_out").GetInt32() > 0, "media to flow");
        await sandbox.Post("/_sandbox/reset");
        await TestWorld.Until(() => Task.FromResult(side.Sockets.Single().Of("stop").Count == 1), "the stream to stop");
        await TestWorld.Until(() => Task.FromResult(sandbox.Clock.ArmedTimers == timers), "its timers to be gone");
        Assert.DoesNotContain(side.Callbacks(), one => one["CallStatus"] == "completed");
        Assert.Equal(JsonValueKind.Array, (await sandbox.Get("/_sandbox/twilio/calls")).ValueKind);
        Assert.Equal(0, (await sandbox.Get("/_sandbox/twilio/calls")).GetArrayLength());
    }
}
