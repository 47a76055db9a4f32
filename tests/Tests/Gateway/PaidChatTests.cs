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

/// <summary>Answers for our own products: from the other model where the first does not begin, and each attempt for money of its own.</summary>
public sealed class PaidChatTests
{
    [Theory]
    [InlineData(null, "gemini-2.5-flash", 1)]
    [InlineData(503, "gpt-5-mini", 2)]
    [InlineData(400, null, 1)]
    public async Task The_other_model_answers_where_the_first_may_not_begin(int? status, string? answered, int holds)
    {
        await using var world = await TestWorld.Start(settings: new() { ["CHAT_FALLBACK_MODEL"] = "gpt-5-mini" });
        var customer = await Customer.New(world, credits: 10);
        if (status is not null)
        {
            await world.ChatFails("gemini", new { status });
        }

        var (paid, gateway) = (world.Services.GetRequiredService<PaidChat>(), world.Services.GetRequiredService<ModelGateway>());
        var use = new TokenUse(customer.Id, "chat_reply", "gemini-2.5-flash", 100, 500, "reply:1", TimeSpan.FromMinutes(10));
        var outcome = await paid.RunWithFallback(use, new { room = 1 }, async authorization =>
        {
            var (text, last) = ("", (ChatPiece?)null);
            await foreach (var piece in gateway.Chat(authorization, Order(), default))
            {
                (text, last) = (text + piece.Text, piece);
            }

            Assert.Equal(ChatEnd.Stop, last!.End);
            return new Answered<string>(text, last.Usage!);
        }, (_, _, _) => Task.CompletedTask, default);

        Assert.Equal(holds, (await customer.Holds()).Count);
        Assert.DoesNotContain("open", await customer.Holds());
        if (answered is null)
        {
            Assert.False(Assert.IsType<ChatOutcome<string>.Failed>(outcome).Failure.MayRepeat);
            await customer.AssertUntouched(10);
            return;
        }

        var settled = Assert.IsType<ChatOutcome<string>.Settled>(outcome);
        Assert.Contains("What is a ledger?", settled.Value, StringComparison.Ordinal);
        Assert.Equal((answered, "provider_usage"), Assert.Single(await GeminiChatTests.Used(world)) is var row ? (row.Model, row.Basis) : default);
    }

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
