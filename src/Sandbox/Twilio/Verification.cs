using System.Security.Cryptography;
using System.Text;
using Sandbox.Core;

namespace Sandbox.Twilio;

/// <summary>One code on its way to one person; changed only inside the gate of <see cref="Verifications"/>.</summary>
internal sealed class Verification(string accountSid, string serviceSid, string to, string channel, DateTimeOffset createdAt)
{
    public const int MostSends = 5;
    public const int MostChecks = 5;
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private readonly List<object> _sends = [];

    public string Sid { get; } = Ids.Hex("VE");
    public string Code { get; } = Ids.Digits(6);
    public string ServiceSid => serviceSid;
    public string To => to;
    public string Channel { get; private set; } = channel;
    public string Status { get; private set; } = "pending";
    public DateTimeOffset CreatedAt { get; } = createdAt;
    public DateTimeOffset UpdatedAt { get; private set; } = createdAt;
    public int Checks { get; private set; }
    public int Sends => _sends.Count;

    /// <summary>Whether it is still there for who asks: not approved, not canceled, not expired.</summary>
    public bool IsOpen(DateTimeOffset now) => Status is "pending" or "max_attempts_reached" && now < CreatedAt + Life;

    public void Sent(string over, DateTimeOffset at)
    {
        (Channel, UpdatedAt) = (over, at);
        _sends.Add(new { time = Instant(at), channel = over.ToUpperInvariant(), attempt_sid = Ids.Hex("VL") });
    }

    public void Become(string status, DateTimeOffset at) => (Status, UpdatedAt) = (status, at);

    /// <summary>One try with a code; the right one approves, the last wrong one closes.</summary>
    public void Check(string code, DateTimeOffset at)
    {
        Checks++;
        var right = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(code), Encoding.UTF8.GetBytes(Code));
        Become(right ? "approved" : Checks >= MostChecks ? "max_attempts_reached" : "pending", at);
    }

    public object Shape(string origin) => new
    {
        sid = Sid,
        service_sid = serviceSid,
        account_sid = accountSid,
        to,
        channel = Channel,
        status = Status,
        valid = Status == "approved",
        lookup = new { },
        amount = (string?)null,
        payee = (string?)null,
        send_code_attempts = _sends,
        date_created = Instant(CreatedAt),
        date_updated = Instant(UpdatedAt),
        sna = (object?)null,
        url = $"{origin}{TwilioRoutes.Verify}/v2/Services/{serviceSid}/Verifications/{Sid}",
    };

    public object CheckShape() => new
    {
        sid = Sid,
        service_sid = serviceSid,
        account_sid = accountSid,
        to,
        channel = Channel,
        status = Status,
        valid = Status == "approved",
        amount = (string?)null,
        payee = (string?)null,
        sna_attempts_error_codes = Array.Empty<object>(),
        date_created = Instant(CreatedAt),
        date_updated = Instant(UpdatedAt),
    };

    // Verify writes instants in ISO 8601, to the second.
    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
