using System.Collections.Concurrent;
using Sandbox.Core;

namespace Sandbox.Turso;

/// <summary>The databases of this sandbox and the streams that are open on them.</summary>
internal sealed class TursoWorld(SandboxClock clock, SandboxOptions options) : IDisposable
{
    /// <summary>The database at the address itself, without a namespace.</summary>
    public const string Main = "main";

    // What is remembered of streams that expired, so that they are told apart from batons that never were.
    private const int RememberedStreams = 10_000;

    private readonly Lock gate = new();
    private readonly Batons batons = new();
    private readonly ConcurrentDictionary<long, HranaStream> streams = new();
    private readonly ConcurrentDictionary<long, bool> dead = new();
    private Dictionary<string, TursoDatabase> databases = [];
    private long lastStream;
    private int busy;

    static TursoWorld() => SqliteLibrary.Load();

    public TursoSettings Settings { get; private set; } = new() { AuthToken = options.TursoAuthToken };

    public int OpenStreams => streams.Count;

    public TursoSettings Change(TursoSettings settings)
    {
        Interlocked.Exchange(ref busy, settings.Busy);
        return Settings = settings;
    }

    /// <summary>Whether the writer that asks is one of those that shall find the database busy.</summary>
    public bool TakeBusy()
    {
        if (Volatile.Read(ref busy) <= 0 || Interlocked.Decrement(ref busy) < 0)
        {
            return false;
        }

        return true;
    }

    public HranaStream Open(string database, string? pin)
    {
        var stream = new HranaStream(Interlocked.Increment(ref lastStream), Database(database), this, clock, options.TursoStreamIdle) { Pin = pin };
        streams[stream.Id] = stream;
        return stream;
    }

    /// <summary>The stream that a baton addresses, if it is the last one that was given for it.</summary>
    public HranaStream Find(string baton, string? pin)
    {
        if (batons.Read(baton) is not var (id, turn))
        {
            throw HranaRefusal.InvalidBaton();
        }

        if (dead.ContainsKey(id))
        {
            throw HranaRefusal.Expired();
        }

        return streams.TryGetValue(id, out var stream) && stream.Pin == pin && stream.TakeTurn(turn) ? stream
            // It may have expired between the two looks.
            : throw (dead.ContainsKey(id) ? HranaRefusal.Expired() : HranaRefusal.InvalidBaton());
    }

    public string BatonOf(HranaStream stream) => batons.Write(stream.Id, stream.NextTurn());

    /// <summary>Takes a stream off the list; one that expired is remembered as such.</summary>
    public void Forget(HranaStream stream, bool expired)
    {
        if (expired)
        {
            if (dead.Count >= RememberedStreams)
            {
                dead.Clear();
            }

            dead[stream.Id] = true;
        }

        streams.TryRemove(stream.Id, out _);
    }

    public bool Drop(string name)
    {
        TursoDatabase? database;
        lock (gate)
        {
            if (!databases.Remove(name, out database))
            {
                return false;
            }
        }

        database.Dispose();
        return true;
    }

    public void Clear()
    {
        Dictionary<string, TursoDatabase> gone;
        lock (gate)
        {
            (gone, databases) = (databases, []);
        }

        foreach (var stream in streams.Values)
        {
            stream.Abandon();
        }

        foreach (var database in gone.Values)
        {
            database.Dispose();
        }

        dead.Clear();
        Change(new TursoSettings { AuthToken = options.TursoAuthToken });
    }

    public void Dispose() => Clear();

    private TursoDatabase Database(string name)
    {
        lock (gate)
        {
            if (!databases.TryGetValue(name, out var database))
            {
                databases[name] = database = new TursoDatabase();
            }

            return database;
        }
    }
}
