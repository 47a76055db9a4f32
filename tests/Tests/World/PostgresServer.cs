using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;

namespace Tests.World;

/// <summary>The PostgreSQL server of this test run: the one TEST_POSTGRES names, else one of its own. Every database on it is new and empty.</summary>
internal static class PostgresServer
{
    private static readonly Lazy<Task<Uri>> Address = new(Find);
    private static readonly ConcurrentDictionary<string, bool> Made = new();

    /// <summary>Makes a database and answers its <c>postgres://</c> address.</summary>
    /// <param name="template">The address of one to which nobody is connected, whose copy it is; null: it is empty.</param>
    public static async Task<string> NewDatabase(string? template = null)
    {
        var name = $"test_{Guid.NewGuid():N}";
        await Run($"CREATE DATABASE {name}{(template is null ? "" : $" TEMPLATE {new Uri(template).AbsolutePath.TrimStart('/')}")}");
        Made[name] = true;
        return new UriBuilder(await Address.Value) { Path = name }.Uri.AbsoluteUri;
    }

    /// <summary>Removes a database before the run ends; what nobody drops is dropped at the end.</summary>
    public static async Task Drop(string database)
    {
        var name = new Uri(database).AbsolutePath.TrimStart('/');
        if (Made.TryRemove(name, out _))
        {
            await Run($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        }
    }

    /// <summary>The address as Npgsql takes it.</summary>
    public static string ConnectionString(string address)
    {
        var uri = new Uri(address);
        var user = uri.UserInfo.Split(':', 2);
        return new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.IsDefaultPort ? NpgsqlConnection.DefaultPort : uri.Port,
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            Database = uri.AbsolutePath.TrimStart('/'),
        }.ConnectionString;
    }

    private static async Task Run(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString((await Address.Value).AbsoluteUri));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<Uri> Find()
    {
        if (Environment.GetEnvironmentVariable("TEST_POSTGRES") is { Length: > 0 } given)
        {
            AppDomain.CurrentDomain.ProcessExit += (_, _) => DropRest(given);
            return new Uri(given);
        }

        var server = await ThrowAwayServer.Start(
            $"""
            as=
            if [ "$(id -u)" = 0 ]; then chown postgres . && as="setpriv --reuid=postgres --regid=postgres --init-groups"; fi
            $as {Programs()}/initdb -D "$FOLDER/data" -U app --auth=trust -E UTF8 --locale=C.UTF-8 --no-sync || exit 1
            """,
            $"$as {Programs()}/postgres -D \"$FOLDER/data\" -c listen_addresses=127.0.0.1 -c port=$PORT -c unix_socket_directories=\"$FOLDER\""
            + " -c fsync=off -c full_page_writes=off -c max_connections=200");
        return new Uri($"postgres://app@127.0.0.1:{server.Port}/postgres");
    }

    private static string Programs() =>
        new DirectoryInfo("/usr/lib/postgresql") is { Exists: true } installed
            && installed.GetDirectories().Where(version => File.Exists($"{version}/bin/initdb")).MaxBy(version => decimal.Parse(version.Name, CultureInfo.InvariantCulture)) is { } newest
            ? $"{newest}/bin"
            : throw new InvalidOperationException("PostgreSQL is not installed: run bin/test, which installs it, or name a server in TEST_POSTGRES.");

    private static void DropRest(string server)
    {
        using var connection = new NpgsqlConnection(ConnectionString(server));
        connection.Open();
        foreach (var name in Made.Keys)
        {
            using var command = new NpgsqlCommand($"DROP DATABASE IF EXISTS {name} WITH (FORCE)", connection);
            command.ExecuteNonQuery();
        }
    }
}
