using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Sandbox.Core;

namespace Sandbox.Twilio.Calls;

/// <summary>The account's recordings: begun, rested, ended with their call, ready a second later.</summary>
internal sealed class Recordings(SandboxClock clock, CallBook calls, TwilioCallback callback, IServer server)
{
    private static readonly TimeSpan Processing = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly List<Recording> _all = [];

    public Recording Start(PhoneCall call, RecordingOrder order)
    {
        var recording = new Recording(call, order, clock.GetUtcNow());
        lock (_gate)
        {
            _all.Add(recording);
        }

        Tell(recording, "in-progress");
        return recording;
    }

    public void Stop(Recording recording)
    {
        if (recording.Become("stopped", false, clock.GetUtcNow()))
        {
            recording.Settle("processing", clock.GetUtcNow());
            _ = Settle(recording);
        }
    }

    /// <summary>The call is over, and with it whatever is recorded of it.</summary>
    public void StopAll(PhoneCall call)
    {
        foreach (var recording in List(call.Sid).Where(one => one.Runs))
        {
            Stop(recording);
        }
    }

    public Recording? Find(string sid, string? callSid = null)
    {
        lock (_gate)
        {
            return sid == "Twilio.CURRENT"
                ? _all.FindLast(one => one.Call.Sid == callSid && one.Runs)
                : _all.Find(one => one.Sid == sid && (callSid is null || one.Call.Sid == callSid));
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Recording> List(string? callSid = null)
    {
        lock (_gate)
        {
            return [.. Enumerable.Reverse(_all).Where(one => callSid is null || one.Call.Sid == callSid)];
        }
    }

    public void Remove(Recording recording)
    {
        lock (_gate)
        {
            _all.Remove(recording);
        }
    }

    /// <summary>The address that a callback names: the recording without an ending.</summary>
    public string Address(Recording recording) =>
        $"{server.Features.Get<IServerAddressesFeature>()!.Addresses.First().TrimEnd('/')}/twilio/2010-04-01/Accounts/{recording.Call.Order.AccountSid}/Recordings/{recording.Sid}";

    public void Clear()
    {
        lock (_gate)
        {
            _all.Clear();
        }
    }

    private async Task Settle(Recording recording)
    {
        try
        {
            await Task.Delay(Processing, clock, calls.World);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        var status = recording.Frames > 0 ? "completed" : "absent";
        recording.Settle(status, clock.GetUtcNow());
        Tell(recording, status);
    }

    private void Tell(Recording recording, string status)
    {
        var order = recording.Order;
        if (order.Callback is not { } url || !order.Events.Contains(status))
        {
            return;
        }

        _ = callback.Send($"{recording.Sid}-{status}", url, new Dictionary<string, string>
        {
            ["AccountSid"] = recording.Call.Order.AccountSid,
            ["CallSid"] = recording.Call.Sid,
            ["RecordingSid"] = recording.Sid,
            ["RecordingUrl"] = Address(recording),
            ["RecordingStatus"] = status,
            ["RecordingDuration"] = status == "in-progress" ? "0" : recording.Seconds.ToString(CultureInfo.InvariantCulture),
            ["RecordingChannels"] = order.Channels.ToString(CultureInfo.InvariantCulture),
            ["RecordingSource"] = order.Source,
            ["RecordingTrack"] = order.Track,
            ["RecordingStartTime"] = TwilioMessage.Date(recording.StartedAt),
        });
    }
}
