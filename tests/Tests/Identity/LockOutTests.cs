using System.Net;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Identity;

public sealed class LockOutTests
{
    private const string Locked = "Too many failed sign-ins. Please try again later.";

    // Proof 29: five 401, then seven 429 with Retry-After, the right password included; over two nodes.
    [Theory, EveryDatabase]
    public async Task Twelve_attempts_in_a_minute_are_five_answers_and_seven_refusals(string engine)
    {
        await using var world = await TestWorld.Start(engine, new() { ["PASSWORD_ITERATIONS"] = "1000" });
        using var second = engine == "postgres" ? await world.StartNode() : null;
        await world.Client.SignUp("jane@example.com", "secret");
        world.Clock.Advance(TimeSpan.FromMinutes(2));

        for (var attempt = 1; attempt <= 12; attempt++)
        {
            var node = attempt % 2 == 0 ? second ?? world.Client : world.Client;
            var answer = await node.LogIn("jane@example.com", attempt is 7 or 12 ? "secret" : "wrong");
            if (attempt <= 5)
            {
                await People.Refused(HttpStatusCode.Unauthorized, "Incorrect username or password", answer);
                continue;
            }

            Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            await People.Refused(HttpStatusCode.TooManyRequests, "Rate limit exceeded. Please try again later.", answer);
        }

        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await People.PairOf(await world.Client.LogIn("jane@example.com", "secret"));
    }

    [Theory, EveryDatabase]
    public async Task Ten_failures_lock_the_address_for_a_quarter_of_an_hour_on_every_node(string engine)
    {
        await using var world = await People.World(engine);
        using var second = engine == "postgres" ? await world.StartNode() : null;
        await world.Client.SignUp("jane@example.com", "secret");
        await world.Client.SignUp("john@example.com", "secret");
        foreach (var user in new[] { "jane@example.com", "nobody@example.com" })
        {
            for (var attempt = 1; attempt <= 10; attempt++)
            {
                var node = attempt % 2 == 0 ? second ?? world.Client : world.Client;
                await People.Refused(HttpStatusCode.Unauthorized, "Incorrect username or password", await node.LogIn(user, "wrong"));
            }
        }

        foreach (var node in new[] { world.Client, second ?? world.Client })
        {
            foreach (var (user, password) in new[] { (" JANE@example.com", "secret"), ("jane@example.com", "wrong"), ("nobody@example.com", "wrong") })
            {
                var refused = await node.LogIn(user, password, "/token");
                Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalMinutes, 14, 15);
                await People.Refused(HttpStatusCode.TooManyRequests, Locked, refused);
            }

            await People.Refused(HttpStatusCode.TooManyRequests, Locked, await node.LogInFromPhone("jane@example.com", "secret"));
            await People.PairOf(await node.LogIn("john@example.com", "secret"));
        }

        world.Clock.Advance(TimeSpan.FromMinutes(15));
        await People.PairOf(await world.Client.LogIn("jane@example.com", "secret"));
    }

    [Theory, EveryDatabase]
    public async Task A_success_forgets_the_failures_and_so_does_time(string engine)
    {
        await using var world = await People.World(engine);
        await world.Client.SignUp("jane@example.com", "secret");
        for (var round = 0; round < 2; round++)
        {
            await Fail(9);
            await People.PairOf(await world.Client.LogIn("jane@example.com", "secret"));
        }

        await Fail(9);
        world.Clock.Advance(TimeSpan.FromMinutes(15));
        await Fail(9);
        await People.PairOf(await world.Client.LogIn("jane@example.com", "secret"));

        async Task Fail(int times)
        {
            for (var attempt = 0; attempt < times; attempt++)
            {
                await People.Refused(HttpStatusCode.Unauthorized, "Incorrect username or password", await world.Client.LogIn("jane@example.com", "wrong"));
            }
        }
    }

    [Theory, EveryDatabase]
    public async Task Guesses_at_the_same_time_are_counted_one_by_one(string engine)
    {
        await using var world = await People.World(engine);
        await world.Client.SignUp("jane@example.com", "secret");
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => world.Client.LogIn("jane@example.com", "wrong")));
        Assert.Equal(10, answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized));
        Assert.Equal(30, answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task Both_readings_of_a_phones_form_are_one_attempt()
    {
        await using var world = await People.World();
        await world.Client.SignUp("jane@example.com", "secret");
        for (var attempt = 0; attempt < 9; attempt++)
        {
            await People.Refused(HttpStatusCode.Unauthorized, "Incorrect username or password", await world.Client.LogInFromPhone("jane@example.com", "100%25"));
        }

        await People.PairOf(await world.Client.LogInFromPhone("jane@example.com", "secret"));
    }
}
