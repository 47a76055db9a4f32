using System.Net;
using System.Security.Cryptography;
using System.Text;
using Ledgerline.Numbers;
using Microsoft.Extensions.DependencyInjection;
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
        await using var world = await Lines.World();
        var company = await world.Company();
        var sid = await company.Call();
        var id = (await company.Show(sid)).Number("id");
        (string, string)[] form = [("CallSid", "CA00000000000000000000000000000009"), ("CallStatus", "completed"), ("CallDuration", "3000"), ("SequenceNumber", "3")];
        Assert.True((await Tell(world, $"/call-end-webhook?call={id}", form)).IsSuccessStatusCode);
        Assert.NotEqual("completed", (await company.Show(sid)).Text("status"));
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
    }

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
