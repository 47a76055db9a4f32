using System.Net.Sockets;
using System.Text;
using Npgsql;
using Tests.Persistence;
using Xunit;
using Xunit.Sdk;

namespace Tests.World;

public sealed class ServersTests
{
    [Fact]
    public async Task EveryDatabaseIsNewAndEmpty()
    {
        var (first, second) = (await PostgresServer.NewDatabase(), await PostgresServer.NewDatabase());
        Assert.NotEqual(first, second);
        Assert.StartsWith("postgres://", first, StringComparison.Ordinal);
        await Ask(first, "CREATE TABLE thing (id int)");
        Assert.Equal(0L, await Ask(second, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
        await PostgresServer.Drop(first);
        await Assert.ThrowsAsync<PostgresException>(() => Ask(first, "SELECT 1"));
        await PostgresServer.Drop(second);
    }

    [Fact]
    public async Task RedisAnswers()
    {
        var address = new Uri(await RedisServer.Address);
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port);
        await socket.GetStream().WriteAsync("PING\r\n"u8.ToArray());
        var answer = new byte[7];
        await socket.GetStream().ReadExactlyAsync(answer);
        Assert.Equal("+PONG\r\n", Encoding.ASCII.GetString(answer));
    }

    [Fact]
    public async Task EveryDatabaseMeansThreeEngines()
    {
        await using var tracker = new DisposalTracker();
        var rows = await new EveryDatabaseAttribute().GetData(null!, tracker);
        Assert.Equal(["sqlite", "postgres", "turso"], rows.Select(row => row.GetData().Single()));
    }

    private static async Task<object?> Ask(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(PostgresServer.ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
