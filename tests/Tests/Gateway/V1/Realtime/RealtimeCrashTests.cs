using System.Net.WebSockets;
using Ledgerline.Kernel;
using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;
using Soak;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1.Realtime;

/// <summary>Conversations whose server dies: what had been said is charged once, and nothing of it is held for long.</summary>
public sealed class RealtimeCrashTests
{
    private static readonly string[] Scopes = ["realtime"];

    [Fact]
    public async Task What_was_said_when_its_server_was_killed_is_charged_once()
    {
        await using var world = await TestWorld.Start();
        await LongAnswer(world);
        var caller = await V1Caller.New(world, 1000, scopes: Scopes);
        await using var node = await NodeProcess.Start(world.DatabaseUrl, world.SandboxAddress);
        await using var talk = await Talk.Open(caller, node.Client.BaseAddress!);
        await talk.Configure();
        await talk.Answer();
        await talk.Send(new { type = "response.create" });
        await TestWorld.Until(async () => await Used(world) is { } used && used != "[]", "what is said is written down");
        await node.Kill();

        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await Closed(world, caller, answers: 2, "node_gone");
        // Nor later, when its hold would have ended by itself.
        world.Clock.Advance(TimeSpan.FromMinutes(15));
        await world.Services.GetRequiredService<Ledger>().Sweep();
        await Closed(world, caller, answers: 2, "node_gone");
    }

    [Theory, EveryDatabase]
    public async Task Who_was_taken_for_dead_gives_up_and_charges_nothing_more(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        await LongAnswer(world);
        var caller = await V1Caller.New(world, 1000, scopes: Scopes);
        await using var talk = await Talk.Open(caller, world.Client.BaseAddress!);
        await talk.Configure();
        await talk.Answer();
        await talk.Send(new { type = "response.create" });
        await talk.Until("response.output_audio.delta");
        await TestWorld.Until(
            async () =>
            {
                world.Clock.Advance(TimeSpan.FromSeconds(1));
                return await Used(world) is { } used && used != "[]";
            },
            "what is said is written down");
        // It was not heard of for long, and whoever could have lived was looked at before.
        Assert.Equal(1, await world.Database.Write(transaction => transaction.Execute("UPDATE realtime_sessions SET ticket = 'somebody', lease_until = 0, review_at = 1")));
        await TestWorld.Until(
            async () =>
            {
                world.Clock.Advance(TimeSpan.FromSeconds(1));
                return await Used(world) is null;
            },
            "its books are closed");
        world.Clock.Advance(TimeSpan.FromSeconds(5));
        await talk.End();
        Assert.Equal((WebSocketCloseStatus.InternalServerError, "The session was given up"), (talk.CloseStatus, talk.CloseReason));
        // By whichever of the two came first.
        await Closed(world, caller, answers: 2, "node_gone", "internal");
    }

    [Fact]
    public async Task Whoever_ends_leaves_nothing_behind()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, 1000, scopes: Scopes);
        await using var talk = await Talk.Open(caller, world.Client.BaseAddress!);
        await talk.Configure();
        await talk.Answer();
        await TestWorld.Until(
            async () =>
            {
                world.Clock.Advance(TimeSpan.FromSeconds(1));
                return await Used(world) == "[]";
            },
            "it is written down, and nothing is due");
        // It lives, and keeps what it has: however far the clock jumps.
        world.Clock.Advance(TimeSpan.FromMinutes(2));
        await talk.Answer();
        await talk.HangUp();
        await TestWorld.Until(async () => await Used(world) is null, "its row is gone");
        await world.NothingHeld();
        Assert.Equal(["done", "done"], (await world.Talked()).Select(row => row.Reason));
    }

    private static async Task LongAnswer(TestWorld world) => await world.Control(
        "/_sandbox/openai/realtime", new { turns = new object[] { new { say = "Short.", seconds = 1 }, new { say = "A very long answer.", seconds = 60 } }, speed = 4 });

    private static Task<string?> Used(TestWorld world) => world.Database.Read(session => session.Maybe<string>("SELECT used FROM realtime_sessions"));

    private static async Task Closed(TestWorld world, V1Caller caller, int answers, params string[] reasons)
    {
        await world.NothingHeld();
        await TestWorld.Until(async () => await Used(world) is null, "its row is gone");
        var used = await world.Talked();
        Assert.Equal(answers, used.Count);
        Assert.Contains(used[^1].Reason, reasons);
        Assert.InRange(used[^1].OutputTokens, 1, 1300);
        var (available, owed) = await world.Services.GetRequiredService<Ledger>().Balance(caller.Owner.Id, Unit.Credit);
        Assert.Equal((Credits.Whole(1000).Micro - used.Sum(row => row.CreditsMicro), 0L), (available.Micro, owed.Micro));
    }
}
