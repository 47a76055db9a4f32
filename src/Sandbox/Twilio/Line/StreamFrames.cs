using System.Text;
using Sandbox.Core;

namespace Sandbox.Twilio.Line;

/// <summary>The messages that Twilio sends on a media socket; numbers are text, but for the format's.</summary>
internal sealed class StreamFrames(StreamOrder order)
{
    private static readonly string Silence = Convert.ToBase64String([.. Enumerable.Repeat(MuLaw.Silence, MuLaw.FrameBytes)]);

    private static readonly string[] Broken = ["{\"event\":\"media\"", "no frame", "{\"event\":\"media\",\"media\":{\"payload\":\"%%\"}}", "[]", "{\"event\":17}", "{\"event\":\"unheard-of\"}"];

    private int _sequence;
    private int _chunk;

    public static byte[] Connected() => "{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}"u8.ToArray();

    /// <summary>Something that is no frame of Twilio's.</summary>
    public static byte[] Malformed(int number) => Encoding.UTF8.GetBytes(Broken[number % Broken.Length]);

    public byte[] Start() => Bytes(new Dictionary<string, object>
    {
        ["event"] = "start",
        ["sequenceNumber"] = Sequence(),
        ["start"] = new Dictionary<string, object>
        {
            ["accountSid"] = order.AccountSid,
            ["streamSid"] = order.StreamSid,
            ["callSid"] = order.CallSid,
            ["tracks"] = new[] { "inbound" },
            ["mediaFormat"] = new Dictionary<string, object> { ["encoding"] = "audio/x-mulaw", ["sampleRate"] = MuLaw.Rate, ["channels"] = 1 },
            ["customParameters"] = order.Parameters,
        },
        ["streamSid"] = order.StreamSid,
    });

    /// <summary>20 ms of the person; no audio is silence.</summary>
    public byte[] Media(ReadOnlySpan<byte> audio)
    {
        var payload = audio.IsEmpty ? Silence : Convert.ToBase64String(audio);
        var at = _chunk * 1000L / MuLaw.FramesASecond;
        return Encoding.UTF8.GetBytes(
            $$$"""{"event":"media","sequenceNumber":"{{{Sequence()}}}","media":{"track":"inbound","chunk":"{{{++_chunk}}}","timestamp":"{{{at}}}","payload":"{{{payload}}}"},"streamSid":"{{{order.StreamSid}}}"}""");
    }

    public byte[] Digit(char digit) => Bytes(new Dictionary<string, object>
    {
        ["event"] = "dtmf",
        ["streamSid"] = order.StreamSid,
        ["sequenceNumber"] = Sequence(),
        ["dtmf"] = new { track = "inbound_track", digit = digit.ToString() },
    });

    public byte[] Mark(string name) => Bytes(new Dictionary<string, object>
    {
        ["event"] = "mark",
        ["sequenceNumber"] = Sequence(),
        ["streamSid"] = order.StreamSid,
        ["mark"] = new { name },
    });

    public byte[] Stop() => Bytes(new Dictionary<string, object>
    {
        ["event"] = "stop",
        ["sequenceNumber"] = Sequence(),
        ["streamSid"] = order.StreamSid,
        ["stop"] = new Dictionary<string, object> { ["accountSid"] = order.AccountSid, ["callSid"] = order.CallSid },
    });

    private string Sequence() => (++_sequence).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] Bytes(object message) => Encoding.UTF8.GetBytes(Json.Text(message));
}
