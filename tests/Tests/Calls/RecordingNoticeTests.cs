using System.Text.Json;
using Ledgerline.Calls;
using Ledgerline.Calls.Answering;
using Ledgerline.Calls.Status;
using Ledgerline.Providers.Wire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Tests.Identity;
using Tests.World;
using Xunit;

namespace Tests.Calls;

/// <summary>Where people have to be told that they are recorded, nothing is recorded before they were.</summary>
public sealed class RecordingNoticeTests
{
    private const string Notice = "This call is recorded. Hang up if you do not want that.";

    [Fact]
    public async Task A_person_is_told_and_then_recorded_once()
    {
        await using var world = await Lines.World("sqlite", ("CALL_RECORDING_NOTICE", Notice));
        var (company, person) = (await world.Company(), await world.Person());
        // Whether it was heard, nobody says: it is looked at, not asked for again.
        await world.Control("/_sandbox/faults", new { provider = "twilio", path = "/Recordings.json", method = "POST", times = 1, status = 500, when = "after" });
        var sid = await company.Call();
        await world.Until(sid, call => call.GetProperty("recordings").GetArrayLength() > 0, "it is recorded");
        await world.Until(sid, call => call.GetProperty("heard").GetArrayLength() > 0, "the agent is heard");
        for (var second = 0; second < 5; second++)
        {
            world.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await TestWorld.Until(async () => await Asked(world, "GET") >= 2, "it is looked at again");
        var line = await world.Line(sid);
        Assert.Equal(["Say", "Connect"], line.GetProperty("verbs").EnumerateArray().Select(verb => verb.Text("verb")));
        Assert.Equal(Notice, line.GetProperty("verbs")[0].Text("text"));
        var recording = Assert.Single(line.GetProperty("recordings").EnumerateArray());
        Assert.Equal("StartCallRecordingAPI", recording.Text("source"));
        Assert.Equal(1, await Asked(world, "POST"));
        await world.Control($"/_sandbox/twilio/calls/{sid}/hangup", new { });
        world.Clock.Advance(TimeSpan.FromSeconds(2));
        await company.Until(sid, call => call.GetProperty("recording").ValueKind == JsonValueKind.Object, "it can be heard again");

        // Who is not recorded is not told so.
        var own = await person.Call("+14155550124");
        line = await world.Until(own, call => call.GetProperty("heard").GetArrayLength() > 0, "the agent is heard");
        Assert.Equal(["Connect"], line.GetProperty("verbs").EnumerateArray().Select(verb => verb.Text("verb")));
        Assert.Empty(line.GetProperty("recordings").EnumerateArray());
    }

    [Fact]
    public void A_notice_is_a_sentence_in_a_language_and_its_absence_is_said()
    {
        Assert.NotNull(Read().Warning);
        Assert.Null(Read(("CALL_RECORDING", "false")).Warning);
        Assert.Null(Read((RecordingNotice.Setting, Notice)).Warning);
        Assert.Equal(new RecordingNotice("Dieses Gespräch wird aufgezeichnet.", "de-DE"), Read((RecordingNotice.Setting, "Dieses Gespräch wird aufgezeichnet."), (RecordingNotice.LanguageSetting, "de-DE")).Notice);
        foreach (var (name, value) in new[] { (RecordingNotice.Setting, new string('a', 301)), (RecordingNotice.Setting, "Recorded\u0007"), (RecordingNotice.LanguageSetting, "German") })
        {
            Assert.StartsWith(name, Assert.Throws<FormatException>(() => Read(name == RecordingNotice.Setting ? [(name, value)] : [(RecordingNotice.Setting, Notice), (name, value)])).Message, StringComparison.Ordinal);
        }

        var options = Read();
        Assert.Equal([true, true, false, false], new[]
        {
            new CallRow { Kind = CallKind.Business }, new CallRow { Kind = CallKind.Business, Direction = CallDirection.Outbound }, new CallRow { Kind = CallKind.Mobile },
            new CallRow { Kind = CallKind.Inbound, Direction = CallDirection.Inbound },
        }.Select(options.IsRecorded));
        Assert.Equal(
            """<?xml version="1.0" encoding="utf-8"?><Response><Say language="de-DE">Ja &amp; nein.</Say><Say voice="Google.en-US-Chirp3-HD-Aoede">Hi.</Say><Connect><Stream url="wss://x/y" /></Connect><Hangup /></Response>""",
            Twiml.Stream(["Hi."], "wss://x/y", [], new RecordingNotice("Ja & nein.", "de-DE")));
    }

    private static CallOptions Read(params (string Name, string Value)[] settings) => CallOptions.From(new ProviderSettings(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(one => KeyValuePair.Create(one.Name, (string?)one.Value))).Build(),
        new HostingEnvironment { EnvironmentName = "Production" }));

    private static async Task<int> Asked(TestWorld world, string method) => (await world.Control("/_sandbox/requests?provider=twilio&limit=1000")).EnumerateArray()
        .Count(request => request.Text("method") == method && request.Text("path")!.Contains("/Recordings.json", StringComparison.Ordinal));
}
