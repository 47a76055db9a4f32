
namespace Ledgerline.Providers.Wire;

/// <summary>How a provider is reached: the base address is the only seam between the real one and the sandbox.</summary>
/// <param name="Provider">Its name in logs and metrics: <c>stripe</c>.</param>
/// <param name="BaseAddress">Ends with a slash, so that paths are written relative to it.</param>
/// <param name="Patience">For a whole attempt, unless the call brings its own.</param>
public sealed record Upstream(string Provider, Uri BaseAddress, TimeSpan Patience)
{
    public static Upstream At(string provider, string address, TimeSpan? patience = null) =>
        new(provider, new Uri(address.TrimEnd('/') + "/"), patience ?? TimeSpan.FromSeconds(30));
}

/// <summary>Makes the HTTP clients of all providers alike: time-outs, pooled connections, careful repeats, a log without secrets.</summary>
public static class Outbound
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Registers <typeparamref name="TClient"/> with an <see cref="HttpClient"/> of its own.</summary>
    public static void AddUpstream<TClient>(this IServiceCollection services, Func<IServiceProvider, Upstream> upstream)
        where TClient : class
    {
        services.AddHttpClient<TClient>((provider, client) =>
            {
                client.BaseAddress = upstream(provider).BaseAddress;
                // Each attempt is timed by OutboundRepeat; a limit here would cut a repeat short.
                client.Timeout = Timeout.InfiniteTimeSpan;
            })
            // Connections are renewed by themselves; a handler that grows old would keep a timer, and with it a whole server that has been disposed.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers()
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                ConnectTimeout = ConnectPatience,
                PooledConnectionLifetime = ConnectionLifetime,
                AllowAutoRedirect = false,
                UseCookies = false,
            })
            .AddHttpMessageHandler(provider => ActivatorUtilities.CreateInstance<OutboundRepeat>(provider, upstream(provider)))
            .AddHttpMessageHandler(provider => ActivatorUtilities.CreateInstance<OutboundLog>(provider, upstream(provider)));
    }
}
