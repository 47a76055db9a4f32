using System.Security.Cryptography;
using System.Text;

namespace Ledgerline.Identity;

/// <summary>How random secrets are stored: as SHA-256. For secrets of 256 random bits that is enough; for passwords it is not.</summary>
internal static class SecretHash
{
    public const int Length = 2 * SHA256.HashSizeInBytes;

    public static string Of(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
