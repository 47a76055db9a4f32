using System.Collections.Concurrent;
using SQLitePCL;

namespace Sandbox.Turso;

/// <summary>One database: an SQLite file of its own in the temporary folder, with a write-ahead log as at Turso, gone with the sandbox.</summary>
internal sealed class TursoDatabase : IDisposable
{
    private const int Flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX;

    private readonly string folder = Directory.CreateTempSubdirectory("sandbox-turso-").FullName;
    private readonly ConcurrentBag<sqlite3> idle = [];
    private readonly sqlite3 anchor;
    private volatile TaskCompletionSource freed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool gone;

    /// <param name="file">What it begins with, as <see cref="Save"/> wrote it; null for nothing.</param>
    public TursoDatabase(string? file = null)
    {
        if (file is not null)
        {
            File.Copy(file, Path.Combine(folder, "data.db"));
        }

        // Stays open: the last connection that closes would empty the log each time.
        anchor = Connect();
        raw.sqlite3_exec(anchor, "PRAGMA journal_mode = WAL");
    }

    /// <summary>Done when some stream has ended a transaction, so that it is worth trying again to write.</summary>
    public Task Freed => freed.Task;

    public sqlite3 Take() => idle.TryTake(out var connection) ? connection : Connect();

    /// <summary>Takes a connection back; one that was changed (a pragma, a temporary table) or is within a transaction is closed.</summary>
    public void Return(sqlite3 connection, bool changed)
    {
        if (changed || gone || raw.sqlite3_get_autocommit(connection) == 0)
        {
            raw.sqlite3_close_v2(connection);
        }
        else
        {
            idle.Add(connection);
        }

        Free();
    }

    /// <summary>Writes down what it holds, for databases that shall begin with it.</summary>
    public void Save(string file)
    {
        var connection = Connect();
        var result = raw.sqlite3_exec(connection, $"VACUUM INTO '{file.Replace("'", "''", StringComparison.Ordinal)}'");
        raw.sqlite3_close_v2(connection);
        if (result != raw.SQLITE_OK)
        {
            throw new IOException($"SQLite could not write {file}: {raw.sqlite3_errstr(result).utf8_to_string()}.");
        }
    }

    public void Free() => Interlocked.Exchange(ref freed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    public void Dispose()
    {
        gone = true;
        while (idle.TryTake(out var connection))
        {
            raw.sqlite3_close_v2(connection);
        }

        raw.sqlite3_close_v2(anchor);
        try
        {
            // A stream that still runs keeps its open file until it ends.
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
        }
    }

    private sqlite3 Connect()
    {
        var result = raw.sqlite3_open_v2(Path.Combine(folder, "data.db"), out var connection, Flags, null);
        if (result != raw.SQLITE_OK)
        {
            throw new IOException($"SQLite could not open a file in {folder}: {raw.sqlite3_errstr(result).utf8_to_string()}.");
        }

        raw.sqlite3_extended_result_codes(connection, 1);
        raw.sqlite3_exec(connection, "PRAGMA synchronous = OFF");
        return connection;
    }
}
