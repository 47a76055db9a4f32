using System.Net.WebSockets;
using System.Text.Json;

namespace Sandbox.Twilio.Line;

/// <summary>
/// One media socket: plays what we send in real time, returns marks, and sends what the person says, 50 frames a second. Opened
/// and ended by <see cref="MediaSockets"/>; ticked by <see cref="LineClock"/>.
/// </summary>
internal sealed class MediaStream(StreamOrder order, WebSocket socket)
{
    private readonly Lock _gate = new();
    private readonly Playback _playback = new();
    private readonly StreamFrames _frames = new(order);
    private readonly FrameSender _sender = new(socket);
    private readonly byte[] _heard = new byte[MuLaw.FrameBytes];
    private readonly byte[] _said = new byte[MuLaw.FrameBytes];
    private int _sent;
    private bool _over;

    public string StreamSid => order.StreamSid;
    public FrameSender Sender => _sender;

    /// <summary>The person cut the socket.</summary>
    public bool WasCut { get; private set; }

    /// <summary>Says who is calling; without a start nothing follows.</summary>
    /// <returns>Whether media may flow.</returns>
    public bool Open()
    {
        var script = order.Person.Script;
        lock (_gate)
        {
            _sender.Send(StreamFrames.Connected());
            if (script.SendsNoStart)
            {
                return false;
            }

            _sender.Send(_frames.Start());
            for (var number = 0; number < script.MalformedFrames; number++)
            {
                _sender.Send(StreamFrames.Malformed(number));
            }

            return true;
        }
    }

    /// <summary>20 milliseconds go by.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            if (_over)
            {
                return;
            }

            var sound = order.Sound;
            var played = _playback.Play(_heard);
            var hears = played > 0 && MuLaw.IsAudible(_heard.AsSpan(0, played));
            if (hears)
            {
                sound.Heard.Append(sound.Ticks, _heard.AsSpan(0, played));
            }

            ReturnMarks();
            var speaks = order.Person.Live(hears, _said);
            if (speaks)
            {
                sound.Said.Append(sound.Ticks, _said);
            }

            _sender.Send(_frames.Media(speaks ? _said : []));
            sound.Ticks++;
            sound.FramesOut++;
            if (++_sent == order.Person.Script.DropsSocketAfterFrames)
            {
                (_over, WasCut) = (true, true);
                socket.Abort();
            }
        }
    }

    public void Press(string digits)
    {
        lock (_gate)
        {
            foreach (var digit in digits)
            {
                _sender.Send(_frames.Digit(digit));
            }
        }
    }

    /// <summary>The last message of all.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            if (!_over)
            {
                _over = true;
                _sender.Send(_frames.Stop());
            }
        }
    }

    /// <summary>No more ticks count.</summary>
    public void End()
    {
        lock (_gate)
        {
            _over = true;
        }
    }

    /// <summary>Leaves what there is to say about the sending with the call.</summary>
    public void SettleDropped() => order.Sound.FramesDropped += _sender.Dropped;

    /// <summary>Takes one message of ours.</summary>
    public void Take(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var parsed = JsonDocument.Parse(message);
            lock (_gate)
            {
                Take(parsed.RootElement);
            }
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            order.Sound.Malformed++;
        }
    }

    private void Take(JsonElement frame)
    {
        var sound = order.Sound;
        if (frame.GetProperty("streamSid").GetString() != order.StreamSid)
        {
            throw new FormatException("A frame for another stream.");
        }

        switch (frame.GetProperty("event").GetString())
        {
            case "media":
                var audio = frame.GetProperty("media").GetProperty("payload").GetBytesFromBase64();
                sound.FramesIn++;
                sound.OddPayloads += audio.Length == 0 || audio.Length % MuLaw.FrameBytes != 0 ? 1 : 0;
                _playback.Add(audio);
                sound.MostWaitingSeconds = Math.Max(sound.MostWaitingSeconds, (double)_playback.WaitingBytes / MuLaw.Rate);
                break;
            case "mark":
                _playback.Mark(frame.GetProperty("mark").GetProperty("name").GetString() ?? "");
                sound.Marks++;
                ReturnMarks();
                break;
            case "clear":
                sound.Clears++;
                _playback.Clear();
                ReturnMarks();
                break;
            default:
                sound.Malformed++;
                break;
        }
    }

    private void ReturnMarks()
    {
        while (!_over && _playback.Reached() is { } name)
        {
            order.Sound.MarksReturned++;
            _sender.Send(_frames.Mark(name));
        }
    }
}
