using System.Collections.Concurrent;
using Xunit;

namespace Tests.Specs;

/// <summary>What the examined exchanges showed, from any thread: how many there were and every violation.</summary>
internal sealed class SpecLog
{
    private readonly ConcurrentQueue<string> _violations = new();
    private int _exchanges;

    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>Exchanges whose request was held against a specification.</summary>
    public int Exchanges => Volatile.Read(ref _exchanges);

    public void Count() => Interlocked.Increment(ref _exchanges);

    public void Record(string? violation)
    {
        if (violation is not null)
        {
            _violations.Enqueue(violation);
        }
    }

    /// <param name="but">Parts of violations that the test itself asked for, such as an answer a fault made nonsense of.</param>
    public void AssertClean(params string[] but)
    {
        var unexpected = _violations.Where(violation => !but.Any(part => violation.Contains(part, StringComparison.Ordinal))).ToList();
        Assert.True(unexpected.Count == 0, string.Join('\n', unexpected));
    }
}
