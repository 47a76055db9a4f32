namespace Sandbox.Core;

/// <summary>Whether a fault strikes before the provider did anything, or after it did and before it answered.</summary>
internal enum FaultMoment
{
    Before,
    After,
}

/// <summary>What goes wrong with the next matching requests. The delay is real time, whatever the sandbox's clock says.</summary>
internal sealed record Fault
{
    public string Id { get; init; } = Ids.New("fault_", 12);
    public string Provider { get; init; } = "";

    /// <summary>A part of the provider's path; all paths when it is missing.</summary>
    public string? Path { get; init; }
    public string? Method { get; init; }

    /// <summary>How many requests it still strikes.</summary>
    public int Times { get; init; } = 1;
    public FaultMoment When { get; init; }
    public int? Status { get; init; }
    public int? DelayMs { get; init; }

    /// <summary>Cuts the connection without an answer.</summary>
    public bool Drop { get; init; }

    /// <summary>Sends the first half of the real answer's body, then cuts the connection.</summary>
    public bool Truncate { get; init; }

    /// <summary>Strikes in the middle of a stream: so many events pass; then the delay, and the error as an event, the body as it stands, or the cut.</summary>
    public int? AfterEvents { get; init; }

    /// <summary>Sent as it stands instead of the answer: nonsense, another shape, half a JSON.</summary>
    public string? Body { get; init; }
    public Dictionary<string, string>? Headers { get; init; }

    public bool AnswersItself => Status is not null || Body is not null;

    public bool Fits(string provider, string method, string path) =>
        provider == Provider
        && (Method is null || string.Equals(method, Method, StringComparison.OrdinalIgnoreCase))
        && (Path is null || path.Contains(Path, StringComparison.Ordinal));
}

/// <summary>The faults that wait for their requests, oldest first.</summary>
internal sealed class Faults
{
    private readonly Lock _gate = new();
    private readonly List<Fault> _waiting = [];

    public void Add(Fault fault)
    {
        lock (_gate)
        {
            _waiting.Add(fault);
        }
    }

    /// <summary>The first fault that fits, used up by one.</summary>
    public Fault? Take(string provider, string method, string path)
    {
        lock (_gate)
        {
            var at = _waiting.FindIndex(fault => fault.Fits(provider, method, path));
            if (at < 0)
            {
                return null;
            }

            var fault = _waiting[at];
            if (fault.Times <= 1)
            {
                _waiting.RemoveAt(at);
            }
            else
            {
                _waiting[at] = fault with { Times = fault.Times - 1 };
            }

            return fault;
        }
    }

    public IReadOnlyList<Fault> List()
    {
        lock (_gate)
        {
            return [.. Enumerable.Reverse(_waiting)];
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _waiting.Clear();
        }
    }
}
