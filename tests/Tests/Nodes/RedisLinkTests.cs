using System.Collections.Concurrent;
using System.Text;
using Ledgerline.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tests.Http;
using Tests.World;
using Xunit;

namespace Tests.Nodes;

public sealed class RedisLinkTests
{
    [Theory]
    [InlineData("localhost:6379")]
    [InlineData("http://localhost:6379")]
    [InlineData("redis://")]
    [InlineData("redis://ada:secret@localhost")]
    [InlineData("redis://secret@localhost")]
    [InlineData("redis://localhost/first")]
    [InlineData("redis://localhost?db=1")]
    public void An_address_that_means_nothing_stops_the_start(string url)
    {
        var said = Assert.Throws<FormatException>(() => new RedisOptions(Settings.Of(("REDIS_URL", url)))).Message;
        Assert.StartsWith("REDIS_URL ", said, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", said, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_says_where_and_how()
    {
        var options = new RedisOptions(Settings.Of(("REDIS_URL", "rediss://:p%40ss@cache.example.org:7000/3"))).Connection();
        Assert.Equal(("p@ss", 3, true, "cache.example.org"), (options.Password, options.DefaultDatabase, options.Ssl, options.SslHost));
        Assert.Contains("cache.example.org:7000", options.EndPoints.Single().ToString(), StringComparison.Ordinal);
        Assert.False(new RedisOptions(Settings.Of()).IsSet);
    }

    [Fact]
    public async Task Without_an_address_it_is_never_there_and_everything_goes_on()
    {
        await using var server = await EdgeServer.Start();
        var (redis, bus) = (server.Service<RedisLink>(), server.Service<NodeBus>());
        Assert.False(redis.IsThere);
        Assert.Null(await redis.Get("a"));
        redis.Set("a", [1], TimeSpan.FromMinutes(1));
        Assert.Null(await redis.Run("return {1}", "a"));
        await bus.Hear("news", _ => { });
        bus.Tell("news", [1]);
        Assert.DoesNotContain("redis", await server.Client.GetStringAsync("/health/ready"), StringComparison.Ordinal);

        var cache = server.Service<SharedCache>();
        cache.Set("a", [1, 2], TimeSpan.FromMinutes(1));
        Assert.Equal([1, 2], await cache.Get("a", TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task It_comes_late_goes_and_comes_again_and_each_is_told_once()
    {
        await using var server = ShellServer.Redis();
        await using var database = await TestDatabase.New("sqlite");
        // A start does not wait for it.
        await using var node = await EdgeServer.Start(database: database, settings: new() { ["REDIS_URL"] = server.RedisUrl, ["REDIS_PREFIX"] = "late" });
        var redis = node.Service<RedisLink>();
        await TestWorld.Until(() => Told("Redis does not answer", 1), "it is missed");
        Assert.Contains("\"degraded\"", await node.Client.GetStringAsync("/health/ready"), StringComparison.Ordinal);

        ConcurrentQueue<string> heard = new();
        await node.Service<NodeBus>().Hear("news", message => heard.Enqueue(Encoding.UTF8.GetString(message.Span)));
        await using var other = new Node(server.RedisUrl, "late");
        await other.Redis.StartAsync(default);
        for (var round = 1; round <= 2; round++)
        {
            await server.Start();
            await TestWorld.Until(() => Told("Redis is there", round), "it has come");
            await other.IsThere();
            Assert.Contains("\"ready\"", await node.Client.GetStringAsync("/health/ready"), StringComparison.Ordinal);
            other.Bus.Tell("news", Encoding.UTF8.GetBytes($"{round}"));
            await TestWorld.Until(() => Task.FromResult(heard.Count == round), "news are heard over each new connection");
            redis.Set("a", [7], TimeSpan.FromMinutes(1));
            Assert.Equal([7], await redis.Get("a"));
            if (round == 1)
            {
                await server.Kill();
                await TestWorld.Until(() => Told("Redis does not answer", 2), "it is missed again");
                Assert.Null(await redis.Get("a"));
                await other.IsThere(false);
            }
        }

        Assert.Equal(["1", "2"], heard);
        Assert.Equal((2, 1), (redis.Returns, redis.Outages));
        Assert.True(await Told("Redis does not answer", 2));

        Task<bool> Told(string what, int times) => Task.FromResult(node.Logs.All.Count(line => line.Contains(what, StringComparison.Ordinal)) == times);
    }

    [Fact]
    public async Task One_that_hangs_is_waited_for_once_and_briefly()
    {
        await using var server = ShellServer.Redis();
        await server.Start();
        await using var node = await Node.Start(server.RedisUrl, "hang");
        await node.IsThere();
        await server.Freeze();
        var began = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => node.Redis.Get("a").AsTask()));
        // Half a second is the patience; the rest is for a machine that is full of other work.
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.False(node.Redis.IsThere);
        began = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 10_000; i++)
        {
            await node.Redis.Get("a");
            node.Redis.Set("a", [1], TimeSpan.FromMinutes(1));
            node.Bus.Tell("news", [1]);
        }

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(3));
        await server.Thaw();
        await node.IsThere();
        node.Redis.Set("a", [2], TimeSpan.FromMinutes(1));
        Assert.Equal([2], await node.Redis.Get("a"));
    }

    [Fact]
    public async Task Many_who_ask_at_once_are_all_answered_and_hear_in_order()
    {
        var (address, prefix) = (await RedisServer.Address, Node.NewPrefix());
        await using var one = await Node.Start(address, prefix);
        await using var two = await Node.Start(address, prefix);
        await one.IsThere();
        await two.IsThere();
        List<int> heard = [];
        await two.Bus.Hear("numbers", message => heard.Add(BitConverter.ToInt32(message.Span)));
        var own = 0;
        await one.Bus.Hear("numbers", _ => own++);
        await Task.WhenAll(Enumerable.Range(0, 256).Select(async i =>
        {
            for (var turn = 0; turn < 20; turn++)
            {
                Assert.Equal(turn + 1, Assert.Single((await one.Redis.Run("return {redis.call('INCR', KEYS[1])}", $"many {i}"))!));
            }
        }));
        for (var i = 0; i < 5_000; i++)
        {
            one.Bus.Tell("numbers", BitConverter.GetBytes(i));
        }

        await TestWorld.Until(() => Task.FromResult(heard.Count == 5_000), "all are heard");
        Assert.Equal(Enumerable.Range(0, 5_000), heard);
        Assert.Equal((0, 0), (own, one.Redis.Outages));
        Assert.Equal(1, await one.Bus.TellCounted("numbers", BitConverter.GetBytes(1)));
        two.Bus.Leave("numbers");
        await TestWorld.Until(async () => await one.Bus.TellCounted("numbers", BitConverter.GetBytes(1)) == 0, "nobody hears it any more");
    }
}
