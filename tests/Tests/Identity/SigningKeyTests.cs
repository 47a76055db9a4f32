using System.Net;
using Ledgerline.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Sandbox.Core;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Identity;

public sealed class SigningKeyTests
{
    [Theory, EveryDatabase]
    public async Task Nodes_that_start_at_once_make_one_first_key(string engine)
    {
        await using var place = await TestDatabase.New(engine);
        var clock = new SandboxClock();
        await using var database = await place.Open(clock);
        var nodes = Enumerable.Range(0, 8).Select(_ => Keys(database, clock, "one secret")).ToList();
        await Task.WhenAll(nodes.Select(node => Task.Run(() => node.Prepare(default))));
        var current = await Task.WhenAll(nodes.Select(async node => (await node.Current(default)).Id));
        Assert.Single(current.Distinct());
        Assert.Equal(1, await database.Read(session => session.One<long>("SELECT COUNT(*) FROM signing_keys")));
    }

    [Theory, EveryDatabase]
    public async Task Another_secret_is_refused_with_a_sentence(string engine)
    {
        await using var place = await TestDatabase.New(engine);
        var clock = new SandboxClock();
        await using var database = await place.Open(clock);
        await Keys(database, clock, "one secret").Prepare(default);
        var failure = await Assert.ThrowsAsync<FormatException>(() => Keys(database, clock, "another secret").Prepare(default));
        Assert.StartsWith("SECRET_KEY is not the one", failure.Message, StringComparison.Ordinal);
    }

    [Theory, EveryDatabase]
    public async Task A_new_key_is_published_first_and_used_later_and_signs_nobody_out(string engine)
    {
        await using var world = await People.World(engine);
        using var second = engine == "postgres" ? await world.StartNode() : null;
        var other = second ?? world.Client;
        var keys = world.Services.GetRequiredService<SigningKeys>();
        var before = await world.Client.SignUp("jane@example.com");
        var former = (await keys.Current(default)).Id;

        var published = await keys.Rotate(default);
        Assert.Equal(former, (await keys.Current(default)).Id);
        world.Clock.Advance(SigningKeys.Lead);
        Assert.Equal(published!.Id, (await keys.Current(default)).Id);

        var after = await People.PairOf(await world.Client.LogIn("jane@example.com", "secret"));
        foreach (var node in new[] { world.Client, other })
        {
            Assert.Equal(HttpStatusCode.OK, await node.Knock(before.Access));
            Assert.Equal(HttpStatusCode.OK, await node.Knock(after.Access));
        }
    }

    // Proof 35: rotation under load fails no request.
    [Fact]
    public async Task Rotating_again_and_again_under_load_fails_no_request()
    {
        await using var world = await People.World("postgres");
        using var second = await world.StartNode();
        HttpClient[] nodes = [world.Client, second];
        await world.Client.SignUp("jane@example.com", "secret");
        using var done = new CancellationTokenSource();
        var requests = 0;
        var callers = Enumerable.Range(0, 4).Select(index => Task.Run(async () =>
        {
            var pair = await People.PairOf(await nodes[index % 2].LogIn("jane@example.com", "secret"));
            for (var turn = 0; !done.IsCancellationRequested; turn++)
            {
                if (turn % 10 == 0)
                {
                    pair = await People.PairOf(await nodes[(index + turn) % 2].Refresh(pair.Refresh));
                }

                Assert.Equal(HttpStatusCode.OK, await nodes[(index + turn) % 2].Knock(pair.Access));
                Interlocked.Increment(ref requests);
            }
        })).ToList();

        for (var rotation = 0; rotation < 5; rotation++)
        {
            await world.Services.GetRequiredService<SigningKeys>().Rotate(default);
            for (var step = 0; step < 4; step++)
            {
                world.Clock.Advance(TimeSpan.FromSeconds(40));
                var so_far = Volatile.Read(ref requests);
                await TestWorld.Until(() => Task.FromResult(Volatile.Read(ref requests) > so_far + 20 || callers.Any(caller => caller.IsFaulted)), "twenty more requests");
            }
        }

        await done.CancelAsync();
        await Task.WhenAll(callers);
        Assert.Equal(6, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM signing_keys")));
    }

    [Theory, EveryDatabase]
    public async Task Keys_rotate_by_themselves_and_old_ones_go_when_their_last_token_is_over(string engine)
    {
        await using var world = await People.World(engine);
        var keys = world.Services.GetRequiredService<SigningKeys>();
        var first = (await keys.Current(default)).Id;
        world.Clock.Advance(SigningKeys.MaximumAge + TimeSpan.FromHours(1));
        await TestWorld.Until(async () => await Count() == 2, "the recurring job publishes a second key");
        world.Clock.Advance(SigningKeys.Lead);
        var second = (await keys.Current(default)).Id;
        Assert.NotEqual(first, second);
        Assert.NotNull(await keys.Find(first, default));

        world.Clock.Advance(TimeSpan.FromDays(30));
        Assert.NotNull(await keys.Find(first, default));
        world.Clock.Advance(TimeSpan.FromHours(2));
        await TestWorld.Until(async () => await Count() == 1, "the first key is forgotten");
        Assert.Null(await keys.Find(first, default));
        Assert.Equal(second, (await keys.Current(default)).Id);

        Task<long> Count() => world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM signing_keys"));
    }

    [Fact]
    public async Task A_token_of_a_key_that_is_gone_is_refused_even_when_it_was_accepted_before()
    {
        await using var world = await People.World();
        var pair = await world.Client.SignUp("jane@example.com");
        Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(pair.Access));
        await world.Services.GetRequiredService<SigningKeys>().Rotate(default);
        await world.Database.Write(transaction => transaction.Execute("DELETE FROM signing_keys WHERE number = 1"));
        world.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.Unauthorized, await world.Client.Knock(pair.Access));
    }

    [Fact]
    public async Task Two_nodes_that_rotate_at_once_publish_one_key()
    {
        await using var place = await TestDatabase.New("postgres");
        var clock = new SandboxClock();
        await using var database = await place.Open(clock);
        var nodes = Enumerable.Range(0, 6).Select(_ => Keys(database, clock, "one secret")).ToList();
        await nodes[0].Prepare(default);
        clock.Advance(SigningKeys.MaximumAge);
        await Task.WhenAll(nodes.Select(node => Task.Run(() => node.RotateWhenDue(default))));
        Assert.InRange(await database.Read(session => session.One<long>("SELECT COUNT(*) FROM signing_keys")), 2, 2);
    }

    private static SigningKeys Keys(Ledgerline.Persistence.Database database, TimeProvider clock, string secret)
    {
        var options = new IdentityOptions { Secret = System.Text.Encoding.UTF8.GetBytes(secret) };
        var ids = new Ledgerline.Kernel.Ids(clock);
        return new SigningKeys(database, new SecretBox(options, ids), options, ids, clock, NullLogger<SigningKeys>.Instance);
    }
}
