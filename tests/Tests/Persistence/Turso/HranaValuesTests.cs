using System.Data.Common;
using System.Globalization;
using Dapper;
using Xunit;

namespace Tests.Persistence.Turso;

public sealed class HranaValuesTests
{
    [Fact]
    public async Task Every_value_comes_back_as_it_went()
    {
        await using var place = await TursoPlace.Start();
        object?[] values =
        [
            null, 0L, long.MaxValue, long.MinValue, 1.5, -0.25, "", "naïve 🙂 \"quoted\" 'single' \\ \n", "with\0zero", Array.Empty<byte>(),
            new byte[] { 1 }, new byte[] { 1, 2 }, new byte[] { 1, 2, 3 }, new byte[] { 1, 2, 3, 4 },
        ];
        await using var connection = await place.Connect();
        foreach (var value in values)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT @value";
            Add(command, "@value", value);
            Assert.Equal(value ?? DBNull.Value, await command.ExecuteScalarAsync());
        }
    }

    [Fact]
    public async Task Other_types_are_stored_as_their_integer_or_text()
    {
        await using var place = await TursoPlace.Start();
        await using var connection = await place.Connect();
        foreach (var (value, stored) in new (object, object)[]
            { (true, 1L), (false, 0L), (7, 7L), ((short)8, 8L), (ulong.MinValue, 0L), (DayOfWeek.Friday, 5L), ('x', "x"), (1.50m, "1.50"), (Guid.Empty, Guid.Empty.ToString()) })
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT @value";
            Add(command, "value", value);
            Assert.Equal(stored, await command.ExecuteScalarAsync());
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public async Task What_would_become_null_on_the_way_is_refused(double value)
    {
        await using var place = await TursoPlace.Start();
        await using var connection = await place.Connect();
        var refused = await Assert.ThrowsAsync<NotSupportedException>(() => connection.ExecuteAsync("SELECT @value", new { value }));
        Assert.Contains(value.ToString(CultureInfo.CurrentCulture), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_float_is_taken_for_an_integer_where_it_is_one()
    {
        await using var server = new CannedServer(
            CannedServer.Step("""{"cols":[{"name":"number","decltype":"integer"},{"name":"other","decltype":null}],"rows":[[{"type":"float","value":5.0},{"type":"float","value":5.5}],[{"type":"integer","value":"6"},{"type":"integer","value":"7"}]],"affected_row_count":0,"last_insert_rowid":null}""")).Open();

        var rows = await server.Read(session => session.List<Numbers>("SELECT number, other FROM things"));

        Assert.Equal([5, 6], rows.Select(row => row.Number));
        Assert.Equal([5.5, 7.0], rows.Select(row => row.Other));
    }

    [Fact]
    public async Task A_column_has_one_type_whatever_its_first_row_holds()
    {
        await using var place = await TursoPlace.Start();
        await place.Database.Write(transaction => transaction.Execute(
            "INSERT INTO things (id, number, any) VALUES ('a', NULL, NULL), ('b', 2, x'0102'), ('c', NULL, NULL)"));

        var rows = await place.Database.Read(session => session.List<Thing>("SELECT id, number, any FROM things ORDER BY id"));
        var none = await place.Database.Read(session => session.Maybe<Thing>("SELECT id, number, any FROM things WHERE id = 'a'"));

        Assert.Equal([null, 2L, null], rows.Select(row => row.Number));
        Assert.Equal([1, 2], rows[1].Any);
        Assert.Null(none!.Number);
    }

    [Fact]
    public async Task A_reader_tells_types_names_and_nulls()
    {
        await using var place = await TursoPlace.Start();
        await using var connection = await place.Connect();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT 1 AS whole, 1.5 AS broken, 'x' AS text, x'0a0b' AS bytes, NULL AS gap, id, number FROM (SELECT 1) LEFT JOIN things ON 1 = 1";
        await using var reader = await command.ExecuteReaderAsync();

        Assert.True(reader.HasRows);
        Assert.True(await reader.ReadAsync());
        Assert.Equal([typeof(long), typeof(double), typeof(string), typeof(byte[]), typeof(string), typeof(string), typeof(long)], Enumerable.Range(0, reader.FieldCount).Select(reader.GetFieldType));
        Assert.Equal((1, 1L, (short)1, (byte)1, true), (reader.GetInt32(0), reader.GetInt64(0), reader.GetInt16(0), reader.GetByte(0), reader.GetBoolean(0)));
        Assert.Equal((1.5, 1.5m), (reader.GetDouble(1), reader.GetDecimal(1)));
        Assert.Equal("x", reader["TEXT"]);
        Assert.Equal(2, reader.GetBytes(3, 0, null, 0, 0));
        Assert.True(reader.IsDBNull(4));
        Assert.Equal(DBNull.Value, reader[4]);
        Assert.Throws<InvalidCastException>(() => reader.GetInt64(2));
        Assert.Throws<InvalidCastException>(() => reader.GetString(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.GetOrdinal("missing"));
        Assert.False(await reader.ReadAsync());
        Assert.False(await reader.NextResultAsync());
    }

    [Fact]
    public async Task Huge_values_go_both_ways()
    {
        await using var place = await TursoPlace.Start();
        var text = new string('é', 3_000_000);
        var bytes = new byte[5_000_001];
        new Random(1).NextBytes(bytes);
        await place.Database.Write(transaction => transaction.Execute("INSERT INTO things (id, any) VALUES (@text, @bytes)", new { text, bytes }));

        Assert.Equal(text, await place.Database.Read(session => session.One<string>("SELECT id FROM things")));
        Assert.Equal(bytes, await place.Database.Read(session => session.One<byte[]>("SELECT any FROM things")));
    }

    [Fact]
    public async Task Blobs_are_read_with_padding_and_without()
    {
        foreach (var base64 in (string[])["", "AQ", "AQ==", "AQI", "AQI=", "AQID"])
        {
            await using var database = new CannedServer(CannedServer.Step(
                $$"""{"cols":[{"name":"any","decltype":null}],"rows":[[{"type":"blob","base64":"{{base64}}"}]],"affected_row_count":0,"last_insert_rowid":null,"replication_index":"7"}""")).Open();
            Assert.Equal(Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '=')), await database.Read(session => session.One<byte[]>("SELECT any FROM things")));
        }
    }

    private static void Add(DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }

    private sealed record Numbers(long Number, double Other);

    private sealed class Thing
    {
        public required string Id { get; init; }
        public long? Number { get; init; }
        public byte[]? Any { get; init; }
    }
}
