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
        ["{for update}"] = "",
        ["{skip locked}"] = "",
        ["{unlogged}"] = "",
    };

    private readonly SemaphoreSlim writer = new(1, 1);
    private readonly string connectionString;

    static SqliteEngine() => SqliteLibrary.Load();

    private SqliteEngine(string path) => connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWriteCreate,
        // Seconds that a statement waits for another process's lock.
        DefaultTimeout = 30,
        Pooling = true,
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

    public override ValueTask<DbConnection> OpenReader(CancellationToken stop) => Connect(stop);

    public override ValueTask<DbConnection> OpenWriter(CancellationToken stop) => Connect(stop);

    // IMMEDIATE takes the write lock at once: a transaction that begins by reading can never fail when it comes to writing.
    public override ValueTask<DbTransaction> Begin(DbConnection connection, CancellationToken stop) =>
        ValueTask.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: false));

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

    public override ValueTask DisposeAsync()
    {
        using var pool = new SqliteConnection(connectionString);
        SqliteConnection.ClearPool(pool);
        writer.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask<DbConnection> Connect(CancellationToken stop)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            await connection.OpenAsync(stop);
            using var pragmas = connection.CreateCommand();
            pragmas.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=30000;";
            pragmas.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private sealed class Place(SemaphoreSlim writer) : IDisposable
    {
        public void Dispose() => writer.Release();
    }
}
