using System.Text.Json;
using System.Text.RegularExpressions;
using Sandbox.Core;
using SQLitePCL;

namespace Sandbox.Turso;

/// <summary>One stream: an SQLite connection of its own, served one pipeline at a time, closed when nobody uses it.</summary>
internal sealed partial class HranaStream
{
    private const int Waiting = 0;
    private const int Serving = 1;
    private const int Closed = 2;

    private readonly TursoDatabase database;
    private readonly TursoWorld world;
    private readonly SandboxClock clock;
    private readonly TimeSpan longestIdle;
    private readonly Dictionary<int, string> stored = [];
    private readonly sqlite3 connection;
    private ITimer? idle;
    private long turn;
    private long idleSince;
    private int state;
    private volatile bool abandoned;
    private bool changed;

    public HranaStream(long id, TursoDatabase database, TursoWorld world, SandboxClock clock, TimeSpan longestIdle)
    {
        (Id, this.database, this.world, this.clock, this.longestIdle) = (id, database, world, clock, longestIdle);
        connection = database.Take();
    }

    public long Id { get; }

    /// <summary>The address of its own where it is served, when it has one.</summary>
    public string? Pin { get; init; }

    public bool IsClosed { get; private set; }

    private bool IsAutocommit => raw.sqlite3_get_autocommit(connection) != 0;

    /// <summary>True for the one request that bears the last baton.</summary>
    public bool TakeTurn(long taken) => Interlocked.CompareExchange(ref turn, taken + 1, taken) == taken;

    public long NextTurn() => Volatile.Read(ref turn);

    /// <summary>Begins to serve a pipeline; the stream does not grow idle meanwhile. Turns see to it that there is only one at a time.</summary>
    public void Enter()
    {
        // Time decides, not whether the timer's callback has had its turn yet.
        if (idleSince != 0 && clock.GetElapsedTime(idleSince) >= longestIdle)
        {
            Retire(expired: true);
            throw HranaRefusal.Expired();
        }

        if (Interlocked.CompareExchange(ref state, Serving, Waiting) != Waiting)
        {
            throw HranaRefusal.Expired();
        }

        idle?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Leave()
    {
        if (IsClosed)
        {
            return;
        }

        if (IsAutocommit)
        {
            database.Free();
        }

        idle ??= clock.CreateTimer(static stream => ((HranaStream)stream!).Retire(expired: true), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        idle.Change(longestIdle, Timeout.InfiniteTimeSpan);
        idleSince = clock.GetTimestamp();
        Volatile.Write(ref state, Waiting);
        if (abandoned)
        {
            Retire(expired: false);
        }
    }

    /// <summary>Ends it from outside, at once or when the pipeline that runs is done.</summary>
    public void Abandon()
    {
        abandoned = true;
        world.Forget(this, expired: false);
        Retire(expired: false);
    }

    /// <summary>The response of one request.</summary>
    /// <exception cref="HranaError">It failed; the next request runs all the same.</exception>
    public async Task<object> Serve(JsonElement request)
    {
        var type = HranaValues.Text(request, "type");
        if (IsClosed)
        {
            throw new HranaError("The stream is closed", "STREAM_CLOSED");
        }

        switch (type)
        {
            case "close":
                Close(expired: false);
                return new { type };
            case "execute":
                return new { type, result = await Execute(request.GetProperty("stmt")) };
            case "batch":
                return new { type, result = await HranaBatch.Run(request.GetProperty("batch"), Execute, () => IsAutocommit) };
            case "sequence":
                await Sequence(Sql(request));
                return new { type };
            case "describe":
                using (var statement = HranaStatement.Single(connection, Sql(request)))
                {
                    return new { type, result = statement.Describe() };
                }

            case "store_sql":
                if (!stored.TryAdd(request.GetProperty("sql_id").GetInt32(), HranaValues.Text(request, "sql") ?? ""))
                {
                    throw new HranaError($"SQL text {request.GetProperty("sql_id")} is already stored on this stream", "SQL_STORE_EXISTS");
                }

                return new { type };
            case "close_sql":
                stored.Remove(request.GetProperty("sql_id").GetInt32());
                return new { type };
            case "get_autocommit":
                return new { type, is_autocommit = IsAutocommit };
            default:
                throw HranaRefusal.Unreadable($"JSON parse error: unknown variant {type ?? "nothing"} of a stream request");
        }
    }

    private async Task<object> Execute(JsonElement stmt)
    {
        var sql = Sql(stmt);
        var wantRows = !stmt.TryGetProperty("want_rows", out var want) || want.ValueKind != JsonValueKind.False;
        using var statement = HranaStatement.Single(connection, sql);
        statement.Bind(stmt);
        return await Run(statement, sql, wantRows);
    }

    private async Task Sequence(string sql)
    {
        for (var rest = sql; ;)
        {
            using var statement = HranaStatement.First(connection, rest, out rest);
            if (statement is null)
            {
                return;
            }

            await Run(statement, sql, wantRows: false);
        }
    }

    // A writer waits until another has ended, as long as the settings allow; SQLite itself would block a thread.
    private async Task<object> Run(HranaStatement statement, string sql, bool wantRows)
    {
        changed |= Changes().IsMatch(sql);
        if (TakesWriteLock().IsMatch(sql) && world.TakeBusy())
        {
            throw new HranaError("SQLite error: database is locked", "SQLITE_BUSY");
        }

        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var freed = database.Freed;
            if (statement.Run(wantRows) is { } result)
            {
                return result;
            }

            var left = TimeSpan.FromMilliseconds(world.Settings.BusyTimeoutMs) - TimeProvider.System.GetElapsedTime(started);
            try
            {
                await freed.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, TimeProvider.System);
            }
            catch (TimeoutException)
            {
                throw new HranaError("SQLite error: database is locked", "SQLITE_BUSY");
            }
        }
    }

    private string Sql(JsonElement of) =>
        HranaValues.Text(of, "sql") is { } sql ? sql
        : of.TryGetProperty("sql_id", out var id) && id.ValueKind == JsonValueKind.Number && stored.TryGetValue(id.GetInt32(), out var kept) ? kept
        : throw new HranaError("SQL text is neither given nor stored", "SQL_NOT_FOUND");

    // A pipeline that has just begun keeps the stream.
    private void Retire(bool expired)
    {
        if (Interlocked.CompareExchange(ref state, Closed, Waiting) == Waiting)
        {
            Close(expired);
        }
    }

    private void Close(bool expired)
    {
        IsClosed = true;
        Volatile.Write(ref state, Closed);
        world.Forget(this, expired);
        if (!IsAutocommit)
        {
            raw.sqlite3_exec(connection, "ROLLBACK");
        }

        database.Return(connection, changed);
        idle?.Dispose();
    }

    [GeneratedRegex(@"\b(PRAGMA|TEMP|TEMPORARY)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Changes();

    [GeneratedRegex(@"^\s*BEGIN\s+(IMMEDIATE|EXCLUSIVE)\b", RegexOptions.IgnoreCase)]
    private static partial Regex TakesWriteLock();
}
