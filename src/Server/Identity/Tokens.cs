using Ledgerline.Http;
using Ledgerline.Kernel;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Ledgerline.Identity;

/// <summary>What an access token says.</summary>
internal sealed record AccessClaims(AccountId Account, string SessionId, string KeyId, DateTimeOffset ExpiresAt);

/// <summary>
/// Makes and reads access tokens: JSON Web Tokens that name an account and a sign-in session, and nothing personal. Whether the session
/// still stands is asked elsewhere.
/// </summary>
internal sealed class Tokens(SigningKeys keys, Ids ids, TimeProvider clock)
{
    private const string Product = "ledgerline";
    private const int LongestToken = 4096;

    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    public async Task<string> Issue(AccountId account, string sessionId, TimeSpan lifetime, CancellationToken stop)
    {
        var key = await keys.Current(stop);
        var now = clock.GetUtcNow();
        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Product,
            Audience = Product,
            IssuedAt = now.UtcDateTime,
            Expires = (now + lifetime).UtcDateTime,
            Claims = new Dictionary<string, object>
            {
                [JwtRegisteredClaimNames.Sub] = account.ToString(),
                [CurrentAccount.SessionClaim] = sessionId,
                [JwtRegisteredClaimNames.Jti] = ids.Secret(12),
            },
            SigningCredentials = new SigningCredentials(key.Key, key.Algorithm),
        });
    }

    /// <summary>Null for a token that we did not sign or that is over. The algorithm is the key's, never the token's.</summary>
    /// <param name="evenExpired">For signing out, which must also work afterwards.</param>
    public async ValueTask<AccessClaims?> Read(string token, CancellationToken stop, bool evenExpired = false)
    {
        if (token.Length > LongestToken || Parse(token) is not { } claimed
            || await keys.Find(claimed.Kid, stop) is not { } key || claimed.Alg != key.Algorithm)
        {
            return null;
        }

        var result = Handler.ValidateToken(token, new TokenValidationParameters
        {
            ValidIssuer = Product,
            ValidAudience = Product,
            IssuerSigningKey = key.Key,
            CryptoProviderFactory = key.Key.CryptoProviderFactory,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ClockSkew = TimeSpan.Zero,
            // The library would ask the real clock.
            LifetimeValidator = (_, expires, _, _) => expires is { } end && (evenExpired || end > clock.GetUtcNow().UtcDateTime),
        });
        return result.IsValid
            && result.SecurityToken is JsonWebToken jwt
            && AccountId.TryParse(jwt.Subject, out var account)
            && jwt.TryGetPayloadValue(CurrentAccount.SessionClaim, out string session)
            && session is { Length: > 0 }
            ? new AccessClaims(account, session, key.Id, new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero))
            : null;
    }

    private static JsonWebToken? Parse(string token)
    {
        try
        {
            return new JsonWebToken(token) is { Kid.Length: > 0, Alg.Length: > 0 } jwt ? jwt : null;
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or Newtonsoft.Json.JsonException or InvalidCastException)
        {
            return null;
        }
    }
}
