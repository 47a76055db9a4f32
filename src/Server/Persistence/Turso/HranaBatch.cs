using System.Collections;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace Ledgerline.Persistence.Turso;

/// <summary>Many statements in one round trip, within the connection's transaction. The first that fails ends it; those after it do not run.</summary>
internal sealed class HranaBatch(HranaConnection connection) : DbBatch
{
    private readonly HranaBatchCommands commands = [];

    public override int Timeout { get; set; }

    protected override DbBatchCommandCollection DbBatchCommands => commands;
    protected override DbTransaction? DbTransaction { get; set; }

    protected override DbConnection? DbConnection
    {
        get => connection;
        set => throw new NotSupportedException("A batch stays with the connection that made it.");
    }

    public override async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken = default) =>
        (int)(await Run(wantRows: false, cancellationToken)).Sum(result => result.Changed);

    public override async Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken = default) =>
        (await Run(wantRows: true, cancellationToken)) is [{ Rows: [[var value, ..], ..] }, ..] ? value ?? DBNull.Value : null;

    public override int ExecuteNonQuery() => throw HranaConnection.OnlyAsync();

    public override object? ExecuteScalar() => throw HranaConnection.OnlyAsync();

    public override void Prepare()
    {
    }

    public override Task PrepareAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public override void Cancel()
    {
    }

    protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) =>
        new HranaReader(await Run(wantRows: true, cancellationToken));

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => throw HranaConnection.OnlyAsync();

    protected override DbBatchCommand CreateDbBatchCommand() => new HranaBatchCommand();

    private async Task<IReadOnlyList<HranaResult>> Run(bool wantRows, CancellationToken stop)
    {
        if (commands.Count == 0)
        {
            return [];
        }

        var results = await connection.Run([.. commands.All.Select(command => new HranaStatement(command.CommandText, command.Arguments, wantRows))], stop);
        for (var at = 0; at < results.Count; at++)
        {
            commands.All[at].Changed = (int)results[at].Changed;
        }

        return results;
    }
}

/// <summary>One statement of a batch.</summary>
internal sealed class HranaBatchCommand : DbBatchCommand
{
    private readonly HranaParameters parameters = [];

    [AllowNull]
    public override string CommandText { get; set; } = "";

    public override CommandType CommandType { get; set; } = CommandType.Text;
    public override int RecordsAffected => Changed;
    public override bool CanCreateParameter => true;

    public int Changed { get; set; }

    public IReadOnlyList<KeyValuePair<string, object?>> Arguments => parameters.Arguments;

    protected override DbParameterCollection DbParameterCollection => parameters;

    public override DbParameter CreateParameter() => new HranaParameter();
}

/// <summary>The statements of a batch, in their order.</summary>
internal sealed class HranaBatchCommands : DbBatchCommandCollection, IEnumerable<HranaBatchCommand>
{
    public List<HranaBatchCommand> All { get; } = [];

    public override int Count => All.Count;
    public override bool IsReadOnly => false;

    public override void Add(DbBatchCommand item) => All.Add((HranaBatchCommand)item);

    public override void Clear() => All.Clear();

    public override bool Contains(DbBatchCommand item) => All.Contains((HranaBatchCommand)item);

    public override void CopyTo(DbBatchCommand[] array, int arrayIndex) => ((ICollection)All).CopyTo(array, arrayIndex);

    public override IEnumerator<DbBatchCommand> GetEnumerator() => All.GetEnumerator();

    public override int IndexOf(DbBatchCommand item) => All.IndexOf((HranaBatchCommand)item);

    public override void Insert(int index, DbBatchCommand item) => All.Insert(index, (HranaBatchCommand)item);

    public override bool Remove(DbBatchCommand item) => All.Remove((HranaBatchCommand)item);

    public override void RemoveAt(int index) => All.RemoveAt(index);

    IEnumerator<HranaBatchCommand> IEnumerable<HranaBatchCommand>.GetEnumerator() => All.GetEnumerator();

    protected override DbBatchCommand GetBatchCommand(int index) => All[index];

    protected override void SetBatchCommand(int index, DbBatchCommand batchCommand) => All[index] = (HranaBatchCommand)batchCommand;
}
