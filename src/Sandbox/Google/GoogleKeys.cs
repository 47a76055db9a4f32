using System.Collections.Concurrent;

namespace Sandbox.Google;

/// <summary>The two keys that are published at a time; the first signs.</summary>
internal sealed class GoogleKeys
{
    // Making a key costs a tenth of a second, on a busy machine many times that: they are made before somebody waits for a sign-in, and
    // every sandbox of a process takes the same in turn.
    private static readonly ConcurrentDictionary<int, Lazy<GoogleKey>> Pool = new();

    private readonly Lock _gate = new();
    private int _first = 1;
    private int _second = 2;

    public GoogleKeys() => Task.Run(() => Published);

    public IReadOnlyList<GoogleKey> Published
    {
        get
        {
            lock (_gate)
            {
                return [Take(_first), Take(_second)];
            }
        }
    }

    public GoogleKey Signing => Published[0];

    /// <summary>A key that is never published, for forged tokens.</summary>
    public static GoogleKey Stranger => Take(0);

    /// <summary>Replaces both keys, so that whoever kept the old ones knows none of the new; gently, only the older goes.</summary>
    public void Rotate(bool gently)
    {
        lock (_gate)
        {
            (_first, _second) = gently ? (_second, _second + 1) : (_second + 1, _second + 2);
            (_, _) = (Take(_first), Take(_second));
        }
    }

    private static GoogleKey Take(int number) => Pool.GetOrAdd(number, _ => new Lazy<GoogleKey>(() => new GoogleKey())).Value;
}
