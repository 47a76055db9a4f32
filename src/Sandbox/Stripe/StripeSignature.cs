using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sandbox.Stripe;

/// <summary>Signs webhooks: <c>v1 = hex(HMAC-SHA256(secret, t + "." + body))</c>, one <c>v1</c> for each secret during a rotation.</summary>
internal static class StripeSignature
{
    /// <param name="secrets">One secret, or several with commas between them.</param>
    /// <param name="at">The instant that goes into the signature.</param>
    /// <param name="body">The very text that is sent.</param>
    public static string Header(string secrets, DateTimeOffset at, string body)
    {
        var time = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var header = new StringBuilder("t=").Append(time);
        foreach (var secret in secrets.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            header.Append(",v1=").Append(Sign(secret, time, body));
        }

        return header.ToString();
    }

    public static string Sign(string secret, string time, string body) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}")));
}
