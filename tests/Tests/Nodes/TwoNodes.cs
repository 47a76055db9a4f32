using Ledgerline.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tests.World;

namespace Tests.Nodes;

/// <summary>The whole product on two nodes with one PostgreSQL and one Redis.</summary>
internal sealed class TwoNodes : IAsyncDisposable
{
    private readonly List<RedisLink> links;

    private TwoNodes(TestWorld world, HttpClient second, string prefix, List<RedisLink> links) =>
        (World, Second, Prefix, this.links) = (world, second, prefix, links);

    public TestWorld World { get; }

    public HttpClient First => World.Client;

    public HttpClient Second { get; }

    /// <summary>As <c>REDIS_PREFIX</c> takes it.</summary>
    public string Prefix { get; }

    /// <summary>How often Redis has gone, from whichever node.</summary>
    public int Outages => links.Sum(link => link.Outages);

    public static async Task<TwoNodes> Start(string redisUrl, params (string Name, string? Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["PASSWORD_ITERATIONS"] = "1000",
            ["ENABLE_RATE_LIMITING"] = "false",
            ["REDIS_URL"] = redisUrl,
            ["REDIS_PREFIX"] = Node.NewPrefix(),
        };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        var world = await TestWorld.Start("postgres", all);
        var nodes = new TwoNodes(world, await world.StartNode(), all["REDIS_PREFIX"]!, [.. world.Nodes.Select(node => node.GetRequiredService<RedisLink>())]);
        await nodes.AreThere();
        return nodes;
    }

    public Task AreThere(bool there = true) =>
        TestWorld.Until(() => Task.FromResult(links.TrueForAll(link => link.IsThere == there)), there ? "both nodes have Redis" : "both nodes miss Redis");

    public ValueTask DisposeAsync() => World.DisposeAsync();
}
