using System.Collections.Concurrent;
using Ledgerline.Persistence;

namespace Tests.World;

/// <summary>A new database of the wanted engine, gone afterwards.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Templates = new();

    private const string FileName = "test.db";

    private readonly string? folder;

    private TestDatabase(string url, string? folder) => (Url, this.folder) = (url, folder);

    /// <summary>As <c>DATABASE_URL</c> takes it.</summary>
    public string Url { get; }

    /// <summary>One with the whole schema: the copy of one that was migrated once for the whole run.</summary>
    public static async Task<TestDatabase> WithSchema(string engine)
    {
        var template = await Templates.GetOrAdd(engine, _ => new(() => MakeTemplate(engine))).Value;
        switch (engine)
        {
            case "postgres":
                return new TestDatabase(await PostgresServer.NewDatabase(template), null);
            case "turso":
                return new TestDatabase(await TursoServer.NewDatabase(template), null);
            default:
                var empty = await New(engine);
                File.Copy(template, Path.Combine(empty.folder!, FileName));
                return empty;
        }
    }

    /// <summary>An empty one.</summary>
    public static async Task<TestDatabase> New(string engine)
    {
        if (engine == "postgres")
        {
            return new TestDatabase(await PostgresServer.NewDatabase(), null);
        }

        if (engine == "turso")
        {
            return new TestDatabase(await TursoServer.NewDatabase(), null);
        }

        var folder = Directory.CreateTempSubdirectory("ledgerline-test-").FullName;
        return new TestDatabase($"sqlite:{Path.Combine(folder, FileName)}", folder);
    }

    /// <summary>Opened, with the whole schema.</summary>
    public async Task<Database> Open(TimeProvider? clock = null)
    {
        var database = Database.Open(Url);
        await Migrate.Run(database, clock ?? TimeProvider.System);
        return database;
    }

    // An address for PostgreSQL, a file for the others.
    private static async Task<string> MakeTemplate(string engine)
    {
        var made = await New(engine);
        await using (await made.Open())
        {
        }

        if (engine == "postgres")
        {
            return made.Url;
        }

        var folder = made.folder ?? Directory.CreateTempSubdirectory("ledgerline-test-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var file = Path.Combine(folder, FileName);
        if (engine == "turso")
        {
            await TursoServer.Save(made.Url, file);
            await made.DisposeAsync();
        }

        return file;
    }

    public async ValueTask DisposeAsync()
    {
        if (folder is null && Url.StartsWith("http:", StringComparison.Ordinal))
        {
            await TursoServer.Drop(Url);
        }
        else if (folder is null)
        {
            await PostgresServer.Drop(Url);
        }
        else
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
