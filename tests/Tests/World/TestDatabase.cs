using Ledgerline.Persistence;

namespace Tests.World;

/// <summary>A new, empty database of the wanted engine, gone afterwards.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly string? folder;

    private TestDatabase(string url, string? folder) => (Url, this.folder) = (url, folder);

    /// <summary>As <c>DATABASE_URL</c> takes it.</summary>
    public string Url { get; }

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
        return new TestDatabase($"sqlite:{Path.Combine(folder, "test.db")}", folder);
    }

    /// <summary>Opened, with the whole schema.</summary>
    public async Task<Database> Open(TimeProvider? clock = null)
    {
        var database = Database.Open(Url);
        await Migrate.Run(database, clock ?? TimeProvider.System);
        return database;
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
