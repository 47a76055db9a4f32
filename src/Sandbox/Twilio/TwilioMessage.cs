using System.Globalization;

namespace Sandbox.Twilio;

/// <summary>One text message as Twilio keeps it; replaced as a whole when its status moves on.</summary>
internal sealed record TwilioMessage(string AccountSid, string To, string From, string Body, DateTimeOffset CreatedAt)
{
    private const int Segment = 153;
    private const int UnicodeSegment = 67;

    public string Sid { get; } = Core.Ids.Hex("SM");
    public string Status { get; init; } = "queued";
    public DateTimeOffset UpdatedAt { get; init; } = CreatedAt;
    public DateTimeOffset? SentAt { get; init; }
    public string? MessagingServiceSid { get; init; }
    public Uri? StatusCallback { get; init; }
    public int? ErrorCode { get; init; }

    /// <summary>No later status follows.</summary>
    public bool IsFinal => Status is "delivered" or "undelivered" or "failed";

    public object Shape() => new
    {
        sid = Sid,
        account_sid = AccountSid,
        api_version = "2010-04-01",
        to = To,
        from = From,
        messaging_service_sid = MessagingServiceSid,
        body = Body,
        status = Status,
        direction = "outbound-api",
        num_segments = Segments().ToString(CultureInfo.InvariantCulture),
        num_media = "0",
        // The price is known some time after the message has left.
        price = Status == "delivered" ? string.Create(CultureInfo.InvariantCulture, $"-{0.0075m * Segments():0.00000}") : null,
        price_unit = "USD",
        error_code = ErrorCode,
        error_message = ErrorCode is null ? null : "The sandbox was told that this message does not arrive.",
        date_created = Date(CreatedAt),
        date_updated = Date(UpdatedAt),
        date_sent = SentAt is { } sent ? Date(sent) : null,
        uri = $"/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json",
        subresource_uris = new { media = $"/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}/Media.json" },
    };

    /// <summary>RFC 2822, as this generation of the API writes instants.</summary>
    public static string Date(DateTimeOffset at) => at.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture) + " +0000";

    // Plain characters go 160 into one segment and 153 into each of several; any other character makes it 70 and 67.
    private int Segments()
    {
        var plain = Body.All(char.IsAscii);
        return Body.Length <= (plain ? 160 : 70) ? 1 : (Body.Length + (plain ? Segment : UnicodeSegment) - 1) / (plain ? Segment : UnicodeSegment);
    }
}
