using System.Net;
using Tests.Identity;
using Tests.World;
using Xunit;

namespace Tests.Calls;

/// <summary>Orders whose answer got lost: looked up at the carrier, never dialled again, and given back once they are nowhere.</summary>
public sealed class DoubtfulCallTests
{
    [Fact]
    public async Task A_carrier_that_answers_nothing_after_it_dialled_is_looked_up_and_never_dialled_again()
    {
        await using var world = await Lines.World();
        var company = await world.Company();
        await world.Control("/_sandbox/faults", new { provider = "twilio", path = "/Calls.json", method = "POST", times = 1, drop = true, when = "after" });

        var sid = await company.Call();

        Assert.Equal(1, await world.Placed());
        Assert.Equal(sid, (await company.Show(sid)).Text("call_sid"));
        Assert.Equal(1, (await company.Stats()).Number("calls_made_total"));
    }

    [Fact]
    public async Task A_carrier_that_loses_the_order_leaves_nothing_counted()
    {
        await using var world = await Lines.World();
        var company = await world.Company();
        await world.Control("/_sandbox/faults", new { provider = "twilio", path = "/Calls.json", method = "POST", times = 1, drop = true, when = "before" });

        var answer = await company.Ring();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(0, await world.Placed());
        // Nobody knows yet: the reservation stays, and the same request does not dial.
        Assert.Equal(1, (await company.Stats()).Number("calls_made_total"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await company.Ring()).StatusCode);
        await TestWorld.Until(
            async () =>
            {
                world.Clock.Advance(TimeSpan.FromSeconds(30));
                return (await company.Stats()).Number("calls_made_total") == 0;
            },
            "what the carrier does not have after five minutes is given back");
        Assert.Equal(0, await world.Placed());
    }

    [Fact]
    public async Task A_carrier_that_cannot_be_asked_has_not_said_that_it_has_no_call()
    {
        await using var world = await Lines.World();
        var company = await world.Company();
        await world.Control("/_sandbox/twilio/dialling", new { ring_seconds = 600 });
        await world.Control("/_sandbox/twilio/webhooks", new { delay_ms = 86_400_000 });
        await world.Control("/_sandbox/faults", new { provider = "twilio", path = "/Calls.json", method = "GET", times = 1000, status = 503 });
        await world.Control("/_sandbox/faults", new { provider = "twilio", path = "/Calls.json", method = "POST", times = 1, drop = true, when = "after" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await company.Ring()).StatusCode);

        for (var minute = 0; minute < 8; minute++)
        {
            world.Clock.Advance(TimeSpan.FromMinutes(1));
            await TestWorld.Until(async () => await Reviewed(world), "it is looked for");
        }

        Assert.Equal("unknown", await Dialling(world, company));
        (await world.Sandbox.DeleteAsync("/_sandbox/faults")).Dispose();
        await TestWorld.Until(
            async () =>
            {
                world.Clock.Advance(TimeSpan.FromSeconds(20));
                return await Dialling(world, company) == "placed";
            },
            "the carrier is asked again and has it");
        Assert.Equal(1, await world.Placed());
    }

    [Fact]
    public async Task A_doubtful_call_does_not_take_somebody_elses_between_the_same_numbers()
    {
        await using var world = await Lines.World();
        var (lost, other) = (await world.Person(), await world.Person());
        await world.Control("/_sandbox/faults", new { provider = "twilio", path = "/Calls.json", method = "POST", times = 1, drop = true, when = "before" });
        var doubtful = await lost.Ring();
        Assert.NotNull(doubtful.Headers.RetryAfter?.Delta);
        await People.Refused(HttpStatusCode.InternalServerError, "Unable to initiate call", doubtful);

        await world.Control("/_sandbox/faults", new { provider = "twilio", path = "/Calls.json", method = "POST", times = 1, drop = true, when = "after" });
        (await other.Ring()).Dispose();
        await TestWorld.Until(async () => await Dialling(world, other) == "placed", "the carrier's own news say whose it is");
        Assert.Equal("unknown", await Dialling(world, lost));
        await TestWorld.Until(
            async () =>
            {
                world.Clock.Advance(TimeSpan.FromSeconds(30));
                return await Dialling(world, lost) == "refused";
            },
            "the other one is given back");
        await TestWorld.Until(async () => (await lost.Stats()).Number("trial_calls_remaining") == 3, "its allowance is back");
        Assert.Equal(1, await world.Placed());
    }

    private static async Task<string> Dialling(TestWorld world, Ringer who)
    {
        var account = await who.Id();
        return await world.Database.Read(session => session.One<string>("SELECT dialling FROM calls WHERE account_id = @account", new { account }));
    }

    private static async Task<bool> Reviewed(TestWorld world) =>
        await world.Database.Read(session => session.One<DateTimeOffset>("SELECT review_at FROM calls")) > world.Clock.GetUtcNow();
}
