using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.OpenAi.Realtime;

/// <summary>A secret for a browser, good for any number of sessions until it expires.</summary>
internal sealed record ClientSecret(string Value, string Model, JsonObject Session, DateTimeOffset ExpiresAt);

/// <summary>The client secrets that were given out, and who may open a session.</summary>
internal sealed class ClientSecrets(SandboxClock clock)
{
    private const string ProtocolPrefix = "openai-insecure-api-key.";
    private readonly ConcurrentDictionary<string, ClientSecret> _given = new();

    public ClientSecret Give(string model, JsonObject session, TimeSpan lasts)
    {
        var secret = new ClientSecret(Ids.Hex("ek_"), model, session, clock.GetUtcNow() + lasts);
        return _given[secret.Value] = secret;
    }

    public void Clear() => _given.Clear();

    /// <summary>The secret that the request shows; null when it shows a key. Neither, or one that is over, is refused.</summary>
    public ClientSecret? Open(HttpContext context)
    {
        var shown = context.BearerToken() ?? Protocols(context).FirstOrDefault(one => one.StartsWith(ProtocolPrefix, StringComparison.Ordinal))?[ProtocolPrefix.Length..];
        if (shown?.StartsWith("ek_", StringComparison.Ordinal) != true)
        {
            OpenAiEdge.CheckKey(shown);
            return null;
        }

        return _given.TryGetValue(shown, out var secret) && secret.ExpiresAt > clock.GetUtcNow()
            ? secret
            : throw new OpenAiError(401, "The client secret is unknown or has expired.", code: "invalid_api_key");
    }

    /// <summary>Browsers offer two, and one must be taken.</summary>
    public static string? SubProtocol(HttpContext context) => Protocols(context).Contains("realtime") ? "realtime" : null;

    private static IList<string> Protocols(HttpContext context) => context.WebSockets.WebSocketRequestedProtocols;
}
