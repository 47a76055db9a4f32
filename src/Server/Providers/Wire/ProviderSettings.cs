
namespace Ledgerline.Providers.Wire;

/// <summary>
/// Where a provider is and with which key. In Development a provider without a key of its own is the sandbox's; in Production it
/// is off. A base address that is set always wins.
/// </summary>
public sealed class ProviderSettings(IConfiguration settings, IHostEnvironment environment)
{
    private readonly string sandbox = (Text(settings, "SANDBOX_URL") ?? $"http://127.0.0.1:{Text(settings, "SANDBOX_PORT") ?? "8001"}").TrimEnd('/');

    public bool IsDevelopment => environment.IsDevelopment();
    public bool IsProduction => environment.IsProduction();

    /// <summary>The setting's value, trimmed; null when it is missing or empty.</summary>
    public string? this[string name] => Text(settings, name);

    /// <summary>The key, in Development else the sandbox's, in Production else null: the provider is off.</summary>
    public string? Key(string name, string sandboxKey) => this[name] ?? (IsDevelopment ? sandboxKey : null);

    /// <param name="name">The setting that names the address.</param>
    /// <param name="keyName">The setting that holds the provider's key.</param>
    /// <param name="production">The provider's own address.</param>
    /// <param name="sandboxPath">The simulator's path prefix: <c>/stripe</c>.</param>
    public string Address(string name, string keyName, string production, string sandboxPath) =>
        this[name] ?? (IsDevelopment && this[keyName] is null ? sandbox + sandboxPath : production);

    private static string? Text(IConfiguration settings, string name) => settings[name]?.Trim() is { Length: > 0 } text ? text : null;
}
