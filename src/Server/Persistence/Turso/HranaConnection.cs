using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace Ledgerline.Persistence.Turso;

/// <summary>
/// A libSQL database as ADO.NET sees it. Opening it costs nothing: each statement outside a transaction is a round trip of its own,
/// each transaction a stream. Everything that waits for the network is asynchronous only.
/// </summary>
internal sealed class HranaConnection(HranaClient client, CommitMarks marks, TimeSpan commitPatience) : DbConnection
{
    private ConnectionState state = ConnectionState.Closed;
    private HranaTransaction? current;

    [AllowNull]
    public override string ConnectionString
    {
        get => client.Address.ToString();
        set => throw new NotSupportedException("The address of a libSQL server is given once, when the database is opened.");
    }

    public override string Database => client.Address.AbsolutePath.Trim('/');
    public override string DataSource => client.Address.Host;
    public override string ServerVersion => "libSQL";
    public override ConnectionState State => state;
    public override bool CanCreateBatch => true;

    public override void Open() => state = ConnectionState.Open;

    public override void Close() => state = ConnectionState.Closed;

    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException("One address is one database.");

    public static NotSupportedException OnlyAsync() => new("A libSQL server is reached over HTTP: use the asynchronous method.");

    public void Ended(HranaTransaction transaction)
    {
        if (current == transaction)
        {
            current = null;
        }
    }

    /// <summary>Runs the statements: within the transaction when there is one, else a single one by itself.</summary>
    public async Task<IReadOnlyList<HranaResult>> Run(IReadOnlyList<HranaStatement> statements, CancellationToken stop)
    {
        if (current is not null)
        {
            return await current.Run(statements, stop);
        }

        if (statements is not [var alone])
        {
            throw new InvalidOperationException("Several statements run within a transaction, or they would be committed one by one.");
        }

        return [await RunAlone(alone, stop)];
    }

    /// <summary>Runs a script of several statements, within the transaction there must be.</summary>
    public Task Script(string sql, CancellationToken stop) => current is not null
        ? current.Script(sql, stop)
        : throw new InvalidOperationException("A script runs within a transaction, or it would be committed statement by statement.");

    public override async ValueTask DisposeAsync()
    {
        if (current is not null)
        {
            await current.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) =>
        current is null ? current = new HranaTransaction(this, client, marks, commitPatience, onlyReads: isolationLevel == IsolationLevel.Snapshot) : throw new InvalidOperationException("A transaction is open already.");

    protected override DbCommand CreateDbCommand() => new HranaCommand(this);

    protected override DbBatch CreateDbBatch() => new HranaBatch(this);

    private async Task<HranaResult> RunAlone(HranaStatement statement, CancellationToken stop)
    {
        var reads = SqlText.OnlyReads(statement.Sql);
        for (var again = false; ; again = true)
        {
            using var request = new HranaRequest(null);
            request.Batch([statement]);
            request.Close();
            try
            {
                // A read may be given up at any time, a write may not: the answer says whether it happened.
                var answer = (await client.Send(request, null, reads ? stop : CancellationToken.None)).Responses[0];
                return (answer.Error ?? answer.Steps[0].Error) is { } refused ? throw HranaException.Of(refused) : answer.Steps[0].Result ?? HranaResult.Nothing;
            }
            catch (HranaUnanswered failure) when (reads && !again && failure.Trouble == HranaTrouble.Unreachable)
            {
                // A kept connection that the server has closed meanwhile: reading twice is reading once.
            }
            catch (HranaUnanswered failure) when (reads || !failure.MayHaveRun)
            {
                throw failure.AsFailure();
            }
            catch (HranaUnanswered failure)
            {
                throw new UnknownOutcome($"Nobody knows whether the statement was run: its answer got lost. {failure.Message}", failure);
            }
        }
    }
}
