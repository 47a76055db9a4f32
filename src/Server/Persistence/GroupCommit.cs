using System.Threading.Channels;

namespace Ledgerline.Persistence;

/// <summary>
/// Rows that are written one by one, made durable together: whatever waits on this node shares a transaction, so that one flush of
/// the disk serves many. A caller goes on when its own row is durable, or hears its own failure.
/// </summary>
/// <param name="lane">Names what must not be written by two transactions at once.</param>
/// <param name="write">
/// Writes them all; it may run again with fewer of them, so it must have no effect outside the transaction, and it must find again what a
/// transaction has written that only seemed to fail.
/// </param>
public sealed class GroupCommit<T>(Database database, Func<T, string> lane, Func<Transaction, IReadOnlyList<T>, Task> write)
{
    /// <summary>More would make the last one wait for no gain.</summary>
    private const int MostAtOnce = 1000;

    /// <summary>Beyond so many a caller waits outside.</summary>
    private const int MostWaiting = 10_000;

    /// <summary>So many failing one by one mean that the database is gone, not that they are at fault.</summary>
    private const int Hopeless = 3;

    private readonly Lane[] lanes = [.. Enumerable.Range(0, database.Writers).Select(_ => new Lane(database, write))];

    /// <summary>Ends when the row is durable. Called off while it still queues up outside, it is not written; later it is.</summary>
    public async Task Write(T row, CancellationToken stop)
    {
        var waiting = new Waiting(row);
        await lanes[lanes.Length == 1 ? 0 : (lane(row).GetHashCode(StringComparison.Ordinal) & int.MaxValue) % lanes.Length].Add(waiting, stop);
        await waiting.Done.Task;
    }

    private sealed record Waiting(T Row)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Lane(Database database, Func<Transaction, IReadOnlyList<T>, Task> write)
    {
        private readonly Channel<Waiting> queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
        private int running;

        public async ValueTask Add(Waiting waiting, CancellationToken stop)
        {
            if (!queue.Writer.TryWrite(waiting))
            {
                await queue.Writer.WriteAsync(waiting, stop);
            }

            if (Interlocked.Exchange(ref running, 1) == 0)
            {
                _ = Task.Run(Drain, CancellationToken.None);
            }
        }

        private async Task Drain()
        {
            List<Waiting> together = [];
            while (true)
            {
                together.Clear();
                while (together.Count < MostAtOnce && queue.Reader.TryRead(out var next))
                {
                    together.Add(next);
                }

                if (together.Count > 0)
                {
                    await WriteAll(together);
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

        private async Task WriteAll(List<Waiting> together)
        {
            if (await Try(together) is not { } failure)
            {
                return;
            }

            if (together is [var only])
            {
                only.Done.SetException(failure);
                return;
            }

            // So that what is wrong with one is told to that one.
            var failed = 0;
            foreach (var one in together)
            {
                failure = failed < Hopeless ? await Try([one]) : failure;
                failed = failure is null ? 0 : failed + 1;
                if (failure is not null)
                {
                    one.Done.SetException(failure);
                }
            }
        }

        private async Task<Exception?> Try(List<Waiting> together)
        {
            try
            {
                await database.Write(transaction => write(transaction, [.. together.Select(one => one.Row)]), CancellationToken.None);
            }
            catch (Exception failure)
            {
                return failure;
            }

            together.ForEach(one => one.Done.SetResult());
            return null;
        }
    }
}
