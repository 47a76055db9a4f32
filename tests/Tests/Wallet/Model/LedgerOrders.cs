namespace Tests.Wallet.Model;

/// <summary>Looks for an order in which the model answers what the ledger answered and ends where the ledger ended.</summary>
internal sealed class LedgerOrders(DateTimeOffset now, IReadOnlyList<string> end)
{
    // Far more than the longest burst has needed.
    private const int MostTries = 200_000;

    private readonly HashSet<string> deadEnds = [];

    /// <summary>The model after such an order; null when there is none.</summary>
    /// <param name="left">What was done, with the answer; null where any answer will do.</param>
    public LedgerModel? Explain(LedgerModel model, IReadOnlyList<(LedgerStep Step, string? Answer)> left)
    {
        var here = model.Lines().Order(StringComparer.Ordinal).ToList();
        if (left.Count == 0)
        {
            return here.SequenceEqual(end) ? model : null;
        }

        if (!deadEnds.Add($"{string.Join('\n', left.Select(one => one.Step))}\n{string.Join('\n', here)}"))
        {
            return null;
        }

        if (deadEnds.Count > MostTries)
        {
            throw new InvalidOperationException($"No order was found in {MostTries} tries, and more might be there.");
        }

        for (var next = 0; next < left.Count; next++)
        {
            var (step, answer) = left[next];
            foreach (var way in Ways(step))
            {
                var after = model.Copy();
                var said = way(after);
                if ((answer is null || said == answer) && Explain(after, [.. left.Take(next), .. left.Skip(next + 1)]) is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }

    // A hold that waited for another node's grant may not see the new lot yet: then it is decided without it.
    private IEnumerable<Func<LedgerModel, string>> Ways(LedgerStep step)
    {
        yield return model => step.Do(model, now);
        if (step is HoldStep hold)
        {
            yield return model => model.Hold(hold.Key, hold.Amount, TimeSpan.FromMilliseconds(hold.Lifetime), now, unseen: now);
        }
    }
}
