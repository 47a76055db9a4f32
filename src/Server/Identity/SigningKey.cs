using Microsoft.IdentityModel.Tokens;

namespace Ledgerline.Identity;

/// <summary>A key that signs access tokens. Its algorithm belongs to it: what a token claims is only compared.</summary>
/// <param name="SignsFrom">Every node knows it before that.</param>
internal sealed record SigningKey(long Number, string Id, string Algorithm, SymmetricSecurityKey Key, DateTimeOffset CreatedAt, DateTimeOffset SignsFrom)
{
    // Nobody else verifies our tokens, so there is no public half to hand out, and HMAC costs a hundredth of RSA.
    public const string Hs256 = SecurityAlgorithms.HmacSha256;
    public const int Bytes = 32;

    // The library's cache of signature providers is shared and knows keys by id only; making one costs less than a microsecond.
    private static readonly CryptoProviderFactory Uncached = new() { CacheSignatureProviders = false };

    public static SigningKey From(long number, string id, string algorithm, byte[] secret, DateTimeOffset createdAt, DateTimeOffset signsFrom) =>
        new(number, id, algorithm, new SymmetricSecurityKey(secret) { KeyId = id, CryptoProviderFactory = Uncached }, createdAt, signsFrom);
}
