namespace Ledgerline.Persistence.Audit;

/// <summary>What an audit came to, whoever had a part in it.</summary>
public sealed class AuditReport
{
    private readonly List<string> differences = [], warnings = [], counted = [];

    /// <summary>One sentence each.</summary>
    public IReadOnlyList<string> Differences => differences;

    /// <summary>What is no difference, but somebody should look at.</summary>
    public IReadOnlyList<string> Warnings => warnings;

    /// <summary>What was added up again, as <c>3 wallets</c>.</summary>
    public IReadOnlyList<string> Counted => counted;

    /// <summary>How many, though not every one may be listed.</summary>
    public long DifferenceCount { get; private set; }

    public void Count(long number, string ofWhat) => counted.Add($"{number} {ofWhat}");

    /// <summary>Finds what breaks these laws.</summary>
    public async Task Check(Session session, IEnumerable<Law> laws, DateTimeOffset now, CancellationToken stop = default)
    {
        foreach (var law in laws)
        {
            var (sentences, count) = await law.Check(session, now, stop);
            differences.AddRange(sentences);
            DifferenceCount += count;
        }
    }

    /// <summary>Finds what these laws would rather not see.</summary>
    public async Task Warn(Session session, IEnumerable<Law> laws, DateTimeOffset now, CancellationToken stop = default)
    {
        foreach (var law in laws)
        {
            warnings.AddRange((await law.Check(session, now, stop)).Sentences);
        }
    }

    /// <summary>What to print: every difference, every warning, and at last what it came to.</summary>
    public IReadOnlyList<string> Lines()
    {
        var readded = counted.Count < 2 ? string.Concat(counted) : $"{string.Join(", ", counted.SkipLast(1))} and {counted[^1]}";
        var verdict = DifferenceCount == 0 ? "Every book balances" : DifferenceCount == 1 ? "1 difference" : $"{DifferenceCount} differences";
        return [.. differences, .. warnings.Select(warning => $"Warning: {warning}"), $"{verdict}: {readded} were added up again."];
    }
}
