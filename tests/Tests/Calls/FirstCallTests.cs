using Tests.Identity;
using Xunit;

namespace Tests.Calls;

public sealed class FirstCallTests
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    [InlineData("turso")]
    public async Task A_call_is_placed_answered_ended_and_settled(string engine)
    {
        await using var world = await Lines.World(engine);
        var company = await world.Company();
        var sid = await company.Call();

        await company.Until(sid, call => call.Text("status") == "in-progress", "we know it");
        // Before the stream has begun, a minute that passes takes its token away.
        await world.Until(sid, line => line.GetProperty("heard").GetArrayLength() > 0, "somebody hears the agent");
        world.Clock.Advance(TimeSpan.FromSeconds(70));
        await world.Control($"/_sandbox/twilio/calls/{sid}/hangup", new { });

        var call = await company.Settled(sid);
        Assert.Equal("completed", call.Text("status"));
        Assert.InRange(call.GetProperty("duration").GetInt64(), 70, 90);
        var stats = await company.Stats();
        Assert.Equal(3, stats.GetProperty("trial_calls_remaining").GetInt64());
        Assert.Equal(call.GetProperty("duration").GetInt64(), stats.GetProperty("total_call_duration_this_week").GetInt64());
    }

    [Theory]
    [InlineData("0001", "busy")]
    [InlineData("0002", "no-answer")]
    [InlineData("0004", "failed")]
    public async Task A_call_that_nobody_answered_is_given_back(string ending, string status)
    {
        await using var world = await Lines.World();
        var person = await world.Person();
        var sid = await person.Call($"+1415555{ending}");
        for (var seconds = 0; seconds < 90; seconds += 30)
        {
            world.Clock.Advance(TimeSpan.FromSeconds(30));
        }

        var call = await person.Settled(sid);
        Assert.Equal(status, call.Text("status"));
        Assert.Equal(3, (await person.Stats()).GetProperty("trial_calls_remaining").GetInt64());
    }
}
