using System.Globalization;
using System.Net.Http.Json;
using Tests.Identity;
using Tests.World;
using Xunit;

namespace Tests.Calls;

/// <summary>
/// Random stories of many calls: callees of every kind, a carrier that fails before and after it dialled, callbacks that come twice, out of
/// order, late or not at all. In the end the carrier's record and our books say the same, and nothing is left open.
/// </summary>
public sealed class CallStoriesTests(ITestOutputHelper output)
{
    private static readonly string[] Endings = ["0001", "0002", "0004", "0005", "0123", "0124"];

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Every_answered_call_is_charged_once_and_nothing_stays_open(string engine)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CALL_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine($"CALL_SEED={seed}");
        var random = new Random(seed);
        await using var world = await Lines.World(engine, ("CALLS_FROM_CREDITS", "true"), ("TRIAL_CALLS_BUSINESS", "2"));
        var second = engine == "postgres" ? await world.StartNode() : world.Client;
        await world.Control("/_sandbox/twilio/webhooks", new { duplicate = random.Next(1, 3), reorder = random.Next(2) == 0 });
        var (funded, subscribed) = (await world.Company(), await world.Company(second));
        await funded.Grant(500);
        await subscribed.Subscribe("basic_monthly");
        Ringer[] people = [funded, subscribed];
        for (var call = 0; call < 14; call++)
        {
            switch (random.Next(6))
            {
                case 0:
                    await world.Control("/_sandbox/faults", new { provider = "twilio", path = "/Calls.json", method = "POST", times = 1, drop = true, when = "after" });
                    break;
                case 1:
                    await world.Control("/_sandbox/faults", new { provider = "twilio", path = "/Calls.json", method = "POST", times = 1, drop = true, when = "before" });
                    break;
                case 2:
                    await world.Control("/_sandbox/faults", new { provider = "twilio", path = "/Calls.json", method = "POST", times = 1, status = 500 });
                    break;
            }

            var who = people[random.Next(2)];
            using var answer = await who.Ring($"+14155{call:00}{Endings[random.Next(Endings.Length)]}");
            Assert.True((int)answer.StatusCode is 200 or 402 or 503, $"CALL_SEED={seed}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            world.Clock.Advance(TimeSpan.FromSeconds(random.Next(0, 20)));
        }

        await TestWorld.Until(
            async () =>
            {
                world.Clock.Advance(TimeSpan.FromMinutes(1));
                foreach (var line in (await world.Control("/_sandbox/twilio/calls?limit=100")).EnumerateArray().Where(line => line.Text("status") == "in-progress"))
                {
                    // It may have ended in this very moment.
                    (await world.Sandbox.PostAsJsonAsync($"/_sandbox/twilio/calls/{line.Text("sid")}/hangup", new { })).Dispose();
                }

                return await Open(world) == 0;
            },
            $"CALL_SEED={seed}: everything is settled");

        var lines = (await world.Control("/_sandbox/twilio/calls?limit=100")).EnumerateArray().ToDictionary(line => line.Text("sid")!);
        var rows = await world.Database.Read(session => session.List<Ended>(
            "SELECT c.call_sid, c.status, c.duration, r.state, r.seconds FROM calls c LEFT JOIN reservations r ON r.account_id = c.account_id AND r.id = 'call:' || CAST(c.id AS text)"));
        foreach (var row in rows)
        {
            var truth = row.CallSid is { } sid ? lines[sid].Text("status") : "failed";
            Assert.True(row.Status == truth, $"CALL_SEED={seed}: {row.CallSid} is {row.Status} here and {truth} at the carrier");
            Assert.True((row.State == "completed") == (truth == "completed"), $"CALL_SEED={seed}: {row.CallSid} is {truth}, its allowance {row.State}");
            Assert.Equal(row.Duration, truth == "completed" ? row.Seconds : null);
        }

        Assert.Empty(lines.Keys.Except(rows.Select(row => row.CallSid)));
        // A line that was asking for another minute while its call ended gives it back itself, a moment later. The clock stands still: nothing runs out.
        await TestWorld.Until(
            async () => await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM holds WHERE status = 'open'")) == 0,
            $"CALL_SEED={seed}: nothing is held");
        Assert.Equal(0, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM reservations WHERE state IN ('reserved', 'confirmed')")));
    }

    private static Task<long> Open(TestWorld world) => world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM calls WHERE settled_at IS NULL"));

    private sealed class Ended
    {
        public string? CallSid { get; init; }
        public required string Status { get; init; }
        public long? Duration { get; init; }
        public string? State { get; init; }
        public long? Seconds { get; init; }
    }
}
