using System.Collections.Concurrent;
using Ledgerline.Kernel;

namespace Ledgerline.Realtime;

/// <summary>
/// The last events of accounts that are listened to on this node, as this node has committed them: a stream that has everything up to
/// one of them need not look at the rows. A gap, where another node wrote, is no place to go on from.
/// </summary>
internal sealed class RecentEvents
{
    private const int MostKept = 32;

    private readonly ConcurrentDictionary<AccountId, EventRow[]> recent = new();

    /// <summary>Adds what was committed; commits of an account may be told in another order than they happened.</summary>
    public void Add(AccountId account, IReadOnlyList<EventRow> events) => recent.AddOrUpdate(
        account,
        _ => Last(events),
        (_, known) => Last([.. known.Concat(events).OrderBy(row => row.Id)]));

    /// <summary>What follows this number without a gap; null when this node cannot know.</summary>
    /// <param name="isAll">This node has committed nothing later.</param>
    public IReadOnlyList<EventRow>? After(AccountId account, long position, out bool isAll)
    {
        isAll = false;
        if (!recent.TryGetValue(account, out var known))
        {
            return null;
        }

        var from = Array.FindIndex(known, row => row.Id > position);
        if (from < 0 || known[from].Id != position + 1)
        {
            return null;
        }

        var until = from + 1;
        while (until < known.Length && known[until].Id == known[until - 1].Id + 1)
        {
            until++;
        }

        isAll = until == known.Length;
        return known[from..until];
    }

    /// <summary>Nobody listens any more.</summary>
    public void Forget(AccountId account) => recent.TryRemove(account, out _);

    private static EventRow[] Last(IReadOnlyList<EventRow> events) => [.. events.Skip(events.Count - MostKept)];
}
