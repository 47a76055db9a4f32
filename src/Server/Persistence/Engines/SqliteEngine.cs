using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Ledgerline.Persistence.Engines;

/// <summary>SQLite in one file: the embedded default. WAL, fsync at every commit, one writer at a time.</summary>
internal sealed class SqliteEngine : Engine
{
    private const int Busy = 5;
    private const int ConstraintPrimaryKey = 1555;
    private const int ConstraintUnique = 2067;

    private static readonly Dictionary<string, string> Dialect = new()
    {
        ["{id}"] = "INTEGER PRIMARY KEY AUTOINCREMENT",
        ["{key}"] = "text",
        // The primary key is the table itself: one tree instead of two.
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

    private const int MostIdleReaders = 16;

    private const string ReaderPragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=30000;";

    // 32 MB of pages in memory, and the log is copied back every 64 MB: a busy batch touches thousands of pages.
    private const string WriterPragmas = "PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=16384;";

    private readonly SemaphoreSlim writer = new(1, 1);
    private readonly ConcurrentBag<SqliteConnection> idleReaders = [];
    private readonly SqliteRows rows = new();
    private SqliteConnection? writing;
    private volatile bool disposed;
    private readonly string connectionString;

    static SqliteEngine() => SqliteLibrary.Load();

    private SqliteEngine(string path) => connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWriteCreate,
        // Seconds that a statement waits for another process's lock.
        DefaultTimeout = 30,
        // Connections are kept here, with their pragmas and prepared statements.
        Pooling = false,
    }.ToString();

    public override string Name => "sqlite";

    protected override IReadOnlyDictionary<string, string> Words => Dialect;

    public static SqliteEngine Open(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        return new SqliteEngine(path);
    }

    public override ValueTask<DbConnection> OpenReader(CancellationToken stop) =>
        ValueTask.FromResult<DbConnection>(idleReaders.TryTake(out var idle) ? idle : Connect(ReaderPragmas));

    // Whoever asks holds the only writer's place.
    public override ValueTask<DbConnection> OpenWriter(CancellationToken stop) =>
        ValueTask.FromResult<DbConnection>(writing ??= Connect(ReaderPragmas + WriterPragmas));

    public override async ValueTask Close(DbConnection connection)
    {
        if (connection == writing)
        {
            return;
        }

        if (idleReaders.Count < MostIdleReaders && !disposed)
        {
            idleReaders.Add((SqliteConnection)connection);
        }
        else
        {
            await connection.DisposeAsync();
        }
    }

    public override async Task Run(DbConnection connection, DbTransaction? transaction, IReadOnlyList<Statement> statements, CancellationToken stop)
    {
        var sqlite = (SqliteConnection)connection;
        using var own = sqlite == writing ? null : new SqliteRows();
        foreach (var statement in statements)
        {
            var set = statement.Rows();
            await (own ?? rows).Run(sqlite, Say(set, SqliteRows.ForOne), set, statement, stop);
        }
    }

    // IMMEDIATE takes the write lock at once: a transaction that begins by reading can never fail when it comes to writing.
    public override ValueTask<DbTransaction> Begin(DbConnection connection, CancellationToken stop) =>
        ValueTask.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: false));

    public override ValueTask<DbTransaction> BeginMoment(DbConnection connection, CancellationToken stop) =>
        ValueTask.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: true));

    public override async ValueTask<IDisposable?> TakeWriter(CancellationToken stop)
    {
        await writer.WaitAsync(stop);
        return new Place(writer);
    }

    // The IMMEDIATE transaction already excludes every other writer, in this process and in others.
    public override Task LockSchema(Transaction transaction, CancellationToken stop) => Task.CompletedTask;

    public override bool MayRunAgain(Exception failure) => failure is SqliteException { SqliteErrorCode: Busy };

    public override bool IsDuplicate(Exception failure) =>
        failure is SqliteException { SqliteExtendedErrorCode: ConstraintUnique or ConstraintPrimaryKey };

    public override async ValueTask DisposeAsync()
    {
        // A transaction that still runs ends first.
        await writer.WaitAsync();
        disposed = true;
        rows.Dispose();
        writing?.Dispose();
        while (idleReaders.TryTake(out var idle))
        {
            idle.Dispose();
        }

        writer.Dispose();
    }

    private SqliteConnection Connect(string statements)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            using var pragmas = connection.CreateCommand();
            pragmas.CommandText = statements;
            pragmas.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private sealed class Place(SemaphoreSlim writer) : IDisposable
    {
        public void Dispose() => writer.Release();
    }
}
