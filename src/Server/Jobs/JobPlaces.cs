using System.Collections.Concurrent;

namespace Ledgerline.Jobs;

/// <summary>The places for jobs on this node: who has one may run a job.</summary>
internal sealed class JobPlaces : IDisposable
{
    private readonly ConcurrentDictionary<string, Pool> pools = new(StringComparer.Ordinal);

    public void Dispose()
    {
        foreach (var pool in pools.Values)
        {
            pool.Dispose();
        }
    }

    /// <summary>Opens a pool's places.</summary>
    /// <param name="node">Who claims, as the table says it.</param>
    /// <param name="begin">Runs a job whose place is taken, and leaves the place at its end.</param>
    public Pool Open(string pool, int atOnce, string node, Action<Pool, JobRow> begin) => pools[pool] = new Pool(atOnce, node, begin);

    /// <summary>A place for a job that begins with its commit; null where this node runs no such jobs, or others have waited longer.</summary>
    public Pool? TryTake(string pool) => pools.TryGetValue(pool, out var places) && places.TryTake() ? places : null;

    /// <summary>The places of one pool.</summary>
    internal sealed class Pool(int atOnce, string node, Action<Pool, JobRow> begin) : IDisposable
    {
        private readonly SemaphoreSlim free = new(atOnce, atOnce);
        private volatile bool isBehind = true;
        private volatile bool isClosed;

        public string Node => node;

        /// <summary>Jobs may wait in the table for a place: the next ones are theirs.</summary>
        public bool IsBehind
        {
            set => isBehind = value;
        }

        public bool TryTake()
        {
            if (isClosed || isBehind)
            {
                return false;
            }

            if (free.Wait(0))
            {
                return true;
            }

            // Whoever gets none waits in the table, and nobody overtakes it.
            isBehind = true;
            return false;
        }

        public Task Take() => free.WaitAsync();

        public void Leave() => free.Release();

        /// <summary>How many are free, once one is.</summary>
        public async Task<int> Free(CancellationToken stop)
        {
            await free.WaitAsync(stop);
            return free.Release() + 1;
        }

        public void Begin(JobRow job) => begin(this, job);

        /// <summary>Ends once everybody has left.</summary>
        public async Task Close()
        {
            isClosed = true;
            for (var place = 0; place < atOnce; place++)
            {
                await free.WaitAsync();
            }
        }

        public void Dispose() => free.Dispose();
    }
}
