using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Ledgerline.Calls.Answering;
using Ledgerline.Calls.Bridge;
using Ledgerline.Numbers;
using Microsoft.Extensions.DependencyInjection;
using Tests.Calls.Bridge;
using Tests.Identity;
using Tests.World;
using Xunit;

namespace Tests.Calls;

/// <summary>What the carrier tells us: signed or nothing, in any order, as often as it likes.</summary>
public sealed class CallbackTests
{
    private const string Token = "twilio-sandbox-token";

    [Theory]
    [InlineData("/call-end-webhook")]
    [InlineData("/twilio-callback")]
    [InlineData("/call-status")]
    [InlineData("/phone-status-callback")]
    [InlineData("/recording-callback")]
    [InlineData("/machine-callback")]
    [InlineData("/outgoing-call/default")]
    [InlineData("/incoming-call")]
    [InlineData("/incoming-call/default")]
    [InlineData("/incoming-call-webhook/default")]
    [InlineData("/incoming-custom-call/custom_1_1")]
    [InlineData("/google-calendar/incoming-calendar-call")]
    [InlineData("/handle-user-input")]
    public async Task What_nobody_signed_changes_nothing(string path)
    {
        await using var world = await Lines.World();
        (string, string)[] form = [("CallSid", "CA00000000000000000000000000000001"), ("CallStatus", "completed"), ("CallDuration", "60"), ("To", "+15005550006"), ("From", Lines.Somebody), ("AnsweredBy", "human")];
        await People.Refused(HttpStatusCode.Unauthorized, "Invalid signature", await Tell(world, path, form, "forged"));
        await People.Refused(HttpStatusCode.Unauthorized, "Invalid signature", await Tell(world, path, form, null));
        Assert.Equal(0, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM call_events")));
        Assert.True((await Tell(world, path, form)).IsSuccessStatusCode);
    }

    [Fact]
    public void Names_go_to_the_carrier_as_people_write_them_but_for_what_no_text_should_have()
    {
        var twiml = Twiml.Stream(["Hi 👋\u0007"], "wss://calls.example.org/media-stream", [new("user_name", "Zoë \"🚀\" <\u202E\u2066\uFFFE\uD83D>")]);
        var read = XDocument.Parse(twiml);
        Assert.Equal("Hi 👋", read.Descendants("Say").Single().Value);
        Assert.Equal("Zoë \"🚀\" <\uFFFD>", read.Descendants("Parameter").Single().Attribute("value")!.Value);
    }

    [Fact]
    public async Task A_call_ends_once_however_often_and_in_whatever_order_it_is_told()
    {
        await using var world = await Lines.World();
        await world.Control("/_sandbox/twilio/webhooks", new { duplicate = 2, reorder = true });
        var company = await world.Company();
        var sid = await company.Call();
        await company.Until(sid, call => call.Text("status") == "in-progress", "somebody answers");
        await world.Until(sid, line => line.GetProperty("heard").GetArrayLength() > 0, "they hear the agent");
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await world.Control($"/_sandbox/twilio/calls/{sid}/hangup", new { });
        var call = await company.Settled(sid);

        (string, string)[] late = [("CallSid", sid), ("CallStatus", "ringing"), ("SequenceNumber", "1")];
        Assert.True((await Tell(world, "/call-end-webhook", late)).IsSuccessStatusCode);
        (string, string)[] again = [("CallSid", sid), ("CallStatus", "completed"), ("CallDuration", "3000"), ("SequenceNumber", "9")];
        Assert.True((await Tell(world, "/call-end-webhook", again)).IsSuccessStatusCode);
        var after = await company.Show(sid);
        Assert.Equal((call.Text("status"), call.Number("duration")), (after.Text("status"), after.Number("duration")));
        Assert.Equal(call.Number("duration"), (await company.Stats()).Number("total_call_duration_this_week"));
    }

    [Fact]
    public async Task Callbacks_may_come_before_the_answer_to_our_own_question()
    {
        await using var world = await Lines.World();
        await world.Control("/_sandbox/twilio/dialling", new { callbacks_first = true, ring_seconds = 0 });
        var company = await world.Company();
        var sid = await company.Call();
        await company.Until(sid, call => call.Text("status") == "in-progress", "somebody answers");
        await world.Control($"/_sandbox/twilio/calls/{sid}/hangup", new { });
        await company.Settled(sid);
        Assert.Equal(1, (await company.Stats()).Number("calls_made_total"));
    }

    [Fact]
    public async Task News_of_calls_that_nobody_knows_are_taken_and_kept()
    {
        await using var world = await Lines.World();
        (string, string)[] form = [("CallSid", "CA00000000000000000000000000000009"), ("CallStatus", "completed"), ("CallDuration", "60"), ("SequenceNumber", "3")];
        Assert.Equal("{\"status\":\"success\"}", await (await Tell(world, "/call-end-webhook", form)).Content.ReadAsStringAsync());
        Assert.Equal("{\"status\":\"received\"}", await (await Tell(world, "/call-status", form)).Content.ReadAsStringAsync());
        Assert.Equal("{\"status\":\"success\",\"call_sid\":\"CA00000000000000000000000000000009\",\"call_status\":\"completed\"}", await (await Tell(world, "/twilio-callback", form)).Content.ReadAsStringAsync());
        Assert.Equal(1, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM call_events")));
        Assert.Equal(HttpStatusCode.BadRequest, (await Tell(world, "/twilio-callback", [("CallStatus", "completed")])).StatusCode);
    }

    [Fact]
    public async Task A_callback_of_one_call_does_not_speak_for_another()
    {
        await using var world = await Lines.World("postgres");
        await world.Control("/_sandbox/twilio/dialling", new { ring_seconds = 600 });
        await world.Control("/_sandbox/twilio/webhooks", new { delay_ms = 86_400_000 });
        var company = await world.Company();
        var sid = await company.Call();
        var id = (await company.Show(sid)).Number("id");
        (string, string)[] form = [("CallSid", "CA00000000000000000000000000000009"), ("CallStatus", "completed"), ("CallDuration", "3000"), ("SequenceNumber", "3")];
        Assert.True((await Tell(world, $"/call-end-webhook?call={id}", form)).IsSuccessStatusCode);
        Assert.NotEqual("completed", (await company.Show(sid)).Text("status"));

        // The carrier's id of another call of ours: it is of that one, also while nobody knows the carrier's id of this one.
        var other = await company.Call("+14155550199");
        var otherId = (await company.Show(other)).Number("id");
        Task Doubt(long call, bool guess) => world.Database.Write(transaction => transaction.Execute(
            guess ? "UPDATE calls SET is_sid_guessed = true WHERE id = @call" : "UPDATE calls SET call_sid = NULL, dialling = 'unknown' WHERE id = @call", new { call }));
        await Doubt(id, guess: false);
        (string, string)[] answered = [("CallSid", other), ("CallStatus", "in-progress"), ("SequenceNumber", "30"), ("RecordingSid", $"RE{other[2..]}"), ("AnsweredBy", "fax")];
        foreach (var path in (string[])["/call-end-webhook", "/recording-callback", "/machine-callback"])
        {
            Assert.True((await Tell(world, $"{path}?call={id}", answered)).IsSuccessStatusCode);
        }

        Assert.Equal((null, null), await Known(world, id));
        Assert.Equal((other, "fax"), await Known(world, otherId));
        Assert.Equal(("in-progress", $"RE{other[2..]}"), await company.Show(other) is var shown ? (shown.Text("status"), shown.GetProperty("recording").Text("sid")) : default);

        // What was only found in the carrier's list goes to whom the carrier names.
        await Doubt(otherId, guess: true);
        Assert.True((await Tell(world, $"/call-status?call={id}", [("CallSid", other), ("CallStatus", "ringing"), ("SequenceNumber", "31")])).IsSuccessStatusCode);
        Assert.Equal((other, null), ((await Known(world, id)).Sid, (await Known(world, otherId)).Sid));

        // Nor does what no text may hold come any further, though it is signed.
        Assert.Equal(HttpStatusCode.BadRequest, (await Tell(world, "/incoming-call", [("CallSid", "\0"), ("To", Lines.Somebody)])).StatusCode);
        Assert.True((await Tell(world, "/call-end-webhook", [("CallSid", $"CA\0{other[2..]}"), ("CallStatus", "ringing\0"), ("X\0", "\0")])).IsSuccessStatusCode);
        Assert.True((await Tell(world, "/machine-callback", [("CallSid", other), ("AnsweredBy", "hu\0man")])).IsSuccessStatusCode);
        Assert.Equal("human", (await Known(world, id)).AnsweredBy);
    }

    [Fact]
    public async Task A_call_is_not_charged_for_longer_than_it_may_last()
    {
        await using var world = await Lines.World(settings: [("CALLS_FROM_CREDITS", "true"), ("TRIAL_CALLS_BUSINESS", "0")]);
        var company = await world.Company();
        await company.Grant(1000);
        var sid = await company.Call();
        await company.Until(sid, call => call.Text("status") == "in-progress", "somebody answers");
        Assert.True((await Tell(world, "/call-end-webhook", [("CallSid", sid), ("CallStatus", "completed"), ("CallDuration", "604800"), ("SequenceNumber", "7")])).IsSuccessStatusCode);
        Assert.InRange((await company.Settled(sid)).Number("duration"), 0, 195);
    }

    [Fact]
    public async Task Who_rings_a_number_of_ours_reaches_its_owner_and_counts_minutes_not_calls()
    {
        await using var world = await Lines.World();
        var company = await world.Company();
        await company.Subscribe("basic_monthly");
        await world.Services.GetRequiredService<NumberDesk>().Assign(await company.Id(), "+15005550006");
        var sid = (await world.Control("/_sandbox/twilio/incoming", new { from = Lines.Somebody, to = "+15005550006", voice_url = $"{Lines.Public}/incoming-call/default" })).Text("sid")!;

        var line = await world.Until(sid, call => call.GetProperty("heard").GetArrayLength() > 0, "they hear the agent");
        Assert.Equal("in-progress", line.Text("status"));
        world.Clock.Advance(TimeSpan.FromSeconds(70));
        await world.Control($"/_sandbox/twilio/calls/{sid}/hangup", new { });
        // Nobody tells us how it ended unless the number says where: the carrier's own record does.
        await TestWorld.Until(
            async () =>
            {
                world.Clock.Advance(TimeSpan.FromMinutes(10));
                return (await company.Show(sid)).GetProperty("is_settled").GetBoolean();
            },
            "the carrier is asked");
        var call = await company.Show(sid);
        Assert.Equal(("inbound", "plan_minutes"), (call.Text("direction"), call.Text("funding")));
        Assert.InRange(call.Number("duration"), 70, 80);
        Assert.Equal(0, (await company.Stats()).Number("calls_made_total"));

        // Whom no agent ever answered pays nothing unless the carrier has seconds of it; and nobody waits for somebody else's slow look-up.
        var (told, slow, lost) = ("CA000000000000000000000000000000a1", "CA000000000000000000000000000000a2", "CA000000000000000000000000000000a3");
        await world.Control("/_sandbox/faults", new { provider = "twilio", path = slow, method = "GET", times = 100, delay_ms = 600_000 });
        foreach (var unheard in (string[])[told, slow, lost])
        {
            Assert.True((await Tell(world, "/incoming-call/default", [("CallSid", unheard), ("CallStatus", "ringing"), ("From", Lines.Somebody), ("To", "+15005550006")])).IsSuccessStatusCode);
            Assert.Equal("ringing", (await company.Show(unheard)).Text("status"));
            if (unheard == told)
            {
                Assert.True((await Tell(world, "/phone-status-callback", [("CallSid", unheard), ("CallStatus", "completed"), ("CallDuration", "42"), ("SequenceNumber", "3")])).IsSuccessStatusCode);
                Assert.Equal(42, (await company.Settled(unheard)).Number("duration"));
            }
        }

        world.Clock.Advance(TimeSpan.FromSeconds(70));
        var free = await company.Settled(lost);
        Assert.Equal(("failed", JsonValueKind.Null), (free.Text("status"), free.GetProperty("duration").ValueKind));
        Assert.True(await world.Database.Read(session => session.One<DateTimeOffset>("SELECT review_at FROM calls WHERE call_sid = @slow", new { slow })) <= world.Clock.GetUtcNow());
        Assert.Equal(call.Number("duration") + 42, (await company.Stats()).Number("total_call_duration_this_week"));
    }

    [Fact]
    public async Task Who_rings_somebody_without_a_plan_or_nobody_hears_a_sentence_and_no_model_is_asked()
    {
        await using var world = await Lines.World();
        var company = await world.Company();
        var nobody = (await world.Control("/_sandbox/twilio/incoming", new { from = Lines.Somebody, to = "+15005550006", voice_url = $"{Lines.Public}/incoming-call/default" })).Text("sid")!;
        await world.Until(nobody, call => call.Text("status") == "completed", "the call is ended");
        await world.Services.GetRequiredService<NumberDesk>().Assign(await company.Id(), "+15005550006");
        var unpaid = (await world.Control("/_sandbox/twilio/incoming", new { from = Lines.Somebody, to = "+15005550006", voice_url = $"{Lines.Public}/incoming-call" })).Text("sid")!;
        await world.Until(unpaid, call => call.Text("status") == "completed", "the call is ended");
        Assert.Equal(0, (await world.Control("/_sandbox/openai/realtime/sessions")).GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await company.Get($"/api/calls/{unpaid}")).StatusCode);

        // Nor is one asked for a stream whose token is another call's, another path's, over, or used.
        await company.Subscribe("basic_monthly");
        const string own = "CA000000000000000000000000000000b1";
        async Task<string> Rings(string sid = own)
        {
            var answer = await Tell(world, "/incoming-call/default", [("CallSid", sid), ("CallStatus", "ringing"), ("From", Lines.Somebody), ("To", "+15005550006")]);
            return XDocument.Parse(await answer.Content.ReadAsStringAsync()).Descendants("Parameter").First(one => one.Attribute("name")!.Value == "token").Attribute("value")!.Value;
        }

        async Task<WebSocketCloseStatus?> Refused(string? token, string sid = own, string path = "/media-stream/default")
        {
            await using var stranger = await FakePhone.Call(world.Client, token, path, sid);
            return await stranger.End();
        }

        var token = await Rings();
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await Refused(null));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await Refused(token, sid: "CA000000000000000000000000000000b2"));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await Refused(token, path: "/media-stream"));
        Assert.Equal(0, (await world.Control("/_sandbox/openai/realtime/sessions")).GetArrayLength());
        await using var phone = await FakePhone.Call(world.Client, token, "/media-stream/default", own);
        await TestWorld.Until(async () => (await world.Control("/_sandbox/openai/realtime/sessions")).GetArrayLength() == 1, "the good one meets its model");
        Assert.Equal("in-progress", (await company.Show(own)).Text("status"));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await Refused(token));

        // A node that does not keep up with the calls it has begins no other.
        var punctuality = world.Services.GetRequiredService<Punctuality>();
        punctuality.Beat(1000, 900);
        Assert.Contains("All lines are busy", await (await Tell(world, "/incoming-call/default", [("CallSid", "CA000000000000000000000000000000b3"), ("To", "+15005550006")])).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        punctuality.Beat(1000, 900);
        using var busy = await company.Ring();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (busy.StatusCode, busy.Headers.RetryAfter is not null));
        await phone.Stop();
        const string late = "CA000000000000000000000000000000b4";
        for (var beat = 0; beat < 5; beat++)
        {
            punctuality.Beat(1000, 0);
        }

        token = await Rings(late);
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await Refused(token, late));
    }

    private static Task<(string? Sid, string? AnsweredBy)> Known(TestWorld world, long id) => world.Database.Read(session => session.One<(string?, string?)>("SELECT call_sid, answered_by FROM calls WHERE id = @id", new { id }));

    private static async Task<HttpResponseMessage> Tell(TestWorld world, string path, (string Name, string Value)[] form, string? signature = "")
    {
        var signed = Lines.Public + path + string.Concat(form.OrderBy(field => field.Name, StringComparer.Ordinal).Select(field => field.Name + field.Value));
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(form.Select(field => new KeyValuePair<string, string>(field.Name, field.Value))),
        };
        if (signature is not null)
        {
#pragma warning disable CA5350 // As the carrier signs.
            request.Headers.Add("X-Twilio-Signature", signature.Length > 0 ? signature : Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(Token), Encoding.UTF8.GetBytes(signed))));
#pragma warning restore CA5350
        }

        return await world.Client.SendAsync(request);
    }
}
