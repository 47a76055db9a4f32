namespace Sandbox.Replies;

/// <summary>The scripted replies of each provider: of those that fit a request, the oldest answers it.</summary>
internal sealed class ReplyScripts
{
    private readonly Lock _gate = new();
    private readonly List<(string Provider, NextReply Reply)> _waiting = [];

    public void Add(string provider, NextReply reply)
    {
        lock (_gate)
        {
            _waiting.Add((provider, reply));
        }
    }

    /// <summary>The reply for a request whose last user text is this, used up by one; null when none is scripted.</summary>
    public NextReply? Take(string provider, string asked)
    {
        lock (_gate)
        {
            var at = _waiting.FindIndex(one => one.Provider == provider && (one.Reply.When is null || asked.Contains(one.Reply.When, StringComparison.Ordinal)));
            if (at < 0)
            {
                return null;
            }

            var reply = _waiting[at].Reply;
            if (reply.Times <= 1)
            {
                _waiting.RemoveAt(at);
            }
            else
            {
                _waiting[at] = (provider, reply with { Times = reply.Times - 1 });
            }

            return reply;
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<NextReply> List(string provider)
    {
        lock (_gate)
        {
            return [.. Enumerable.Reverse(_waiting).Where(one => one.Provider == provider).Select(one => one.Reply)];
        }
    }

    public void Clear(string provider)
    {
        lock (_gate)
        {
            _waiting.RemoveAll(one => one.Provider == provider);
        }
    }
}
