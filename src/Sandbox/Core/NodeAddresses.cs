namespace Sandbox.Core;

/// <summary>
/// Where an address of ours is really reached: the sandbox stands for the proxy that ends TLS in front of the nodes. What begins
/// with the public address goes to the nodes in turn, a secure address on loopback goes there plain; signatures keep the public spelling.
/// </summary>
internal sealed class NodeAddresses(SandboxOptions options)
{
    private uint _turn;

    public Uri Reach(Uri address)
    {
        var scheme = address.Scheme is "ws" or "wss" ? "ws" : "http";
        if (IsPublic(address) && Nodes is { Count: > 0 } nodes)
        {
            var node = new Uri(nodes[(int)(NextTurn() % (uint)nodes.Count)]);
            return new Uri($"{scheme}://{node.Authority}{address.PathAndQuery}");
        }

        return address.IsLoopback && address.Scheme is "https" or "wss" ? new Uri($"{scheme}://{address.Host}:{address.Port}{address.PathAndQuery}") : address;
    }

    private IReadOnlyList<string> Nodes => options.NodeUrls is { Count: > 0 } nodes ? nodes : options.ServerUrl is { } only ? [only] : [];

    // The same host in any of its spellings: http, https, ws, wss.
    private bool IsPublic(Uri address) =>
        options.PublicUrl?.Trim() is { Length: > 0 } text
        && Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}", UriKind.Absolute, out var home)
        && string.Equals(home.Host, address.Host, StringComparison.OrdinalIgnoreCase)
        && (home.Port == address.Port || (home.IsDefaultPort && address.IsDefaultPort));

    private uint NextTurn() => unchecked(Interlocked.Increment(ref _turn) - 1);
}
