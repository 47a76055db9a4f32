using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ledgerline.Providers.Stripe;

/// <summary>
/// Tells Stripe's webhooks from forgeries: <c>Stripe-Signature: t=…,v1=…</c> with
/// <c>v1 = hex(HMAC-SHA256(secret, t + "." + body))</c>.
/// </summary>
public static class StripeSignature
{
    public const string Header = "Stripe-Signature";

    private const long ToleranceSeconds = 300;

    /// <summary>True when one of the secrets signed these very bytes within five minutes of now. An empty secret signs nothing.</summary>
    public static bool Verify(ReadOnlySpan<byte> body, string? header, IEnumerable<string> secrets, DateTimeOffset now)
    {
        var (time, signatures) = Read(header);
        if (time is null || !long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Int128.Abs((Int128)now.ToUnixTimeSeconds() - seconds) > ToleranceSeconds)
        {
            return false;
        }

        byte[] signed = [.. Encoding.ASCII.GetBytes(time), (byte)'.', .. body];
        var genuine = false;
        foreach (var secret in secrets.Where(secret => secret.Length > 0))
        {
            var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed);
            foreach (var signature in signatures)
            {
                genuine |= CryptographicOperations.FixedTimeEquals(expected, signature);
            }
        }

        return genuine;
    }

    private static (string? Time, List<byte[]> Signatures) Read(string? header)
    {
        string? time = null;
        List<byte[]> signatures = [];
        foreach (var item in (header ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (item.StartsWith("t=", StringComparison.Ordinal))
            {
                time ??= item[2..];
            }
            else if (item.StartsWith("v1=", StringComparison.Ordinal) && item.Length == 3 + (2 * HMACSHA256.HashSizeInBytes)
                && item[3..].All(char.IsAsciiHexDigit))
            {
                signatures.Add(Convert.FromHexString(item.AsSpan(3)));
            }
        }

        return (time, signatures);
    }
}
