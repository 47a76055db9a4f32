namespace Sandbox.Core;

/// <summary>How one provider is entered in the sandbox: its prefix, the keys it plays with, how it forgets, how it words an error.</summary>
internal sealed record Simulator(string Name)
{
    /// <summary>Where it lives on the sandbox's address; the provider's real paths follow.</summary>
    public string Prefix { get; init; } = "/" + Name;

    /// <summary>Its entry in <c>GET /_sandbox/providers</c>, from the sandbox's own origin (<c>http://host:port</c>).</summary>
    public required Func<string, object> Keys { get; init; }

    /// <summary>Whether it has webhooks, and so a row of webhook modes on the home page.</summary>
    public bool SendsWebhooks { get; init; }

    /// <summary>Its own page, where it has one: a path on the sandbox's address.</summary>
    public string? Page { get; init; }

    /// <summary>Its controls on the home page.</summary>
    public Func<Html> Controls { get; init; } = () => Html.Empty;

    /// <summary>Back to an empty world.</summary>
    public Action Reset { get; init; } = () => { };

    /// <summary>The provider's error shape, for faults that only name a status.</summary>
    public Func<int, string, object> Error { get; init; } = (_, message) => new { error = new { message } };
}

/// <summary>The providers that this sandbox plays.</summary>
internal sealed class Simulators
{
    private readonly List<Simulator> _all = [];

    public IReadOnlyList<Simulator> All => _all;

    /// <summary>Called once by each simulator while its routes are mapped.</summary>
    public void Add(Simulator simulator) => _all.Add(simulator);

    public Simulator? ByPath(PathString path) => _all.Find(simulator => path.StartsWithSegments(simulator.Prefix, StringComparison.Ordinal));

    public Simulator? ByName(string? name) => _all.Find(simulator => simulator.Name == name);
}
