using Sandbox.Core;

namespace Sandbox.Stripe;

/// <summary>An answer as it was sent the first time.</summary>
internal sealed record StoredAnswer(int Status, byte[] Body, string RequestId);

/// <summary>
/// Remembers the answer of every keyed POST for a day of the sandbox's clock. A key is taken when its request arrives, so a second
/// one that comes before the first is answered meets a key that is in use.
/// </summary>
internal sealed class IdempotencyKeys(SandboxClock clock)
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = [];

    /// <summary>Takes the key or finds what it was used for; null while another request is running with it.</summary>
    public Entry? Take(string key)
    {
        lock (_gate)
        {
            Prune();
            if (!_entries.TryGetValue(key, out var entry))
            {
                return _entries[key] = new Entry(this, key, clock.GetUtcNow());
            }

            return entry.Answer is null ? null : entry;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _entries.Clear();
        }
    }

    private void Prune()
    {
        var now = clock.GetUtcNow();
        foreach (var (key, entry) in _entries)
        {
            if (entry.Answer is not null && now - entry.TakenAt > Kept)
            {
                _entries.Remove(key);
            }
        }
    }

    internal sealed class Entry(IdempotencyKeys keys, string key, DateTimeOffset takenAt) : IDisposable
    {
        public DateTimeOffset TakenAt => takenAt;
        public StoredAnswer? Answer { get; private set; }

        /// <summary>The address and the parameters it was first used with.</summary>
        public string? Path { get; private set; }
        public string? Fingerprint { get; private set; }

        public void Store(string path, string fingerprint, StoredAnswer answer)
        {
            lock (keys._gate)
            {
                (Path, Fingerprint, Answer) = (path, fingerprint, answer);
            }
        }

        /// <summary>Gives the key back when nothing was stored for it: a refused or broken request leaves it unused.</summary>
        public void Dispose()
        {
            lock (keys._gate)
            {
                if (Answer is null && keys._entries.GetValueOrDefault(key) == this)
                {
                    keys._entries.Remove(key);
                }
            }
        }
    }
}
