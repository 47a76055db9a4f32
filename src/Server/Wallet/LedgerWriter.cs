using System.Threading.Channels;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>
/// Group commit: operations of this node queue up, and each transaction takes all that wait, some hundreds when it is busy, so that
/// one flush of the disk makes all of them durable. Each caller gets its own answer or refusal, once that is so.
/// </summary>
internal sealed class LedgerWriter
{
    /// <summary>More would make the last one wait for no gain.</summary>
    private const int MostAtOnce = 4000;

    /// <summary>Beyond so many a caller waits outside before it queues up.</summary>
    private const int MostWaiting = 20_000;

    /// <summary>So many failing one by one in the same way mean that the database is gone, not that they are at fault.</summary>
    private const int Hopeless = 3;

    private readonly Database database;
    private readonly LedgerBatch batch;
    private readonly Lane[] lanes;

    public LedgerWriter(Database database, LedgerBatch batch)
    {
        (this.database, this.batch) = (database, batch);
        lanes = [.. Enumerable.Range(0, database.Writers).Select(_ => new Lane(this))];
    }

    /// <summary>How many wait to be written.</summary>
    public int Waiting => lanes.Sum(lane => lane.Waiting);

    /// <summary>Ends when the operation is durable. Called off, it did not happen, unless it was being written already.</summary>
    public Task<T> Do<T>(LedgerOperation<T> operation, CancellationToken stop)
    {
        // An account's operations meet in one lane, so that lanes do not wait for each other's locks.
        var lane = lanes[lanes.Length == 1 ? 0 : (operation.Account.GetHashCode() & int.MaxValue) % lanes.Length];
        return lane.TryAdd(operation, stop) ? operation.Done : Wait(lane, operation, stop);
    }

    private static async Task<T> Wait<T>(Lane lane, LedgerOperation<T> operation, CancellationToken stop)
    {
        await lane.Add(operation, stop);
        return await operation.Done;
    }

    private async Task Write(List<(LedgerOperation Operation, CancellationToken Stop)> waiting)
    {
        List<LedgerOperation> operations = new(waiting.Count);
        foreach (var (operation, stop) in waiting)
        {
            if (stop.IsCancellationRequested)
            {
                operation.Cancel(stop);
            }
            else
            {
                operations.Add(operation);
            }
        }

        operations = await Reserve(operations);
        if (operations.Count == 0 || await Try(operations, careful: false) is not { } failure)
        {
            return;
        }

        // Most often a key that was used before, which is now looked up first.
        if (database.IsDuplicate(failure) && await Try(operations, careful: true) is null)
        {
            return;
        }

        await OneByOne(operations);
    }

    // So that what is wrong with one is told to that one.
    private async Task OneByOne(List<LedgerOperation> operations)
    {
        var failed = 0;
        for (var i = 0; i < operations.Count; i++)
        {
            var failure = await Try([operations[i]], careful: true);
            failed = failure is null ? 0 : failed + 1;
            if (failure is not null)
            {
                operations[i].Fail(failure);
            }

            if (failed == Hopeless && i + 1 < operations.Count)
            {
                operations.GetRange(i + 1, operations.Count - i - 1).ForEach(operation => operation.Fail(failure!));
                return;
            }
        }
    }

    // Answers what is left to do: all of it after a failure, of which the longer way finds out whose it is.
    private async Task<List<LedgerOperation>> Reserve(List<LedgerOperation> operations)
    {
        if (!operations.Exists(operation => operation.ReservesMicro > 0))
        {
            return operations;
        }

        List<LedgerOperation> made;
        try
        {
            made = await database.Write(transaction => batch.Reserve(transaction, operations, CancellationToken.None), CancellationToken.None);
        }
        catch (Exception)
        {
            return operations;
        }

        made.ForEach(operation => operation.Answer());
        return made.Count == operations.Count ? [] : [.. operations.Except(made)];
    }

    private async Task<Exception?> Try(List<LedgerOperation> operations, bool careful)
    {
        try
        {
            await database.Write(transaction => batch.Apply(transaction, operations, careful, CancellationToken.None), CancellationToken.None);
        }
        catch (Exception failure)
        {
            return failure;
        }

        operations.ForEach(operation => operation.Answer());
        return null;
    }

    private sealed class Lane(LedgerWriter writer)
    {
        private readonly Channel<(LedgerOperation, CancellationToken)> queue = Channel.CreateBounded<(LedgerOperation, CancellationToken)>(
            new BoundedChannelOptions(MostWaiting) { SingleReader = true });
        private int running;

        public int Waiting => queue.Reader.Count;

        public bool TryAdd(LedgerOperation operation, CancellationToken stop)
        {
            var added = queue.Writer.TryWrite((operation, stop));
            if (added)
            {
                Start();
            }

            return added;
        }

        /// <summary>Waits for room.</summary>
        public async ValueTask Add(LedgerOperation operation, CancellationToken stop)
        {
            await queue.Writer.WriteAsync((operation, stop), stop);
            Start();
        }

        private void Start()
        {
            if (Interlocked.Exchange(ref running, 1) == 0)
            {
                _ = Task.Run(Drain);
            }
        }

        private async Task Drain()
        {
            List<(LedgerOperation, CancellationToken)> waiting = [];
            while (true)
            {
                waiting.Clear();
                while (waiting.Count < MostAtOnce && queue.Reader.TryRead(out var next))
                {
                    waiting.Add(next);
                }

                if (waiting.Count > 0)
                {
                    await writer.Write(waiting);
                    continue;
                }

                Interlocked.Exchange(ref running, 0);
                // Somebody may have added between the look and the word that nobody is at work.
                if (queue.Reader.Count == 0 || Interlocked.Exchange(ref running, 1) != 0)
                {
                    return;
                }
            }
        }
    }
}
