using Soak;
using Tests.World;

namespace Tests.Chat;

/// <summary>The chat product as two processes on one database; the world beside them answers nobody's messages.</summary>
internal sealed class ChatNodes : IAsyncDisposable
{
    private ChatNodes(TestWorld world) => World = world;

    public TestWorld World { get; }
    public NodeProcess First { get; private set; } = null!;
    public NodeProcess Second { get; private set; } = null!;

    public static async Task<ChatNodes> Start()
    {
        var nodes = new ChatNodes(await Rooms.World("postgres", ("RUN_JOBS", "false")));
        nodes.First = await Node(nodes.World);
        nodes.Second = await Node(nodes.World);
        return nodes;
    }

    /// <summary>One more process on the world's database.</summary>
    public static Task<NodeProcess> Node(TestWorld world) => NodeProcess.Start(
        world.DatabaseUrl,
        world.SandboxAddress,
        new() { ["ENABLE_RATE_LIMITING"] = "false", ["PASSWORD_ITERATIONS"] = "1000", ["STRIPE_SYNC_CATALOGUE"] = "false" });

    /// <summary>Kills the first node and starts another in its place.</summary>
    public async Task KillFirst()
    {
        await First.Kill();
        await First.DisposeAsync();
        First = await Node(World);
    }

    public HttpClient Either(int number) => number % 2 == 0 ? First.Client : Second.Client;

    public Task<T> One<T>(string sql) => World.Database.Read(session => session.One<T>(sql));

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await World.DisposeAsync();
    }
}
