using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace Ledgerline.Persistence.Turso;

/// <summary>One SQL statement with named parameters, or a script of several without.</summary>
internal sealed class HranaCommand(HranaConnection connection) : DbCommand
{
    private readonly HranaParameters parameters = [];

    [AllowNull]
    public override string CommandText { get; set; } = "";

    public override int CommandTimeout { get; set; }
    public override CommandType CommandType { get; set; } = CommandType.Text;
    public override bool DesignTimeVisible { get; set; }
    public override UpdateRowSource UpdatedRowSource { get; set; }

    protected override DbConnection? DbConnection
    {
        get => connection;
        set => throw new NotSupportedException("A command stays with the connection that made it.");
    }

    protected override DbTransaction? DbTransaction { get; set; }
    protected override DbParameterCollection DbParameterCollection => parameters;

    public override async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken) =>
        (int)(await Run(wantRows: false, cancellationToken)).Changed;

    public override async Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken) =>
        (await Run(wantRows: true, cancellationToken)).Rows is [[var value, ..], ..] ? value ?? DBNull.Value : null;

    public override int ExecuteNonQuery() => throw HranaConnection.OnlyAsync();

    public override object? ExecuteScalar() => throw HranaConnection.OnlyAsync();

    public override void Prepare()
    {
    }

    public override void Cancel()
    {
    }

    protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) =>
        new HranaReader([await Run(wantRows: true, cancellationToken)]);

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => throw HranaConnection.OnlyAsync();

    protected override DbParameter CreateDbParameter() => new HranaParameter();

    private async Task<HranaResult> Run(bool wantRows, CancellationToken stop)
    {
        if (parameters.Count == 0 && SqlText.IsScript(CommandText))
        {
            await connection.Script(CommandText, stop);
            return HranaResult.Nothing;
        }

        // A server refuses arguments that its statement does not name; the other engines' drivers pass over them.
        var named = parameters.Arguments.Where(argument => SqlText.Names(CommandText, argument.Key)).ToList();
        return (await connection.Run([new HranaStatement(CommandText, named, wantRows)], stop))[0];
    }
}
