using System.Buffers.Text;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Bench.Media;

/// <summary>The carrier's side of one call: connected, start, fifty frames a second, marks that come back when what was before them has been played.</summary>
internal sealed class PhoneCall : FrameSocket
{
    private const string TextKey = "bGVkZ2VybGluZS1iZW5jaA==";

    private readonly PhoneLoad load;
    private readonly string streamSid;
    private readonly string request;
    private readonly string? start;
    private readonly byte[] frame = new byte[512];
    private readonly byte[] payload;
    private readonly byte[] ending;
    private readonly Stamps heard = Stamps.OfModel();
    private readonly Stamps said = Stamps.OfPhone();
    private readonly byte[] head = new byte[Stamps.HeadBytes];
    private readonly byte[] markBack;
    private readonly Queue<long> marks = new();
    private readonly bool direct;
    private byte[] sound = new byte[1024];
    private long played;
    private IDisposable? turn;
    private int turns;

    public PhoneCall(Socket socket, PhoneLoad load, Uri address, string? signature, string callSid, string? token, bool direct, bool starts = true) : base(socket, masks: true)
    {
        (this.load, this.direct, CallSid) = (load, direct, callSid);
        streamSid = "MZ" + callSid[2..];
        request = $"GET {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: {TextKey}\r\n{(signature is null ? "" : $"X-Twilio-Signature: {signature}\r\n")}\r\n";
        start = !starts ? null : $$$"""{"event":"start","sequenceNumber":"1","start":{"accountSid":"{{{PhoneLoad.AccountSid}}}","streamSid":"{{{streamSid}}}","callSid":"{{{callSid}}}","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{{{(token is null ? "{}" : $$"""{"token":"{{token}}"}""")}}}},"streamSid":"{{{streamSid}}}"}""";
        markBack = Encoding.UTF8.GetBytes($$$"""{"event":"mark","sequenceNumber":"9","streamSid":"{{{streamSid}}}","mark":{"name":"responsePart"}}""");
        payload = Encoding.ASCII.GetBytes(Convert.ToBase64String([.. Enumerable.Range(0, Stamps.FrameBytes).Select(at => (byte)(0x20 + at * 7 % 64))]));
        ending = Encoding.ASCII.GetBytes(direct ? "\"}" : $"\"}},\"streamSid\":\"{streamSid}\"}}");
    }

    public string CallSid { get; }

    /// <summary>Frames that were sent.</summary>
    public int Said { get; private set; }

    public Stamps Heard => heard;

    /// <summary>The upgrade was taken.</summary>
    public bool IsTaken { get; private set; }
    public bool WasRefused => Refusal is not null;

    /// <summary>What was said instead of taking the upgrade.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Asks for the upgrade.</summary>
    public void Dial()
    {
        Start();
        SendRaw(Encoding.ASCII.GetBytes(request));
    }

    /// <summary>Speaks no more; says that the stream is over, and goes.</summary>
    public void HangUp()
    {
        Silence();
        if (!direct)
        {
            Send(Encoding.UTF8.GetBytes($$$"""{"event":"stop","sequenceNumber":"9","streamSid":"{{{streamSid}}}","stop":{"accountSid":"{{{PhoneLoad.AccountSid}}}","callSid":"{{{CallSid}}}"}}"""));
        }

        Leave();
    }

    public void Silence() => turn?.Dispose();

    protected override bool OnHead(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("HTTP/1.1 101"u8))
        {
            Refusal = Encoding.ASCII.GetString(head);
            Dispose();
            return false;
        }

        IsTaken = true;
        if (direct)
        {
            Send("""{"type":"session.update","session":{"type":"realtime"}}"""u8);
            Send("""{"type":"response.create"}"""u8);
        }
        else
        {
            Send("""{"event":"connected","protocol":"Call","version":"1.0.0"}"""u8);
        }

        if (start is not null)
        {
            if (!direct)
            {
                Send(Encoding.UTF8.GetBytes(start));
            }

            turn = load.Wheel.Every(load.NextSlot(), Turn);
        }

        return true;
    }

    protected override void OnText(Span<byte> text)
    {
        var payload = text.IndexOf(direct ? "\"delta\":\""u8 : "\"payload\":\""u8);
        if (payload >= 0)
        {
            var base64 = text[(payload + (direct ? 9 : 11))..];
            Hear(base64[..base64.IndexOf((byte)'"')]);
        }
        else if (text.IndexOf("\"mark\""u8) >= 0)
        {
            lock (marks)
            {
                marks.Enqueue(played);
            }
        }
        else if (text.IndexOf("\"clear\""u8) >= 0)
        {
            lock (marks)
            {
                played = 0;
            }
        }
    }

    protected override void OnClosed() => Silence();

    private void Hear(ReadOnlySpan<byte> base64)
    {
        if (sound.Length < base64.Length)
        {
            sound = new byte[base64.Length];
        }

        if (Base64.DecodeFromUtf8(base64, sound, out _, out var length) != System.Buffers.OperationStatus.Done)
        {
            return;
        }

        heard.Read(sound.AsSpan(0, length), load.ToPhone);
        lock (marks)
        {
            played = Math.Max(played, turns * 20L) + length / 8;
        }
    }

    /// <summary>20 ms have passed: one frame, and the marks of what has been played.</summary>
    private void Turn()
    {
        turns++;
        said.Write(head, Said);
        Base64.EncodeToUtf8(head, payload, out _, out _);
        if (Send(frame.AsSpan(0, Frame())))
        {
            Said++;
        }

        while (true)
        {
            lock (marks)
            {
                if (!marks.TryPeek(out var at) || at > turns * 20L)
                {
                    return;
                }

                marks.Dequeue();
            }

            Send(markBack);
        }
    }

    /// <summary>Writes the frame as the carrier does; its length.</summary>
    private int Frame()
    {
        var length = 0;
        if (direct)
        {
            Put("""{"type":"input_audio_buffer.append","audio":" """u8[..^1]);
        }
        else
        {
            Put("""{"event":"media","sequenceNumber":" """u8[..^1]);
            Number(Said + 2);
            Put(""" ","media":{"track":"inbound","chunk":" """u8[1..^1]);
            Number(Said + 1);
            Put(""" ","timestamp":" """u8[1..^1]);
            Number(Said * 20);
            Put(""" ","payload":" """u8[1..^1]);
        }

        Put(payload);
        Put(ending);
        return length;

        void Put(ReadOnlySpan<byte> text)
        {
            text.CopyTo(frame.AsSpan(length));
            length += text.Length;
        }

        void Number(int number)
        {
            number.TryFormat(frame.AsSpan(length), out var digits, default, CultureInfo.InvariantCulture);
            length += digits;
        }
    }
}
