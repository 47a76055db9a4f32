using System.Text.Json;
using Ledgerline.Persistence;
using Ledgerline.Persistence.Engines;
using Ledgerline.Persistence.Turso;
using Sandbox.Core;
using Tests.Sandbox;
using Tests.Specs;
using Xunit;

namespace Tests.Persistence.Turso;

/// <summary>One database of a sandbox of its own; every request to it, and every answer, is held against Hrana's schema.</summary>
internal sealed class TursoPlace : IAsyncDisposable
{
    private readonly List<IDisposable> clients = [];

    private TursoPlace(SandboxHost sandbox) => Sandbox = sandbox;

    public SandboxHost Sandbox { get; }
    public SpecLog Specs { get; } = new();

    /// <summary>Parts of violations that a test asked for itself.</summary>
    public List<string> ExpectedViolations { get; } = [];

    public Database Database { get; private set; } = null!;
    public string Url => $"{Sandbox.Address}/turso";

    public static async Task<TursoPlace> Start()
    {
        var place = new TursoPlace(await SandboxHost.Start());
        place.Database = place.Open();
        await place.Database.Write(transaction => transaction.Execute("CREATE TABLE things (id text PRIMARY KEY, number integer, any)"));
        return place;
    }

    /// <summary>One more process with the same database, so to say.</summary>
    public Database Open(string? token = null, TimeSpan? commitPatience = null) =>
        Database.Over(TursoEngine.Open(Url, token, Wire(), commitPatience ?? TimeSpan.FromSeconds(20)));

    public async Task<HranaConnection> Connect()
    {
        var client = new HranaClient(TursoAddress.Parse(Url, null), Wire());
        clients.Add(client);
        var connection = new HranaConnection(client, new CommitMarks(), TimeSpan.FromSeconds(20));
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>What goes wrong with the next request, as the control room takes it.</summary>
    public Task Fault(object fault) => Sandbox.Post("/_sandbox/faults", fault);

    public Task Lose(string when, int times = 1) => Fault(new { provider = "turso", drop = true, when, times });

    /// <summary>The pipelines that came since the world began, oldest first.</summary>
    public async Task<IReadOnlyList<JsonElement>> Requests()
    {
        // A request is written down just after its answer has left.
        await SandboxHost.Until(() => Sandbox.Service<RequestLog>().List("turso", 2000).Count >= Specs.Exchanges, "every request is in the log");
        return [.. (await Sandbox.Get("/_sandbox/requests?provider=turso&limit=2000")).EnumerateArray().Reverse()];
    }

    public async Task<int> RoundTrips(Func<Task> work)
    {
        var before = Specs.Exchanges;
        await work();
        return Specs.Exchanges - before;
    }

    public Task<long> Count(string where = "1 = 1") =>
        Database.Read(session => session.One<long>($"SELECT count(*) FROM things WHERE {where}"));

    /// <param name="id">Of the thing.</param>
    /// <param name="beforeCommit">Happens when everything but the commit is done.</param>
    public Task Insert(string id, Func<Task>? beforeCommit = null, Database? by = null) => (by ?? Database).Write(async transaction =>
    {
        await transaction.Execute("INSERT INTO things (id, number) VALUES (@id, 1)", new { id });
        await (beforeCommit?.Invoke() ?? Task.CompletedTask);
    });

    public async ValueTask DisposeAsync()
    {
        clients.ForEach(client => client.Dispose());
        await Database.DisposeAsync();
        await Sandbox.DisposeAsync();
        Specs.AssertClean([.. ExpectedViolations]);
        Assert.NotEqual(0, Specs.Exchanges);
    }

    private SpecHandler Wire() => new(Specs) { InnerHandler = new SocketsHttpHandler { UseCookies = false } };
}
