using Microsoft.AspNetCore.Http;
using Soak;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Transcription;

/// <summary>Many at once: nobody spends what another holds, and nobody waits for another's provider.</summary>
public sealed class ParallelTests
{
    [Theory, EveryDatabase]
    public async Task Of_ten_recordings_that_each_cost_everything_one_is_accepted(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var customer = await Customer.New(world, credits: 40);
        var recording = Recordings.Wav(600);

        await OneOfTenWins(world, customer, _ => customer.Transcribe(recording));
    }

    [Fact]
    public async Task Two_nodes_on_one_database_agree_on_the_one()
    {
        await using var world = await TestWorld.Start("postgres");
        using var second = await world.StartNode();
        var customer = await Customer.New(world, credits: 40);
        var recording = Recordings.Wav(600);

        await OneOfTenWins(world, customer, number => customer.Transcribe(recording, node: number % 2 == 0 ? world.Client : second));
    }

    [Fact]
    public async Task Two_processes_on_one_database_agree_on_the_one()
    {
        await using var world = await TestWorld.Start("postgres");
        var customer = await Customer.New(world, credits: 40);
        await using var first = await NodeProcess.Start(world.DatabaseUrl, world.SandboxAddress);
        await using var second = await NodeProcess.Start(world.DatabaseUrl, world.SandboxAddress);
        var recording = Recordings.Wav(600);

        await OneOfTenWins(world, customer, number => customer.Transcribe(recording, node: number % 2 == 0 ? first.Client : second.Client));
    }

    [Fact]
    public async Task A_compressed_recording_costs_what_it_plays_not_what_it_weighs()
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 39);

        var refused = await customer.Transcribe(Recordings.LongMp3(), "long.mp3");

        Assert.Equal(402, refused.Status);
        Assert.Equal(
            """{"detail":{"error":"Insufficient credits","code":"INSUFFICIENT_CREDITS","credits_needed":40,"credits_available":39}}""", refused.Text);
        Assert.Empty(await world.Requests());
        await customer.AssertUntouched(39);
    }

    [Fact]
    public async Task A_slow_provider_delays_nobody_else()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var parked = 20;
        await using var provider = await StandInProvider.Start(async context =>
        {
            if (Interlocked.Decrement(ref parked) >= 0)
            {
                await answer.Task;
            }

            await context.Response.WriteAsync("""{"text":"At last.","duration":1}""");
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!));
        var waiting = await Customer.New(world, credits: 30);
        var slow = Enumerable.Range(0, 20).Select(_ => waiting.Transcribe(Recordings.Wav(1))).ToList();
        await provider.WasAsked(20);

        var other = await Customer.New(world, credits: 10);
        Assert.Equal(200, (await other.Transcribe(Recordings.Wav(1))).Status);
        Assert.Equal(200, (await waiting.Transcribe(Recordings.Wav(1))).Status);
        var quick = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => other.Get("/api/transcribe/estimate?duration_seconds=1")));
        Assert.All(quick, reply => Assert.Equal(200, reply.Status));
        Assert.All(slow, upload => Assert.False(upload.IsCompleted));

        answer.SetResult();
        Assert.All(await Task.WhenAll(slow), reply => Assert.Equal(200, reply.Status));
        Assert.Equal((9, 0), await waiting.Wallet());
    }

    private static async Task OneOfTenWins(TestWorld world, Customer customer, Func<int, Task<Reply>> transcribe)
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 10).Select(transcribe));

        Assert.Equal(40, Assert.Single(replies, reply => reply.Status == 200).Body.GetProperty("credits_used").GetInt64());
        Assert.All(replies.Where(reply => reply.Status != 200), reply =>
        {
            Assert.Equal(402, reply.Status);
            Assert.Equal(
                """{"detail":{"error":"Insufficient credits","code":"INSUFFICIENT_CREDITS","credits_needed":40,"credits_available":0}}""", reply.Text);
        });
        Assert.Single(await world.Requests());
        Assert.Equal((0, 0), await customer.Wallet());
        Assert.Single(await customer.Usage());
        Assert.Equal([(-40, "transcribe: 600.0s")], await customer.Ledger("usage"));
        Assert.Equal(["captured"], await customer.Holds());
    }
}
