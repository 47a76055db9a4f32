using Ledgerline.Http;
using Microsoft.Extensions.Caching.Memory;

namespace Ledgerline.Identity;

/// <summary>Says who a bearer token stands for at this moment; remembers tokens whose signature it has checked.</summary>
internal sealed class BearerTokens(Tokens tokens, SigningKeys keys, SignInSessions sessions, TimeProvider clock) : IDisposable
{
    private const int MostRemembered = 10_000;
    private static readonly MemoryCacheEntryOptions Remembered = new() { Size = 1, SlidingExpiration = TimeSpan.FromMinutes(10) };

    private readonly MemoryCache read = new(new MemoryCacheOptions { SizeLimit = MostRemembered });

    /// <summary>Null for a token that is forged, over, or whose session was ended.</summary>
    public async ValueTask<CurrentAccount?> Check(string token, CancellationToken stop)
    {
        var claims = read.TryGetValue(token, out AccessClaims? known) ? known! : await Read(token, stop);
        return claims is not null
            && claims.ExpiresAt > clock.GetUtcNow()
            && await keys.Find(claims.KeyId, stop) is not null
            && await sessions.IsStanding(claims.Account, claims.SessionId, stop)
            ? new CurrentAccount(claims.Account, claims.SessionId) { ExpiresAt = claims.ExpiresAt }
            : null;
    }

    public void Dispose() => read.Dispose();

    private async ValueTask<AccessClaims?> Read(string token, CancellationToken stop)
    {
        var claims = await tokens.Read(token, stop);
        if (claims is not null)
        {
            read.Set(token, claims, Remembered);
        }

        return claims;
    }
}
