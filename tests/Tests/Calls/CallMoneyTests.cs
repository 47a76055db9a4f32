using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;
using Tests.Identity;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Calls;

/// <summary>Calls and what pays for them: never beyond it, to the second, and longer when more is there.</summary>
public sealed class CallMoneyTests
{
    private static readonly (string, string?)[] ByCredits = [("CALLS_FROM_CREDITS", "true"), ("TRIAL_CALLS_BUSINESS", "0")];

    [Theory, EveryDatabase]
    public async Task When_credits_run_out_the_agent_says_goodbye_and_nothing_is_overspent(string engine)
    {
        await using var world = await Lines.World(engine, ByCredits);
        var company = await world.Company();
        await company.Grant(45);
        var sid = await company.Call();
        var running = await company.Until(sid, call => call.Text("status") == "in-progress", "somebody answers");
        Assert.Equal(("credits", 120), (running.Text("funding"), running.Number("duration_limit")));
        await world.Until(sid, call => call.GetProperty("heard").GetArrayLength() > 0, "the agent speaks");

        await PassUntilLeft(company, sid, 58);
        await PassUntilLeft(company, sid, 19);
        await company.Until(
            sid, call => call.GetProperty("transcript").EnumerateArray().Any(line => line.Text("text")!.Contains("Goodbye", StringComparison.OrdinalIgnoreCase)), "the agent says goodbye");
        await PassUntilOver(company, sid);
        var call = await company.Settled(sid);
        Assert.InRange(call.Number("duration"), 95, 122);
        Assert.Equal(40m, call.GetProperty("cost").GetProperty("charged").GetDecimal());
        Assert.Equal((Credits.Whole(5), Credits.Zero), await Balance(world, company));
        var told = (await world.Control("/_sandbox/openai/realtime/sessions"))[0].GetProperty("notes").EnumerateArray().Count(note => note.Text("role") == "system");
        Assert.Equal(2, told);
        Assert.Contains(call.GetProperty("transcript").EnumerateArray(), line => line.Text("text")!.Contains("Goodbye", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Minutes_of_a_plan_run_out_and_the_call_ends()
    {
        await using var world = await Lines.World();
        var company = await world.Company();
        await company.Subscribe("basic_monthly");
        var first = await company.Call();
        await world.Until(first, line => line.GetProperty("heard").GetArrayLength() > 0, "they hear the agent");
        Assert.Equal(3600, (await company.Show(first)).Number("duration_limit"));
        world.Clock.Advance(TimeSpan.FromMinutes(59.5));
        await world.Control($"/_sandbox/twilio/calls/{first}/hangup", new { });
        await company.Settled(first);

        var second = await company.Call("+14155550124");
        await world.Until(second, line => line.GetProperty("heard").GetArrayLength() > 0, "they hear the agent");
        Assert.Equal(40 * 60, (await company.Show(second)).Number("duration_limit"));
        world.Clock.Advance(TimeSpan.FromMinutes(39));
        await PassUntilOver(company, second);
        var call = await company.Settled(second);
        Assert.InRange(call.Number("duration"), 39 * 60, 40 * 60 + 2);
        var refused = await company.Ring("+14155550125");
        Assert.Equal("monthly_limit_reached", (await refused.Json()).GetProperty("detail").Text("error"));
    }

    [Fact]
    public async Task A_top_up_during_the_call_makes_it_longer_at_the_carrier_too()
    {
        await using var world = await Lines.World("postgres", ByCredits);
        var company = await world.Company();
        await company.Grant(60);
        var sid = await company.Call();
        await company.Until(sid, call => call.Text("status") == "in-progress", "somebody answers");
        Assert.Equal(180, (await company.Show(sid)).Number("duration_limit"));
        await company.Grant(45);
        await world.Until(sid, call => call.GetProperty("heard").GetArrayLength() > 0, "the agent speaks");

        foreach (var limit in (long[])[240, 300])
        {
            await PassUntilLeft(company, sid, 74);
            await company.Until(sid, call => call.Number("duration_limit") == limit, $"it may last {limit} seconds");
        }

        await PassUntilOver(company, sid);
        var call = await company.Settled(sid);
        Assert.InRange(call.Number("duration"), 270, 302);
        Assert.Equal(20m * ((call.Number("duration") + 59) / 60), call.GetProperty("cost").GetProperty("charged").GetDecimal());
        Assert.Equal((Credits.Whole(105 - (long)call.GetProperty("cost").GetProperty("charged").GetDecimal()), Credits.Zero), await Balance(world, company));
    }

    [Fact]
    public async Task Two_calls_of_one_wallet_never_spend_more_than_it_holds()
    {
        await using var world = await Lines.World("postgres", ByCredits);
        var company = await world.Company();
        await company.Grant(90);
        var sids = await Task.WhenAll(company.Call("+14155550131"), company.Call("+14155550132"));
        foreach (var sid in sids)
        {
            await company.Until(sid, call => call.Text("status") == "in-progress", "somebody answers");
        }

        decimal charged = 0;
        foreach (var sid in sids)
        {
            await PassUntilOver(company, sid);
            charged += (await company.Settled(sid)).GetProperty("cost").GetProperty("charged").GetDecimal();
        }

        // The agent may have said goodbye before the last minute began.
        Assert.InRange(charged, 60, 80);
        Assert.Equal((Credits.Whole(90 - (long)charged), Credits.Zero), await Balance(world, company));
    }

    [Fact]
    public async Task Two_long_trial_calls_extend_the_trial_once()
    {
        await using var world = await Lines.World();
        var person = await world.Person();
        for (var call = 0; call < 2; call++)
        {
            var sid = await person.Call($"+1415555{6000 + call}");
            await world.Until(sid, line => line.GetProperty("heard").GetArrayLength() > 0, "they hear the agent");
            world.Clock.Advance(TimeSpan.FromSeconds(31));
            await world.Control($"/_sandbox/twilio/calls/{sid}/hangup", new { });
            await person.Settled(sid);
        }

        Assert.Equal((2, 2), (await person.Stats()) is var stats ? (stats.Number("trial_calls_used"), stats.Number("trial_calls_remaining")) : default);
    }

    // In one jump, and then somebody speaks again: who is silent for too long is hung up on.
    private static async Task PassUntilLeft(Ringer who, string sid, int left)
    {
        var call = await who.Show(sid);
        var before = Spoken(call);
        who.World.Clock.Advance(TimeSpan.FromSeconds(Math.Max(0, call.Number("seconds_left") - left)));
        await who.Until(sid, now => Spoken(now) > before, "the person speaks");
    }

    private static int Spoken(JsonElement call) => call.GetProperty("transcript").EnumerateArray().Count(line => line.Text("speaker") == "customer");

    private static async Task PassUntilOver(Ringer who, string sid)
    {
        await TestWorld.Until(
            async () =>
            {
                if ((await who.Show(sid)).Text("status") == "completed")
                {
                    return true;
                }

                who.World.Clock.Advance(TimeSpan.FromSeconds(2));
                return false;
            },
            "the call is over");
    }

    private static async Task<(Credits Available, Credits Owed)> Balance(TestWorld world, Ringer who) =>
        await world.Services.GetRequiredService<Ledger>().Balance(await who.Id(), Unit.Credit) is var balance ? (balance.Available, balance.Owed) : default;
}
