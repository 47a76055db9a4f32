using Ledgerline.Kernel;
using Ledgerline.Nodes;
using Microsoft.Extensions.Logging;
using Tests.Http;
using Tests.World;

namespace Tests.Nodes;

/// <summary>One node's end of Redis and nothing else of the product.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly LoggerFactory factory;

    public Node(string url, string prefix)
    {
        factory = new LoggerFactory([Logs]);
        Redis = new RedisLink(new RedisOptions(Settings.Of(("REDIS_URL", url), ("REDIS_PREFIX", prefix))), factory.CreateLogger<RedisLink>());
        Bus = new NodeBus(Redis, new Ids(TimeProvider.System));
    }

    public LogLines Logs { get; } = new();

    public RedisLink Redis { get; }

    public NodeBus Bus { get; }

    /// <summary>Keys of all tests lie on one server.</summary>
    public static string NewPrefix() => $"test-{Guid.NewGuid():N}";

    public static async Task<Node> Start(string url, string prefix)
    {
        var node = new Node(url, prefix);
        await node.Redis.StartAsync(default);
        return node;
    }

    public Task IsThere(bool there = true) => TestWorld.Until(() => Task.FromResult(Redis.IsThere == there), there ? "Redis is there" : "Redis is gone");

    public async ValueTask DisposeAsync()
    {
        await Redis.StopAsync(default);
        Redis.Dispose();
        factory.Dispose();
    }
}
