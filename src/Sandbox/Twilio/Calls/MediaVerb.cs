using System.Xml.Linq;
using Sandbox.Core;
using Sandbox.Twilio.Line;

namespace Sandbox.Twilio.Calls;

/// <summary>The verb that connects a call to a media socket of ours, until either side is done with it.</summary>
internal sealed class MediaVerb(SandboxClock clock, SandboxOptions options, NodeAddresses nodes, MediaSockets sockets, CallCallbacks callbacks)
{
    public async Task Run(PhoneCall call, TwimlSource source, XElement stream, CancellationToken stop)
    {
        var written = stream.Attribute("url")?.Value ?? "";
        if (!Uri.TryCreate(written, UriKind.Absolute, out var given) || given.Scheme != "wss")
        {
            call.Fail(clock.GetUtcNow(), 11100, $"The stream's address is {(written.Length == 0 ? "missing" : written)}; Twilio opens wss://… only.");
            return;
        }

        // A query is not passed on.
        var url = new Uri(written.Split('?', '#')[0]);
        var sid = Ids.Hex("MZ");
        var order = new StreamOrder(sid, call.Sid, call.Order.AccountSid, Parameters(stream), call.Sound, call.Person)
        {
            Url = url,
            Reached = nodes.Reach(url),
            Signature = TwilioSignature.Of(options.TwilioAuthToken, url.OriginalString, []),
        };
        var openedAt = clock.GetUtcNow();
        try
        {
            var end = await sockets.Run(order, opened =>
            {
                call.Stream = opened;
                Tell("stream-started");
            }, stop);
            call.NoteStream(new { sid, url = url.OriginalString, opened_at = openedAt, closed_at = clock.GetUtcNow(), end = end.Reason, close_status = end.CloseStatus });
            Tell("stream-stopped");
        }
        catch (StreamRefused refused)
        {
            call.NoteStream(new { sid, url = url.OriginalString, opened_at = openedAt, closed_at = clock.GetUtcNow(), end = "refused", handshake_status = refused.Status });
            call.Fail(clock.GetUtcNow(), 31920, $"The stream could not be opened: {refused.Message}");
            Tell("stream-error", refused.Message);
        }
        finally
        {
            call.Stream?.SettleDropped();
            call.Stream = null;
        }

        void Tell(string happened, string? error = null)
        {
            if (stream.Attribute("statusCallback")?.Value is { Length: > 0 } written
                && Uri.TryCreate(source.Url ?? given, written, out var callback) && callback.Scheme is "http" or "https")
            {
                _ = callbacks.Stream(call, callback, sid, stream.Attribute("name")?.Value, happened, error, clock.GetUtcNow());
            }
        }
    }

    private static Dictionary<string, string> Parameters(XElement stream)
    {
        var parameters = new Dictionary<string, string>();
        foreach (var parameter in stream.Elements("Parameter"))
        {
            if (parameter.Attribute("name")?.Value is { Length: > 0 } name)
            {
                parameters[name] = parameter.Attribute("value")?.Value ?? "";
            }
        }

        return parameters;
    }
}
