using Sandbox.Core;

namespace Sandbox.Twilio.Calls;

/// <summary>One of the account's numbers, replaced as a whole when it is changed.</summary>
internal sealed record OwnNumber(string PhoneNumber, DateTimeOffset CreatedAt)
{
    public string Sid { get; init; } = Ids.Hex("PN");
    public DateTimeOffset UpdatedAt { get; init; } = CreatedAt;
    public required string FriendlyName { get; init; }
    public Uri? VoiceUrl { get; init; }
    public string VoiceMethod { get; init; } = "POST";
    public Uri? VoiceFallbackUrl { get; init; }
    public string VoiceFallbackMethod { get; init; } = "POST";
    public Uri? StatusCallback { get; init; }
    public Uri? SmsUrl { get; init; }
    public string SmsMethod { get; init; } = "POST";
    public string? AddressSid { get; init; }
    public string? BundleSid { get; init; }
}

/// <summary>The numbers of the account, of which it has one from the beginning, and those that can be bought.</summary>
internal sealed class NumberStock(SandboxOptions options, SandboxClock clock)
{
    private static readonly (string Area, string City, string State, string Zip)[] Places =
        [("415", "San Francisco", "CA", "94105"), ("212", "New York", "NY", "10001"), ("801", "Salt Lake City", "UT", "84101"), ("303", "Denver", "CO", "80202")];

    private readonly Lock _gate = new();
    private readonly string _firstSid = Ids.Hex("PN");
    private List<OwnNumber>? _own;

    /// <summary>A number for sale.</summary>
    internal sealed record Offer(string PhoneNumber, string City, string State, string Zip);

    /// <summary>Ten in each of four places, without those that are ours.</summary>
    public IReadOnlyList<Offer> Offers()
    {
        lock (_gate)
        {
            return
            [
                .. Places.SelectMany(place => Enumerable.Range(0, 10).Select(at => new Offer($"+1{place.Area}55501{at:00}", place.City, place.State, place.Zip)))
                    .Where(offer => !Own.Exists(number => number.PhoneNumber == offer.PhoneNumber)),
            ];
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<OwnNumber> List()
    {
        lock (_gate)
        {
            return [.. Enumerable.Reverse(Own)];
        }
    }

    public OwnNumber? Find(string phoneNumber)
    {
        lock (_gate)
        {
            return Own.Find(number => number.PhoneNumber == phoneNumber);
        }
    }

    public OwnNumber? BySid(string sid)
    {
        lock (_gate)
        {
            return Own.Find(number => number.Sid == sid);
        }
    }

    /// <summary>False when it is ours already.</summary>
    public bool Add(OwnNumber number)
    {
        lock (_gate)
        {
            if (Own.Exists(one => one.PhoneNumber == number.PhoneNumber))
            {
                return false;
            }

            Own.Add(number);
            return true;
        }
    }

    public OwnNumber? Change(string sid, Func<OwnNumber, OwnNumber> change)
    {
        lock (_gate)
        {
            var at = Own.FindIndex(number => number.Sid == sid);
            return at < 0 ? null : Own[at] = change(Own[at]);
        }
    }

    public bool Remove(string sid)
    {
        lock (_gate)
        {
            return Own.RemoveAll(number => number.Sid == sid) > 0;
        }
    }

    /// <summary>What answers this number; the first one has an address without being told.</summary>
    public Uri? VoiceUrl(OwnNumber number) => number.VoiceUrl ?? (number.PhoneNumber == options.TwilioPhoneNumber ? DefaultVoiceUrl : null);

    public void Clear()
    {
        lock (_gate)
        {
            _own = null;
        }
    }

    private Uri? DefaultVoiceUrl => (options.PublicUrl ?? options.ServerUrl)?.TrimEnd('/') is { } home
        ? new Uri((home.Contains("://", StringComparison.Ordinal) ? home : $"https://{home}") + "/incoming-call/default") : null;

    private List<OwnNumber> Own => _own ??= [new OwnNumber(options.TwilioPhoneNumber, clock.GetUtcNow()) { Sid = _firstSid, FriendlyName = "The sandbox's number" }];
}
