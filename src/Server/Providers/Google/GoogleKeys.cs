using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Ledgerline.Providers.Google;

/// <summary>
/// Google's public keys by kid, kept for as long as Google's <c>max-age</c> says. An unknown kid fetches them anew, at most once a
/// minute, so that forged tokens cannot make us flood Google.
/// </summary>
public sealed class GoogleKeys(TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan RefetchPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan UnstatedAge = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim gate = new(1, 1);
    private Ring ring = new([], DateTimeOffset.MinValue);
    private DateTimeOffset nextRefetch = DateTimeOffset.MinValue;

    /// <summary>Null when Google has no such key.</summary>
    /// <param name="fetch">Asks for <c>/oauth2/v3/certs</c>.</param>
    internal async Task<RSAParameters?> Find(string kid, Func<CancellationToken, Task<HttpResponseMessage>> fetch, CancellationToken stop)
    {
        await gate.WaitAsync(stop);
        try
        {
            if (ring.Until <= clock.GetUtcNow())
            {
                ring = await Fetch(fetch, stop);
            }

            if (!ring.Keys.ContainsKey(kid) && nextRefetch <= clock.GetUtcNow())
            {
                nextRefetch = clock.GetUtcNow() + RefetchPause;
                ring = await Fetch(fetch, stop);
            }

            return ring.Keys.TryGetValue(kid, out var key) ? key : null;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private async Task<Ring> Fetch(Func<CancellationToken, Task<HttpResponseMessage>> fetch, CancellationToken stop)
    {
        using var answer = await fetch(stop);
        answer.EnsureSuccessStatusCode();
        var set = JsonSerializer.Deserialize<KeySet>(await answer.Content.ReadAsByteArrayAsync(stop), JsonSerializerOptions.Web);
        var keys = new Dictionary<string, RSAParameters>(StringComparer.Ordinal);
        foreach (var key in set?.Keys ?? [])
        {
            if (key is { Kty: "RSA", Kid: { } kid, N: { } modulus, E: { } exponent })
            {
                keys[kid] = new RSAParameters { Modulus = Base64Url.DecodeFromChars(modulus), Exponent = Base64Url.DecodeFromChars(exponent) };
            }
        }

        return new Ring(keys, clock.GetUtcNow() + Age(answer.Headers));
    }

    private static TimeSpan Age(HttpResponseHeaders headers) =>
        headers.CacheControl?.MaxAge is { } age ? age - (headers.Age ?? TimeSpan.Zero) : UnstatedAge;

    private sealed record Ring(Dictionary<string, RSAParameters> Keys, DateTimeOffset Until);

    private sealed record KeySet(List<Key>? Keys);

    private sealed record Key(string? Kty, string? Kid, string? N, string? E);
}
