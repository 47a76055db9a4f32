using System.Collections.Concurrent;
using System.Net;
using Tests.Chat;
using Tests.Identity;
using Tests.Realtime;
using Tests.World;
using Xunit;

namespace Tests.Nodes;

public sealed class RedisOutageTests
{
    [Fact]
    public async Task Killed_in_the_middle_of_load_nothing_is_wrong_and_it_is_used_again_afterwards()
    {
        await using var redis = ShellServer.Redis();
        await redis.Start();
        await using var nodes = await TwoNodes.Start(redis.RedisUrl, ("ENABLE_RATE_LIMITING", "true"), ("RATELIMIT_EVERYTHING", "1000000"), ("RATELIMIT_SIGN_IN_CLIENT", "0"));
        string[] moments = ["before", "dying", "dead", "back", "after", "frozen", "thawed"];
        await SignUp(nodes, moments);
        var people = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => nodes.First.SignUp($"person{i}@example.com")));
        using var over = new CancellationTokenSource();
        ConcurrentBag<string> wrong = [];
        ConcurrentBag<TimeSpan> waits = [];
        var load = people.Select(one => Load(nodes, one.Access, wrong, waits, over.Token)).ToList();

        await FiveOfTwelve(nodes, "before");
        await redis.Kill();
        await FiveOfTwelve(nodes, "dying");
        await nodes.AreThere(false);
        await FiveOfTwelve(nodes, "dead");
        await redis.Start();
        await FiveOfTwelve(nodes, "back");
        await nodes.AreThere();
        await FiveOfTwelve(nodes, "after");
        await redis.Freeze();
        await nodes.AreThere(false);
        await FiveOfTwelve(nodes, "frozen");
        await redis.Thaw();
        await nodes.AreThere();
        await FiveOfTwelve(nodes, "thawed");
        var before = waits.Count;
        await TestWorld.Until(() => Task.FromResult(waits.Count > before + 20 || !wrong.IsEmpty), "the load goes on");
        await over.CancelAsync();
        await Task.WhenAll(load);

        Assert.Empty(wrong);
        Assert.Equal(4, nodes.Outages);
        // The ticker looks once a second; the rest is for a machine that is full of other work.
        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromSeconds(8)));
        Assert.DoesNotContain(nodes.World.Logs.All, line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Critical", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Twelve_wrong_passwords_are_five_times_401_and_then_429_for_the_right_one_too()
    {
        await using var nodes = await TwoNodes.Start(await RedisServer.Address, ("ENABLE_RATE_LIMITING", "true"));
        await SignUp(nodes, "ada", "grace");
        await FiveOfTwelve(nodes, "ada");
        nodes.World.Clock.Advance(TimeSpan.FromSeconds(61));
        await FiveOfTwelve(nodes, "grace");
        Assert.Equal(0, nodes.Outages);
    }

    [Fact]
    public async Task Two_hundred_and_fifty_six_requests_at_once_do_not_starve()
    {
        await using var nodes = await TwoNodes.Start(await RedisServer.Address, ("ENABLE_RATE_LIMITING", "true"), ("RATELIMIT_EVERYTHING", "1000000"));
        var token = await nodes.First.SignedIn();
        var room = await nodes.First.CreateRoom(token);
        for (var round = 0; round < 3; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 256).Select(async i =>
            {
                using var answer = await (i % 2 == 0 ? nodes.First : nodes.Second).Send(HttpMethod.Get, i % 4 < 2 ? "/chatroom/" : $"/chatroom/{room}", token);
                return answer.StatusCode;
            }));
            Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
        }
    }

    // One person: makes rooms on one node, finds each in the list of the other at once, and hears of it there.
    private static async Task Load(TwoNodes nodes, string token, ConcurrentBag<string> wrong, ConcurrentBag<TimeSpan> waits, CancellationToken over)
    {
        try
        {
            using var events = await EventReader.Open(nodes.Second, token: token);
            Assert.Equal("connected", (await events.Next())!.Type);
            var kept = await nodes.First.CreateRoom(token, "Kept");
            while (!over.IsCancellationRequested)
            {
                var room = await nodes.First.CreateRoom(token);
                foreach (var node in new[] { nodes.Second, nodes.First })
                {
                    using var listed = await node.Send(HttpMethod.Get, "/chatroom/", token);
                    Assert.Equal([kept, room], (await Rooms.Ok(listed)).EnumerateArray().Select(one => one.GetProperty("id").GetInt64()));
                }

                using var deleted = await nodes.First.Send(HttpMethod.Delete, $"/chatroom/{room}", token);
                await Rooms.Ok(deleted);
                var began = TimeProvider.System.GetTimestamp();
                var heard = await events.Next();
                while (heard!.Type != "room_deleted")
                {
                    heard = await events.Next();
                }

                waits.Add(TimeProvider.System.GetElapsedTime(began));
                Assert.Equal(room, heard.Data.GetProperty("room_id").GetInt64());
            }
        }
        catch (Exception failure)
        {
            wrong.Add(failure.ToString());
        }
    }

    // That counts too, so a minute goes by.
    private static async Task SignUp(TwoNodes nodes, params string[] names)
    {
        foreach (var name in names)
        {
            await nodes.First.SignUp($"{name}@example.com", "the right one");
        }

        nodes.World.Clock.Advance(TimeSpan.FromSeconds(61));
    }

    private static async Task FiveOfTwelve(TwoNodes nodes, string name)
    {
        List<int> statuses = [];
        for (var attempt = 1; attempt <= 12; attempt++)
        {
            using var answer = await (attempt % 2 == 0 ? nodes.First : nodes.Second).LogIn($"{name}@example.com", attempt == 12 ? "the right one" : "a wrong one");
            statuses.Add((int)answer.StatusCode);
            Assert.Equal(answer.StatusCode == HttpStatusCode.TooManyRequests, answer.Headers.RetryAfter is not null);
        }

        Assert.Equal([401, 401, 401, 401, 401, 429, 429, 429, 429, 429, 429, 429], statuses);
    }
}
