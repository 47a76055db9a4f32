using System.Text.Json;
using Tests.World;
using Xunit;

namespace Tests.Sandbox;

/// <summary>The instructions for a call: asked for, carried out in order, replaced, and what is wrong with them.</summary>
public sealed class TwilioTwimlTests
{
    [Fact]
    public async Task VerbsAreCarriedOutInOrderAndThoseBehindTheStreamWhenItCloses()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        side.Talk = async socket =>
        {
            await socket.ReadUntil("media");
            await socket.Close();
        };
        side.Instructions = _ => $"""
            <Response><Say voice="Google.en-US-Chirp3-HD-Aoede">Hello &amp; welcome.</Say><Pause length="1"/><Connect><Stream url="{side.SocketAddress}"/></Connect>
            <Play>https://example.test/a.mp3</Play><Redirect method="GET">/twiml/next?a=1&amp;b=it%27s</Redirect><Say>Never.</Say></Response>
            """;
        var first = side.Instructions;
        side.Instructions = request => request.Method == "GET" ? "<Response><Say>Bye.</Say><Hangup/><Say>Never.</Say></Response>" : first(request);
        var sid = await Dial(sandbox, side);
        await PhoneCalls.Until(sandbox, sid, one => one.GetProperty("verbs").GetArrayLength() >= 2, "the pause");
        sandbox.Clock.Advance(TimeSpan.FromSeconds(1));
        var view = await PhoneCalls.UntilStatus(sandbox, sid, "completed");
        Assert.Equal(
            [("Say", "Hello & welcome."), ("Pause", "1"), ("Connect", side.SocketAddress), ("Play", "https://example.test/a.mp3"), ("Redirect", "/twiml/next?a=1&b=it%27s"), ("Say", "Bye."), ("Hangup", null)],
            view.GetProperty("verbs").EnumerateArray().Select(verb => (verb.Text("verb"), verb.Text("text"))));
        Assert.Empty(view.GetProperty("failures").EnumerateArray());
        var get = Assert.Single(side.Requests, request => request.Method == "GET");
        Assert.StartsWith("/twiml/next?a=1&b=it%27s&CallSid=", get.Target, StringComparison.Ordinal);
        PhoneCalls.AssertSigned(sandbox, side, get);
    }

    [Theory]
    [InlineData("12#", "12")]
    [InlineData("1234567", "1234")]
    [InlineData("", null)]
    public async Task DigitsAreGathered(string pressed, string? digits)
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        side.Instructions = request => request["Digits"].Length > 0
            ? "<Response/>" : """<Response><Gather input="dtmf" numDigits="4" timeout="30" action="/twiml/digits"><Say>Your number?</Say></Gather><Say>None.</Say></Response>""";
        var sid = await Dial(sandbox, side);
        await PhoneCalls.Until(sandbox, sid, view => view.GetProperty("verbs").GetArrayLength() == 2, "the question");
        if (pressed.Length > 0)
        {
            await sandbox.Post($"/_sandbox/twilio/calls/{sid}/dtmf", new { digits = pressed });
        }
        else
        {
            sandbox.Clock.Advance(TimeSpan.FromSeconds(31));
        }

        var ended = await PhoneCalls.UntilStatus(sandbox, sid, "completed");
        Assert.Equal(digits, side.Callbacks("/twiml/digits").SingleOrDefault()?["Digits"]);
        Assert.Equal(digits is null, ended.GetProperty("verbs").EnumerateArray().Any(verb => verb.Text("text") == "None."));
    }

    [Theory]
    [InlineData("404", 11200, "")]
    [InlineData("200", 12100, "<Response>")]
    [InlineData("200", 12100, "<Answer/>")]
    [InlineData("200", 11100, "<Response><Redirect>ftp://example.test</Redirect></Response>")]
    public async Task WhatCannotBeCarriedOutEndsTheCall(string status, int code, string answer)
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        side.Status = int.Parse(status, System.Globalization.CultureInfo.InvariantCulture);
        side.Instructions = _ => answer;
        var view = await PhoneCalls.UntilStatus(sandbox, await Dial(sandbox, side), "completed");
        Assert.Equal(code, Assert.Single(view.GetProperty("failures").EnumerateArray()).GetProperty("code").GetInt32());
        Assert.Equal(1, view.GetProperty("duration_seconds").GetInt32());
    }

    [Fact]
    public async Task TheFallbackIsToldWhatWentWrong()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        side.Instructions = request => request["ErrorCode"].Length > 0 ? "<Response><Say>Sorry.</Say></Response>" : "no document";
        var view = await PhoneCalls.UntilStatus(sandbox, await Dial(sandbox, side, ("FallbackUrl", side.Address + "/twiml/fallback")), "completed");
        var asked = Assert.Single(side.Callbacks("/twiml/fallback"));
        Assert.Equal(("12100", side.Address + "/twiml?call=17"), (asked["ErrorCode"], asked["ErrorUrl"]));
        Assert.Equal("Sorry.", view.GetProperty("verbs")[0].Text("text"));
    }

    [Fact]
    public async Task NobodyListeningIsAFailureToo()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        var view = await PhoneCalls.UntilStatus(sandbox, await Dial(sandbox, side, ("Url", "https://127.0.0.1:1/twiml")), "completed");
        Assert.Equal(11205, view.GetProperty("failures")[0].GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task ALiveCallIsGivenOtherInstructions()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        var sid = await Dial(sandbox, side, ("Url", ""), ("Twiml", $"""<Response><Connect><Stream url="{side.SocketAddress}"/></Connect></Response>"""));
        await PhoneCalls.Until(sandbox, sid, view => view.GetProperty("frames_out").GetInt32() > 0, "media to flow");
        using var updated = await PhoneCalls.Post(sandbox, $"/Calls/{sid}.json", ("Twiml", "<Response><Say>Transferred.</Say></Response>"));
        Assert.Equal("in-progress", (await ChatCalls.Json(updated)).Text("status"));
        var view = await PhoneCalls.UntilStatus(sandbox, sid, "completed");
        Assert.Equal(["Connect", "Say"], view.GetProperty("verbs").EnumerateArray().Select(verb => verb.Text("verb")));
        Assert.Single(side.Sockets.Single().Of("stop"));
    }

    [Fact]
    public async Task SomebodyRingsUs()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        sandbox.Options.ServerUrl = side.Address;
        var picksUp = new TaskCompletionSource();
        side.Before = () => picksUp.Task;
        side.Instructions = _ => "<Response><Pause length=\"60\"/></Response>";
        var number = (await PhoneCalls.Get(sandbox, "/IncomingPhoneNumbers.json")).GetProperty("incoming_phone_numbers")[0];
        Assert.Equal(side.Address + "/incoming-call/default", number.Text("voice_url"));
        using var repointed = await PhoneCalls.Post(sandbox, $"/IncomingPhoneNumbers/{number.Sid()}.json", ("VoiceUrl", side.Address + "/twiml/incoming"), ("StatusCallback", side.Address + "/status"));
        Assert.Equal(side.Address + "/twiml/incoming", (await ChatCalls.Json(repointed)).Text("voice_url"));

        var sid = (await sandbox.Post("/_sandbox/twilio/incoming", new { from = "+15559870001", to = sandbox.Options.TwilioPhoneNumber })).Sid();
        Assert.Equal("ringing", (await PhoneCalls.View(sandbox, sid)).Text("status"));
        picksUp.SetResult();
        await PhoneCalls.UntilStatus(sandbox, sid, "in-progress");
        var asked = Assert.Single(side.Callbacks("/twiml/incoming"));
        Assert.Equal(
            (sid, "+15559870001", sandbox.Options.TwilioPhoneNumber, "ringing", "inbound", sandbox.Options.TwilioAccountSid),
            (asked["CallSid"], asked["From"], asked["To"], asked["CallStatus"], asked["Direction"], asked["AccountSid"]));
        PhoneCalls.AssertSigned(sandbox, side, asked);
        sandbox.Clock.Advance(TimeSpan.FromSeconds(61));
        await PhoneCalls.UntilStatus(sandbox, sid, "completed");
        await TestWorld.Until(() => Task.FromResult(side.Callbacks().Count == 1), "the number's callback");
        Assert.Equal(("completed", "inbound"), (side.Callbacks()[0]["CallStatus"], side.Callbacks()[0]["Direction"]));
        Assert.Equal("inbound", (await PhoneCalls.Get(sandbox, $"/Calls/{sid}.json")).Text("direction"));
    }

    [Theory]
    [InlineData("<Response><Reject reason=\"busy\"/></Response>", "busy")]
    [InlineData("<Response><Reject/></Response>", "no-answer")]
    [InlineData("nothing", "failed")]
    [InlineData("<Response/>", "completed")]
    public async Task WhoRingsUsMayBeTurnedAway(string answer, string status)
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        side.Instructions = _ => answer;
        var sid = (await sandbox.Post("/_sandbox/twilio/incoming", new { voice_url = side.Address + "/twiml" })).Sid();
        var view = await PhoneCalls.UntilStatus(sandbox, sid, status);
        Assert.Equal(status == "completed" ? JsonValueKind.Number : JsonValueKind.Null, view.GetProperty("duration_seconds").ValueKind);
    }

    [Fact]
    public async Task AMessageIsRecorded()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var side = await PhoneSide.Start();
        side.Instructions = request => request["RecordingSid"].Length > 0 ? "<Response/>" : """<Response><Record maxLength="200" timeout="100" action="/twiml/recorded"/></Response>""";
        var sid = await Dial(sandbox, side);
        await PhoneCalls.Until(sandbox, sid, view => view.GetProperty("verbs").GetArrayLength() == 1, "the recording");
        await sandbox.Post($"/_sandbox/twilio/calls/{sid}/dtmf", new { digits = "#" });
        await PhoneCalls.UntilStatus(sandbox, sid, "completed");
        var asked = Assert.Single(side.Callbacks("/twiml/recorded"));
        Assert.Equal((34, "#"), (asked["RecordingSid"].Length, asked["Digits"]));
        Assert.Equal("RecordVerb", (await PhoneCalls.Get(sandbox, $"/Recordings/{asked["RecordingSid"]}.json")).Text("source"));
    }

    private static async Task<string> Dial(SandboxHost sandbox, PhoneSide side, params (string Name, string Value)[] more)
    {
        await PhoneCalls.Instantly(sandbox);
        return (await PhoneCalls.Dial(sandbox, side, PhoneCalls.Callee, more)).Sid();
    }
}
