using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Ledgerline.Persistence;

/// <summary>Brings the schema up to date: every file of Migrations once, in order, each in its own transaction.</summary>
public static class Migrate
{
    /// <summary>Safe when several nodes start at once: the others wait and then find it done. Answers the ids applied now.</summary>
    /// <exception cref="InvalidOperationException">A migration that was applied before has another text today.</exception>
    public static Task<IReadOnlyList<string>> Run(Database database, TimeProvider clock, ILogger? log = null, CancellationToken stop = default) =>
        Run(database, clock, _ => true, log, stop);

    /// <summary>Only the migrations whose id is wanted, so that a test can fill the tables as they were before one.</summary>
    internal static async Task<IReadOnlyList<string>> Run(
        Database database, TimeProvider clock, Func<string, bool> wanted, ILogger? log = null, CancellationToken stop = default)
    {
        await database.Write(
            async transaction =>
            {
                await database.Engine.LockSchema(transaction, stop);
                await transaction.Execute(
                    "CREATE TABLE IF NOT EXISTS schema_migrations (id text PRIMARY KEY, sha256 text NOT NULL, applied_at bigint NOT NULL)", stop: stop);
            },
            stop);

        List<string> applied = [];
        foreach (var (id, sql) in Files().Where(file => wanted(file.Id)))
        {
            if (await database.Write(transaction => Apply(database, transaction, id, sql, clock.GetUtcNow(), stop), stop))
            {
                applied.Add(id);
                log?.LogInformation("Applied migration {Migration}", id);
            }
        }

        return applied;
    }

    /// <summary>The ids that are not applied yet, in order.</summary>
    public static async Task<IReadOnlyList<string>> Missing(Database database, CancellationToken stop = default)
    {
        var applied = await database.Read(session => session.List<string>("SELECT id FROM schema_migrations", stop: stop), stop);
        return [.. Files().Select(file => file.Id).Except(applied)];
    }

    private static async Task<bool> Apply(
        Database database, Transaction transaction, string id, string sql, DateTimeOffset now, CancellationToken stop)
    {
        await database.Engine.LockSchema(transaction, stop);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)));
        var before = await transaction.Maybe<string>("SELECT sha256 FROM schema_migrations WHERE id = @id", new { id }, stop);
        if (before is not null)
        {
            return before == sha256
                ? false
                : throw new InvalidOperationException($"Migration {id} was applied with another text: add a new migration instead of editing it.");
        }

        await transaction.Execute(sql, stop: stop);
        await transaction.Execute("INSERT INTO schema_migrations (id, sha256, applied_at) VALUES (@id, @sha256, @now)", new { id, sha256, now }, stop);
        return true;
    }

    private static IEnumerable<(string Id, string Sql)> Files()
    {
        var assembly = Assembly.GetExecutingAssembly();
        const string folder = ".Persistence.Migrations.";
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var id = resource[(resource.IndexOf(folder, StringComparison.Ordinal) + folder.Length)..^".sql".Length];
            yield return (id, reader.ReadToEnd());
        }
    }
}
