using Microsoft.AspNetCore.Http;
using Soak;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Transcription;

/// <summary>A process that dies in the middle of a transcription: its hold goes back in time, and nothing of the upload is left.</summary>
public sealed class CrashTests
{
    [Theory, EveryDatabase]
    public async Task What_a_dead_node_held_goes_back_after_ten_minutes(string engine)
    {
        await using var provider = await StandInProvider.Start(StandInProvider.Silence);
        var spool = Directory.CreateTempSubdirectory("ledgerline-spool-");
        await using (var world = await TestWorld.Start(engine))
        {
            var customer = await Customer.New(world, credits: 10);
            await using var node = await NodeProcess.Start(
                world.DatabaseUrl, world.SandboxAddress, new(provider.Settings) { ["SPOOL_FOLDER"] = spool.FullName });
            var upload = customer.Transcribe(Recordings.Wav(31), key: "crash", node: node.Client);
            await provider.WasAsked();

            await node.Kill();

            await Assert.ThrowsAsync<HttpRequestException>(() => upload);
            Assert.Empty(spool.EnumerateFileSystemInfos());
            Assert.Equal((7, 0), await customer.Wallet());
            Assert.Equal(["open"], await customer.Holds());

            world.Clock.Advance(TimeSpan.FromMinutes(11));
            await TestWorld.Until(async () => (await customer.Holds()).SequenceEqual(["expired"]), "the sweeper gave the hold back");
            await customer.AssertUntouched(10);
        }

        spool.Delete();
    }

    [Theory, EveryDatabase]
    public async Task A_dead_nodes_request_can_be_sent_again_under_its_key(string engine)
    {
        var first = true;
        await using var provider = await StandInProvider.Start(context =>
        {
            (var park, first) = (first, false);
            return park
                ? StandInProvider.Silence(context)
                : context.Response.WriteAsync("""{"text":"The second time.","duration":31}""");
        });
        await using var world = await TestWorld.Start(engine, new(provider.Settings!));
        var customer = await Customer.New(world, credits: 10);
        await using var node = await NodeProcess.Start(world.DatabaseUrl, world.SandboxAddress, provider.Settings);
        var upload = customer.Transcribe(Recordings.Wav(31), key: "crash", node: node.Client);
        await provider.WasAsked();
        await node.Kill();
        await Assert.ThrowsAsync<HttpRequestException>(() => upload);

        // On the same machine it can be seen that the node is dead.
        var again = await customer.Transcribe(Recordings.Wav(31), key: "crash");

        Assert.Equal((200, false), (again.Status, again.Replayed));
        Assert.Equal("The second time.", again.Body.GetProperty("text").GetString());
        world.Clock.Advance(TimeSpan.FromMinutes(11));
        await TestWorld.Until(async () => (await customer.Wallet()).Available == 7, "only the second one was paid for");
        Assert.Single(await customer.Usage());
    }
}
