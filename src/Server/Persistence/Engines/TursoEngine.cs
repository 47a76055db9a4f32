using System.Data.Common;
using Ledgerline.Persistence.Turso;

namespace Ledgerline.Persistence.Engines;

/// <summary>Turso, or any libSQL server, over HTTP. SQLite's dialect; one writer at a time, here as at the server.</summary>
internal sealed class TursoEngine : Engine
{
    // Longer than the server keeps an unused stream: by then a lost transaction is over.
    private static readonly TimeSpan CommitPatience = TimeSpan.FromSeconds(25);

    private static readonly Dictionary<string, string> Dialect = new()
    {
        ["{id}"] = "INTEGER PRIMARY KEY AUTOINCREMENT",
        ["{key}"] = "text",
        ["{clustered}"] = "WITHOUT ROWID",
        ["{for update}"] = "",
        ["{for update of g}"] = "",
        ["{for update of w}"] = "",
        ["{for update of b}"] = "",
        ["{for update of a}"] = "",
        ["{skip locked}"] = "",
        ["{unflushed}"] = "true",
        ["{unlogged}"] = "",
    };

    private readonly SemaphoreSlim writer = new(1, 1);
    private readonly CommitMarks marks = new();
    private readonly HranaClient client;
    private readonly TimeSpan commitPatience;

    private TursoEngine(HranaClient client, TimeSpan commitPatience) => (this.client, this.commitPatience) = (client, commitPatience);

    public override string Name => "turso";

    protected override IReadOnlyDictionary<string, string> Words => Dialect;

    /// <param name="handler">Sends the requests; null: over the network.</param>
    /// <param name="commitPatience">How long a commit whose answer got lost is looked for.</param>
    public static TursoEngine Open(string url, string? token, HttpMessageHandler? handler = null, TimeSpan? commitPatience = null) =>
        new(new HranaClient(TursoAddress.Parse(url, token), handler), commitPatience ?? CommitPatience);

    public override ValueTask<DbConnection> OpenReader(CancellationToken stop) => ValueTask.FromResult(Connect());

    public override ValueTask<DbConnection> OpenWriter(CancellationToken stop) => ValueTask.FromResult(Connect());

    public override ValueTask<DbTransaction> Begin(DbConnection connection, CancellationToken stop) => connection.BeginTransactionAsync(stop);

    public override ValueTask<DbTransaction> BeginMoment(DbConnection connection, CancellationToken stop) =>
        connection.BeginTransactionAsync(System.Data.IsolationLevel.Snapshot, stop);

    // The server would let only one write as well, but the others would wait there, each with a request and a stream.
    public override async ValueTask<IDisposable?> TakeWriter(CancellationToken stop)
    {
        await writer.WaitAsync(stop);
        return new Place(writer);
    }

    // BEGIN IMMEDIATE already excludes every other writer, in this process and in others.
    public override Task LockSchema(Transaction transaction, CancellationToken stop) => Task.CompletedTask;

    public override bool MayRunAgain(Exception failure) => failure is HranaException { MayRunAgain: true };

    public override bool IsDuplicate(Exception failure) => failure is HranaException { IsDuplicate: true };

    public override async Task Run(DbConnection connection, DbTransaction? transaction, IReadOnlyList<Statement> statements, CancellationToken stop)
    {
        List<(string Sql, RowSet Rows, Statement Statement)> with = [];
        foreach (var statement in statements)
        {
            var rows = statement.Rows();
            with.Add((Say(rows, TursoRows.ForOne), rows, statement));
        }

        // A statement a row: without a transaction they would not see the same moment.
        await using var moment = transaction is null && with.Sum(one => one.Rows.Count) > 1 ? await BeginMoment(connection, stop) : null;
        await TursoRows.Run((HranaConnection)connection, with, stop);
    }

    public override ValueTask DisposeAsync()
    {
        client.Dispose();
        writer.Dispose();
        return ValueTask.CompletedTask;
    }

    private DbConnection Connect()
    {
        var connection = new HranaConnection(client, marks, commitPatience);
        connection.Open();
        return connection;
    }

    private sealed class Place(SemaphoreSlim writer) : IDisposable
    {
        public void Dispose() => writer.Release();
    }
}
