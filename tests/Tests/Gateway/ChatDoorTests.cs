using Ledgerline.Ai;
using Ledgerline.Gateway;
using Ledgerline.Plans;
using Ledgerline.Usage;
using Microsoft.Extensions.DependencyInjection;
using Tests.Gateway.V1.Chat;
using Tests.Transcription;
using Tests.World;
using Xunit;

namespace Tests.Gateway;

/// <summary>What opens the door to models that chat.</summary>
public sealed class ChatDoorTests
{
    [Fact]
    public async Task An_allowance_opens_the_door_once_and_only_for_what_it_is()
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 0);
        var (meter, gateway) = (world.Services.GetRequiredService<Meter>(), world.Services.GetRequiredService<ModelGateway>());
        var message = (await meter.Authorize(new AllowanceUse(customer.Id, Want.ChatMessage, "m1", TimeSpan.FromMinutes(10)))).Authorization!;
        var text = "";
        await foreach (var piece in gateway.Chat(message, Order(), default))
        {
            text += piece.Text;
        }

        Assert.Contains("What is a ledger?", text, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => gateway.Chat(message, Order(), default));
        var call = (await meter.Authorize(new AllowanceUse(customer.Id, Want.Call(), "c1", TimeSpan.FromMinutes(10)))).Authorization!;
        Assert.Throws<InvalidOperationException>(() => gateway.Chat(call, Order(), default));
        Assert.Single(await world.Asked("gemini"));
    }

    private static ChatOrder Order() => new("gemini-2.5-flash", [new ChatTurn(ChatRole.User, "What is a ledger?")]) { Instruction = "Be brief.", MostTokens = 400 };
}
