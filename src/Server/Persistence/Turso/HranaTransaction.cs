using System.Data;
using System.Data.Common;

namespace Ledgerline.Persistence.Turso;

/// <summary>
/// A transaction on a stream of its own. It begins with its first statement, in one round trip; its statements can only run within
/// it; and a commit whose answer got lost is looked up before anybody is told that it failed.
/// </summary>
/// <param name="onlyReads">Sees one moment and takes no lock; it is not to be committed.</param>
internal sealed class HranaTransaction(HranaConnection connection, HranaClient client, CommitMarks marks, TimeSpan patience, bool onlyReads = false)
    : DbTransaction
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private string? baton;
    private Uri? at;
    private bool begun;
    private bool failed;
    private bool over;

    public override IsolationLevel IsolationLevel => IsolationLevel.Serializable;

    protected override DbConnection DbConnection => connection;

    /// <summary>Runs the statements in order, up to the first that fails.</summary>
    public async Task<IReadOnlyList<HranaResult>> Run(IReadOnlyList<HranaStatement> statements, CancellationToken stop)
    {
        ObjectDisposedException.ThrowIf(over, this);
        stop.ThrowIfCancellationRequested();
        List<HranaStatement> steps = begun ? [] : onlyReads ? [HranaStatement.Of("BEGIN")] : [HranaStatement.Of("BEGIN IMMEDIATE"), .. marks.Prepare()];
        var first = steps.Count;
        foreach (var statement in statements)
        {
            steps.Add(statement with { When = steps.Count == 0 ? HranaCondition.InTransaction : HranaCondition.AfterSuccess });
        }

        using var request = new HranaRequest(baton);
        request.Batch(steps);
        var answer = (await Ask(request)).Responses[request.BatchAt];
        if (answer.Error is { } refused)
        {
            throw Fail(refused);
        }

        begun |= answer.Steps[0].Error is null;
        // Each is looked at, also those whose results nobody wants: the first that failed is the reason of all that did not run.
        var results = answer.Steps.Select(Result).ToList();
        return results.GetRange(first, results.Count - first);
    }

    /// <summary>Runs a script of several statements.</summary>
    public async Task Script(string sql, CancellationToken stop)
    {
        if (failed)
        {
            // A script cannot be made to run within the transaction only, and some failures end a transaction.
            throw new InvalidOperationException("A script cannot follow a failed statement in the same transaction.");
        }

        if (!begun)
        {
            await Run([], stop);
        }

        using var request = new HranaRequest(baton);
        request.Sequence(sql);
        if ((await Ask(request)).Responses[0].Error is { } refused)
        {
            throw Fail(refused);
        }
    }

    /// <exception cref="UnknownOutcome">No answer came, and the database could not be asked afterwards either.</exception>
    public override async Task CommitAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(over, this);
        End();
        if (!begun)
        {
            return;
        }

        var number = marks.Next();
        using var request = new HranaRequest(baton);
        request.Batch([
            marks.Write(number), HranaStatement.Of("COMMIT", HranaCondition.AfterSuccess), HranaStatement.Of("ROLLBACK", HranaCondition.InTransaction)]);
        request.Close();
        try
        {
            // Not given up half-way: then nobody would know what became of it.
            var answer = await client.Send(request, at, CancellationToken.None);
            Check(answer.Responses[0]);
        }
        catch (HranaUnanswered failure) when (!failure.MayHaveRun)
        {
            throw failure.AsFailure();
        }
        catch (HranaUnanswered failure)
        {
            if (!await WasCommitted(number, failure))
            {
                throw HranaException.Lost(failure.Message, failure);
            }
        }

        marks.Committed();
    }

    public override async Task RollbackAsync(CancellationToken cancellationToken = default)
    {
        if (over)
        {
            return;
        }

        End();
        if (baton is null)
        {
            return;
        }

        using var request = new HranaRequest(baton);
        if (begun)
        {
            request.Batch([HranaStatement.Of("ROLLBACK", HranaCondition.InTransaction)]);
        }

        request.Close();
        try
        {
            await client.Send(request, at, CancellationToken.None);
        }
        catch (HranaUnanswered)
        {
            // A stream that nobody goes on with is rolled back by the server.
        }
    }

    public override void Commit() => throw HranaConnection.OnlyAsync();

    public override void Rollback() => throw HranaConnection.OnlyAsync();

    public override async ValueTask DisposeAsync()
    {
        await RollbackAsync();
        await base.DisposeAsync();
    }

    private static void Check(HranaResponse answer)
    {
        if ((answer.Error ?? answer.Steps[0].Error ?? answer.Steps[1].Error) is { } refused)
        {
            throw HranaException.Of(refused);
        }

        if (answer.Steps[1].WasSkipped)
        {
            throw HranaException.Lost("the server had ended it.");
        }
    }

    // What is sent is not called back when the caller gives up: the answer brings the baton without which the lock is held on.
    private async Task<HranaAnswer> Ask(HranaRequest request)
    {
        try
        {
            var answer = await client.Send(request, at, CancellationToken.None);
            baton = answer.Baton;
            at = client.Follow(at, answer.BaseUrl);
            return answer;
        }
        catch (HranaUnanswered failure)
        {
            baton = null;
            End();
            throw failure.AsFailure();
        }
    }

    private HranaResult Result(HranaStep step)
    {
        if (step.Error is { } refused)
        {
            throw Fail(refused);
        }

        if (step.Result is { } result)
        {
            return result;
        }

        failed = true;
        throw HranaException.Lost("the server had ended it.");
    }

    private HranaException Fail(HranaError error)
    {
        failed = true;
        return HranaException.Of(error);
    }

    /// <summary>
    /// Takes the write lock and looks for the mark. While the lost transaction is open, it has that lock; so whoever gets it sees
    /// either that the commit happened, or that it never will.
    /// </summary>
    private async Task<bool> WasCommitted(long number, HranaUnanswered failure)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var request = new HranaRequest(null);
            request.Batch([HranaStatement.Of("BEGIN IMMEDIATE"), marks.Read(), HranaStatement.Of("ROLLBACK", HranaCondition.InTransaction)]);
            request.Close();
            try
            {
                var answer = (await client.Send(request, null, CancellationToken.None)).Responses[request.BatchAt];
                if (answer.Steps is [_, { Result: { } found }, ..])
                {
                    return found.Rows is [[long last]] && last == number;
                }

                if (answer.Steps is [{ Error: null }, { Error.Message: var reason }, ..] && reason.Contains("no such table", StringComparison.Ordinal))
                {
                    // The first transaction makes it: this one cannot have been committed.
                    return false;
                }
            }
            catch (HranaUnanswered)
            {
                // Asking again is safe: nothing but looking has been done.
            }

            if (TimeProvider.System.GetElapsedTime(started) > patience)
            {
                throw new UnknownOutcome($"Nobody knows whether the transaction was committed: its answer got lost, and the database cannot be asked. {failure.Message}", failure);
            }

            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    private void End()
    {
        over = true;
        connection.Ended(this);
    }
}
