using System.Collections.Concurrent;

namespace Ledgerline.Jobs;

/// <summary>
/// What this node works on, held against what the table says it does: the answer to a claim may get lost, and the end of a job may not
/// be written while the database is away. What is nobody's work then is given back.
/// </summary>
internal sealed class JobsInHand
{
    // A claim that is on its way has a row before it is in hand.
    private const int Looks = 3;

    private readonly ConcurrentDictionary<long, bool> inHand = new();
    private Dictionary<long, int> strays = [];

    public bool Any => !inHand.IsEmpty;

    public void Take(long id) => inHand[id] = true;

    public void Leave(long id) => inHand.TryRemove(id, out _);

    /// <summary>Those of these rows that were not in hand at this look and at those before it.</summary>
    public IReadOnlyList<long> Strays(IReadOnlyList<long> claimed)
    {
        strays = claimed.Where(id => !inHand.ContainsKey(id)).ToDictionary(id => id, id => strays.GetValueOrDefault(id) + 1);
        return [.. strays.Where(stray => stray.Value >= Looks).Select(stray => stray.Key)];
    }
}
