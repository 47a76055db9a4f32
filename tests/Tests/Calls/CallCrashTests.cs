using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Ledgerline.Kernel;
using Soak;
using Tests.Identity;
using Tests.World;
using Xunit;

namespace Tests.Calls;

/// <summary>Servers that are killed while they dial and while people talk: each call ends, and is settled once.</summary>
public sealed class CallCrashTests
{
    private const int Scheduled = 40;

    [Fact]
    public async Task A_server_is_killed_in_the_middle_of_its_calls_and_another_settles_them()
    {
        await using var world = await Lines.World("postgres");
        var company = await world.Company();
        await company.Subscribe("business_enterprise");
        var settings = new Dictionary<string, string>
        {
            ["PUBLIC_URL"] = Lines.Public,
            ["ENABLE_RATE_LIMITING"] = "false",
            ["CALLS_PER_SECOND"] = "0",
            ["PASSWORD_ITERATIONS"] = "1000",
            ["STRIPE_SYNC_CATALOGUE"] = "false",
        };
        await using var doomed = await NodeProcess.Start(world.DatabaseUrl, world.SandboxAddress, settings);
        var ours = world.SandboxOptions.NodeUrls;
        // What the carrier asks lands on the one that will be killed.
        world.SandboxOptions.NodeUrls = [doomed.Client.BaseAddress!.ToString().TrimEnd('/')];
        List<string> sids = [];
        for (var call = 0; call < 3; call++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/make-call/+1415555{7000 + call}/default") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", company.Token) } };
            using var answer = await doomed.Client.SendAsync(request);
            var body = await answer.Json();
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{body}");
            sids.Add(body.Text("call_sid")!);
        }

        foreach (var sid in sids)
        {
            await world.Until(sid, line => line.GetProperty("heard").GetArrayLength() > 0, "the agent is heard");
        }

        // One is in the middle of dialling: the carrier is slow to answer and has the call.
        await world.Control("/_sandbox/faults", new { provider = "twilio", path = "/Calls.json", method = "POST", times = 1, delay_ms = 20000, when = "after" });
        using var hanging = new HttpRequestMessage(HttpMethod.Get, "/make-call/+14155557009/default") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", company.Token) } };
        var lost = doomed.Client.SendAsync(hanging);
        await TestWorld.Until(async () => (await world.Control("/_sandbox/twilio/calls")).GetArrayLength() == 4, "the carrier has the fourth");
        // And calls that were to be placed about now, by whichever of the two is at it first.
        world.SandboxOptions.NodeUrls = ours;
        var due = TimeProvider.System.GetUtcNow().AddSeconds(2);
        await Task.WhenAll(Enumerable.Range(0, Scheduled).Select(async call =>
            Assert.Equal(HttpStatusCode.OK, (await company.Post("/schedule-call", new { phone_number = $"+1415{call:000}0123", scheduled_time = due.Iso(), scenario = "default" })).StatusCode)));
        await TestWorld.Until(async () => (await world.Control("/_sandbox/twilio/calls?limit=1000")).GetArrayLength() >= 4 + Scheduled / 4, "some of them are dialled");
        await doomed.Kill();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => lost);

        // What it was at becomes free; a quarter of an hour later nobody would dial any more.
        world.Clock.Advance(TimeSpan.FromMinutes(3));
        await TestWorld.Until(
            async () =>
            {
                world.Clock.Advance(TimeSpan.FromSeconds(1));
                Assert.Empty(await world.Database.Read(session => session.List<string>("SELECT status FROM scheduled_calls WHERE status NOT IN ('scheduled', 'dialing', 'completed')")));
                return await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM scheduled_calls WHERE status = 'completed'")) == Scheduled;
            },
            "every call that was due is placed");
        await TestWorld.Until(
            async () =>
            {
                world.Clock.Advance(TimeSpan.FromSeconds(30));
                foreach (var line in (await world.Control("/_sandbox/twilio/calls?limit=1000")).EnumerateArray().Where(line => line.Text("status") == "in-progress"))
                {
                    (await world.Sandbox.PostAsJsonAsync($"/_sandbox/twilio/calls/{line.Text("sid")}/hangup", new { })).Dispose();
                }

                return await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM calls WHERE settled_at IS NULL")) == 0;
            },
            "everything is settled");
        var lines = (await world.Control("/_sandbox/twilio/calls?limit=1000")).EnumerateArray().ToList();
        Assert.Equal((4 + Scheduled, 4 + Scheduled), (lines.Count, lines.DistinctBy(line => line.Text("to")).Count()));
        Assert.Equal(4 + Scheduled, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM calls WHERE call_sid IS NOT NULL AND status = 'completed'")));
        Assert.Equal(4 + Scheduled, (await company.Stats()).Number("calls_made_total"));
    }
}
