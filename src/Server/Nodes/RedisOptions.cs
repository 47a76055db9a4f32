using StackExchange.Redis;

namespace Ledgerline.Nodes;

/// <summary>Where Redis is: <c>REDIS_URL</c>, such as <c>redis://:password@host:6379/0</c>, or <c>rediss://</c> over TLS. Without it there is none.</summary>
public sealed class RedisOptions
{
    private const string Setting = "REDIS_URL";
    private const int DefaultPort = 6379;
    private static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(2);

    private readonly Uri? address;

    /// <exception cref="FormatException">The setting is no address of a Redis server.</exception>
    public RedisOptions(IConfiguration settings)
    {
        address = Read(settings[Setting]?.Trim());
        Prefix = settings["REDIS_PREFIX"]?.Trim() is { Length: > 0 } prefix ? $"{prefix}:" : "ledgerline:";
        _ = Password();
        _ = Database();
    }

    public bool IsSet => address is not null;

    /// <summary>Before every key and channel: products that share a server differ in it, nodes of one product do not.</summary>
    public string Prefix { get; }

    internal ConfigurationOptions Connection()
    {
        var options = new ConfigurationOptions
        {
            // Whoever looks after the connection makes a new one, so that a lost one leaves nothing behind.
            AbortOnConnectFail = true,
            ConnectRetry = 1,
            ConnectTimeout = (int)LongestConnect.TotalMilliseconds,
            KeepAlive = 10,
            Ssl = address!.Scheme == "rediss",
            SslHost = address.Scheme == "rediss" ? address.Host : null,
            Password = Password(),
            DefaultDatabase = Database(),
            ClientName = "ledgerline",
        };
        options.EndPoints.Add(address.DnsSafeHost, address.Port > 0 ? address.Port : DefaultPort);
        return options;
    }

    private static Uri? Read(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "redis" or "rediss" && uri.Host.Length > 0 && uri.Query.Length == 0 ? uri
        : throw new FormatException($"{Setting} must be redis://:password@host:port/database, or rediss:// for TLS.");

    private string? Password() => address?.UserInfo.Split(':', 2) switch
    {
        null or [""] => null,
        ["" or "default", var password] => Uri.UnescapeDataString(password),
        _ => throw new FormatException($"{Setting} names a user: only the default user, redis://:password@host, can sign in."),
    };

    private int Database() => address?.AbsolutePath.Trim('/') switch
    {
        null or "" => 0,
        var text when ushort.TryParse(text, out var number) => number,
        _ => throw new FormatException($"{Setting} must end with the number of a database, such as /0."),
    };
}
