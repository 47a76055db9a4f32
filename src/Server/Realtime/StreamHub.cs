using System.Collections.Concurrent;
using Ledgerline.Kernel;

namespace Ledgerline.Realtime;

/// <summary>The streams that are open on this node, by account.</summary>
public sealed class StreamHub
{
    /// <summary>Open at once for one account on one node.</summary>
    public const int MostPerAccount = 20;

    private readonly ConcurrentDictionary<AccountId, AccountStreams> streams = new();
    private readonly Lock gate = new();
    private int count;
    private volatile bool closed;

    public StreamHub(IHostApplicationLifetime lifetime) => lifetime.ApplicationStopping.Register(CloseAll);

    /// <summary>How many are open.</summary>
    public int Count => Volatile.Read(ref count);

    internal IEnumerable<OpenStream> All => streams.Values.SelectMany(one => one.Open);

    internal IReadOnlyList<AccountId> Accounts => [.. streams.Keys];

    /// <summary>This is new for the account's streams.</summary>
    internal void Deliver(AccountId account, IReadOnlyList<EventRow> events)
    {
        if (streams.TryGetValue(account, out var here))
        {
            here.Add(events);
            here.Wake();
        }
    }

    /// <summary>The account's last event has this number now.</summary>
    internal void Wake(AccountId account, long last)
    {
        foreach (var stream in Of(account))
        {
            if (stream.Position < last)
            {
                stream.Hear(last);
                stream.Wake();
            }
        }
    }

    internal IReadOnlyList<OpenStream> Of(AccountId account) => streams.TryGetValue(account, out var here) ? here.Open : [];

    /// <summary>Null when the account has as many as it may.</summary>
    internal OpenStream? Open(AccountId account, Func<AccountStreams, OpenStream> make)
    {
        lock (gate)
        {
            var here = streams.GetValueOrDefault(account) ?? new AccountStreams(this, account);
            if (here.Open.Length >= MostPerAccount)
            {
                return null;
            }

            var stream = make(here);
            here.Open = [.. here.Open, stream];
            streams[account] = here;
            count++;
            if (closed)
            {
                stream.Close();
            }

            return stream;
        }
    }

    internal void Remove(OpenStream stream)
    {
        lock (gate)
        {
            var here = stream.Siblings;
            here.Open = [.. here.Open.Where(other => other != stream)];
            if (here.Open.Length == 0)
            {
                streams.TryRemove(here.Account, out _);
            }

            count--;
        }
    }

    private void CloseAll()
    {
        closed = true;
        foreach (var stream in All)
        {
            stream.Close();
        }
    }
}
