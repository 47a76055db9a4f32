using System.Collections.Concurrent;
using Ledgerline.Http;
using Ledgerline.Kernel;

namespace Ledgerline.Realtime;

/// <summary>The streams that are open on this node, by account.</summary>
public sealed class StreamHub
{
    /// <summary>Open at once for one account on one node.</summary>
    public const int MostPerAccount = 20;

    private readonly ConcurrentDictionary<AccountId, OpenStream[]> streams = new();
    private readonly Lock gate = new();
    private int count;
    private volatile bool closed;

    public StreamHub(IHostApplicationLifetime lifetime) => lifetime.ApplicationStopping.Register(CloseAll);

    /// <summary>How many are open.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>What was committed last, of accounts with open streams.</summary>
    internal RecentEvents Recent { get; } = new();

    internal IEnumerable<OpenStream> All => streams.Values.SelectMany(open => open);

    internal IReadOnlyList<AccountId> Accounts => [.. streams.Keys];

    /// <summary>This is new for the account's streams.</summary>
    internal void Deliver(AccountId account, IReadOnlyList<EventRow> events)
    {
        if (streams.ContainsKey(account))
        {
            Recent.Add(account, events);
            if (!streams.ContainsKey(account))
            {
                // The last one closed meanwhile, and has forgotten them already.
                Recent.Forget(account);
            }

            Wake(account);
        }
    }

    /// <summary>Something new may be there for this account's streams.</summary>
    public void Wake(AccountId account)
    {
        foreach (var stream in Of(account))
        {
            stream.Wake();
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

    internal IReadOnlyList<OpenStream> Of(AccountId account) => streams.TryGetValue(account, out var open) ? open : [];

    /// <summary>Null when the account has as many as it may.</summary>
    internal OpenStream? Open(CurrentAccount account, Func<OpenStream> make)
    {
        lock (gate)
        {
            var open = streams.GetValueOrDefault(account.Id) ?? [];
            if (open.Length >= MostPerAccount)
            {
                return null;
            }

            var stream = make();
            streams[account.Id] = [.. open, stream];
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
            OpenStream[] left = [.. streams.GetValueOrDefault(stream.Account.Id, []).Where(other => other != stream)];
            if (left.Length == 0)
            {
                streams.TryRemove(stream.Account.Id, out _);
                Recent.Forget(stream.Account.Id);
            }
            else
            {
                streams[stream.Account.Id] = left;
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
