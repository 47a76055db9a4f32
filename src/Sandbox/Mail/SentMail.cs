namespace Sandbox.Mail;

/// <summary>The ids that were given out, by idempotency key.</summary>
internal sealed class SentMail
{
    internal enum Outcome
    {
        New,
        Repeated,
        Conflict,
    }

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Id, string Fingerprint)> _byKey = [];

    /// <summary>The id for this request, and whether it is to be sent; an empty key always is.</summary>
    public (string Id, Outcome Outcome) Once(string key, string fingerprint)
    {
        var id = Guid.NewGuid().ToString();
        if (key.Length == 0)
        {
            return (id, Outcome.New);
        }

        lock (_gate)
        {
            if (_byKey.TryAdd(key, (id, fingerprint)))
            {
                return (id, Outcome.New);
            }

            var known = _byKey[key];
            return (known.Id, known.Fingerprint == fingerprint ? Outcome.Repeated : Outcome.Conflict);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _byKey.Clear();
        }
    }
}
