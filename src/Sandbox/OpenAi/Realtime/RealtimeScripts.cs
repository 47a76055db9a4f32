namespace Sandbox.OpenAi.Realtime;

/// <summary>The scripts that wait for their sessions, oldest first.</summary>
internal sealed class RealtimeScripts
{
    private readonly Lock _gate = new();
    private readonly List<RealtimeScript> _waiting = [];

    public void Add(RealtimeScript script)
    {
        lock (_gate)
        {
            _waiting.Add(script);
        }
    }

    /// <summary>The script of a session that connects, of which nothing is known yet.</summary>
    public RealtimeScript? ForAny() => Take(script => script.Match is null);

    /// <summary>The script of a session whose instructions are known.</summary>
    public RealtimeScript? For(string instructions) => Take(script => script.Match is { } words && instructions.Contains(words, StringComparison.Ordinal));

    public void Clear()
    {
        lock (_gate)
        {
            _waiting.Clear();
        }
    }

    private RealtimeScript? Take(Predicate<RealtimeScript> fits)
    {
        lock (_gate)
        {
            var at = _waiting.FindIndex(fits);
            if (at < 0)
            {
                return null;
            }

            var script = _waiting[at];
            if (script.Times <= 1)
            {
                _waiting.RemoveAt(at);
            }
            else
            {
                _waiting[at] = script with { Times = script.Times - 1 };
            }

            return script;
        }
    }
}
