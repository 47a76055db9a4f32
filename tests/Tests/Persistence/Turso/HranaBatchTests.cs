using System.Data.Common;
using Xunit;

namespace Tests.Persistence.Turso;

public sealed class HranaBatchTests
{
    [Fact]
    public async Task Many_rows_are_one_round_trip_and_the_text_is_sent_once()
    {
        await using var place = await TursoPlace.Start();
        await using var connection = await place.Connect();
        var changed = 0;

        var trips = await place.RoundTrips(async () =>
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using var batch = Inserts(connection, Enumerable.Range(0, 500).Select(number => $"id {number}"));
            changed = await batch.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
        });

        Assert.Equal((2, 500), (trips, changed));
        Assert.Equal(500, await place.Count());
        var body = (await place.Requests())[2].GetProperty("body").GetString()!;
        Assert.Equal(body.IndexOf("INSERT INTO things", StringComparison.Ordinal), body.LastIndexOf("INSERT INTO things", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_statement_has_its_own_rows_and_count()
    {
        await using var place = await TursoPlace.Start();
        await using var connection = await place.Connect();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var batch = Inserts(connection, ["a", "b"]);
        Add(batch, "UPDATE things SET number = 7 RETURNING id", null);
        await using var reader = await batch.ExecuteReaderAsync();

        Assert.False(await reader.ReadAsync());
        Assert.True(await reader.NextResultAsync());
        Assert.True(await reader.NextResultAsync());
        Assert.True(await reader.ReadAsync());
        Assert.Equal("a", reader.GetString(0));
        Assert.True(await reader.ReadAsync());
        Assert.False(await reader.ReadAsync());
        Assert.False(await reader.NextResultAsync());
        Assert.Equal([1, 1, 2], batch.BatchCommands.Select(command => command.RecordsAffected));
        Assert.Equal(4, reader.RecordsAffected);
        await transaction.CommitAsync();
        Assert.Equal(2, await place.Count("number = 7"));
    }

    [Fact]
    public async Task The_first_that_fails_ends_it()
    {
        await using var place = await TursoPlace.Start();
        await using var connection = await place.Connect();
        await using (await connection.BeginTransactionAsync())
        {
            await using var batch = Inserts(connection, ["a", "b", "a", "c"]);
            var failure = await Assert.ThrowsAnyAsync<DbException>(() => batch.ExecuteNonQueryAsync());
            Assert.Contains("UNIQUE constraint failed: things.id", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, await place.Count());
    }

    [Fact]
    public async Task Without_a_transaction_it_is_refused()
    {
        await using var place = await TursoPlace.Start();
        await using var connection = await place.Connect();
        await using var batch = Inserts(connection, ["a", "b"]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => batch.ExecuteNonQueryAsync());
        Assert.Equal(0, await place.Count());
    }

    private static DbBatch Inserts(DbConnection connection, IEnumerable<string> ids)
    {
        var batch = connection.CreateBatch();
        foreach (var id in ids)
        {
            Add(batch, "INSERT INTO things (id, number) VALUES (@id, 1)", id);
        }

        return batch;
    }

    private static void Add(DbBatch batch, string sql, string? id)
    {
        var command = batch.CreateBatchCommand();
        command.CommandText = sql;
        if (id is not null)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "id";
            parameter.Value = id;
            command.Parameters.Add(parameter);
        }

        batch.BatchCommands.Add(command);
    }
}
