using System.Globalization;
using Sandbox.Core;
using Sandbox.Twilio.Line;

namespace Sandbox.Twilio.Calls;

/// <summary>A recording of one call: the stretches of its sound that were recorded, in frames since the first stream began.</summary>
internal sealed class Recording(PhoneCall call, RecordingOrder order, DateTimeOffset startedAt)
{
    private const string Price = "-0.00250";

    private readonly Lock _gate = new();
    private readonly List<(int From, int? To, bool Silent)> _pieces = [(call.Sound.Ticks, null, false)];

    public string Sid { get; } = Ids.Hex("RE");
    public PhoneCall Call => call;
    public RecordingOrder Order => order;
    public DateTimeOffset StartedAt { get; } = startedAt;
    public DateTimeOffset UpdatedAt { get; private set; } = startedAt;
    public string Status { get; private set; } = "in-progress";

    public bool Runs => Status is "in-progress" or "paused";

    public int Frames
    {
        get
        {
            lock (_gate)
            {
                return _pieces.Sum(piece => (piece.To ?? call.Sound.Ticks) - piece.From);
            }
        }
    }

    public int Seconds => (Frames + MuLaw.FramesASecond - 1) / MuLaw.FramesASecond;

    /// <summary>Goes on, rests or ends; false when it had ended.</summary>
    /// <param name="status"><c>in-progress</c>, <c>paused</c> or <c>stopped</c>.</param>
    /// <param name="silent">Whether a pause stays in it as silence.</param>
    /// <param name="at">When.</param>
    public bool Become(string status, bool silent, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (!Runs)
            {
                return false;
            }

            var now = call.Sound.Ticks;
            if (_pieces is [.., { To: null } open])
            {
                _pieces[^1] = open with { To = now };
            }

            if (status == "in-progress" || (status == "paused" && silent))
            {
                _pieces.Add((now, null, status == "paused"));
            }

            (Status, UpdatedAt) = (status, at);
            return true;
        }
    }

    public void Settle(string status, DateTimeOffset at)
    {
        lock (_gate)
        {
            (Status, UpdatedAt) = (status, at);
        }
    }

    /// <summary>The person on the first channel, we on the second; in one channel the two together, or the one that was asked for.</summary>
    public byte[] Wav()
    {
        var (person, us) = (Sound(call.Sound.Said), Sound(call.Sound.Heard));
        return order.Channels == 2 ? WaveFile.Write(person, us)
            : order.Track == "inbound" ? WaveFile.Write(person)
            : order.Track == "outbound" ? WaveFile.Write(us)
            : WaveFile.Write([.. person.Zip(us, (one, other) => MuLaw.Encode(MuLaw.Decode(one) + MuLaw.Decode(other)))]);
    }

    /// <summary>As its call's list has it, or the account's.</summary>
    public Dictionary<string, object?> Shape(bool ofCall)
    {
        var account = $"/2010-04-01/Accounts/{call.Order.AccountSid}";
        var shape = new Dictionary<string, object?>
        {
            ["sid"] = Sid,
            ["account_sid"] = call.Order.AccountSid,
            ["api_version"] = "2010-04-01",
            ["call_sid"] = call.Sid,
            ["conference_sid"] = null,
            ["channels"] = order.Channels,
            ["track"] = order.Track,
            ["source"] = order.Source,
            ["status"] = Status,
            ["error_code"] = Status == "absent" ? 13_617 : null,
            ["encryption_details"] = null,
            ["date_created"] = TwilioMessage.Date(StartedAt),
            ["date_updated"] = TwilioMessage.Date(UpdatedAt),
            ["start_time"] = TwilioMessage.Date(StartedAt),
            ["duration"] = Runs ? null : Seconds.ToString(CultureInfo.InvariantCulture),
            ["price_unit"] = "USD",
            ["uri"] = ofCall ? $"{account}/Calls/{call.Sid}/Recordings/{Sid}.json" : $"{account}/Recordings/{Sid}.json",
        };
        if (ofCall)
        {
            shape["price"] = null;
        }
        else
        {
            shape["price"] = Status == "completed" ? Price : null;
            shape["media_url"] = $"https://api.twilio.com{account}/Recordings/{Sid}";
            shape["subresource_uris"] = new { transcriptions = $"{account}/Recordings/{Sid}/Transcriptions.json" };
        }

        return shape;
    }

    private byte[] Sound(Track track)
    {
        lock (_gate)
        {
            return [.. _pieces.SelectMany(piece => piece.Silent
                ? Enumerable.Repeat(MuLaw.Silence, ((piece.To ?? call.Sound.Ticks) - piece.From) * MuLaw.FrameBytes)
                : track.Slice(piece.From, piece.To ?? call.Sound.Ticks))];
        }
    }
}
