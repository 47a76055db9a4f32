using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace Bench.Media;

/// <summary>One session with the model that repeats what it hears.</summary>
internal sealed class ModelSession(Socket socket, ModelStub stub) : FrameSocket(socket, masks: false)
{
    private const int FramesInATurn = 250;
    private const int FramesInASentence = 50;
    private const string Usage =
        """{"total_tokens":253,"input_tokens":132,"output_tokens":121,"input_token_details":{"text_tokens":119,"audio_tokens":13,"image_tokens":0,"cached_tokens":64,"cached_tokens_details":{"text_tokens":64,"audio_tokens":0,"image_tokens":0}},"output_token_details":{"text_tokens":30,"audio_tokens":91}}""";

    private const string Sentence = "That is what I have heard you say, ";

    private static readonly byte[] Created = """{"type":"session.created","event_id":"event_1","session":{"type":"realtime","object":"realtime.session","id":"sess_bench","model":"gpt-realtime"}}"""u8.ToArray();
    private static readonly byte[] Updated = """{"type":"session.updated","event_id":"event_2","session":{"type":"realtime","object":"realtime.session","id":"sess_bench","model":"gpt-realtime"}}"""u8.ToArray();

    private readonly byte[] piece = new byte[Stamps.FrameBytes * (stub.Order.PieceMs / 20)];
    private readonly Stamps heard = Stamps.OfPhone();
    private readonly Stamps said = Stamps.OfModel();
    private byte[] sound = new byte[1024];
    private byte[] delta = [];
    private int pieceFilled;
    private int deltaHead;
    private int turn;
    private int inTurn;
    private int number;
    private bool speaks;

    /// <summary>It is no stray connection.</summary>
    public bool IsSession { get; private set; }
    public bool IsConfigured { get; private set; }
    public Stamps Heard => heard;

    protected override bool OnHead(ReadOnlySpan<byte> head)
    {
        var text = Encoding.ASCII.GetString(head);
        var key = Header(text, "Sec-WebSocket-Key");
        if (key is null)
        {
            Dispose();
            return false;
        }

        IsSession = true;
        var answer = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {ModelStub.AcceptKey(key)}\r\n\r\n");
        stub.Wheel.After(stub.Order.HandshakeMs, () =>
        {
            SendRaw(answer);
            Send(Created);
        });
        return true;
    }

    protected override void OnText(Span<byte> text)
    {
        var audio = text.IndexOf("\"audio\":\""u8);
        if (audio >= 0 && text.IndexOf("input_audio_buffer.append"u8) >= 0)
        {
            var base64 = text[(audio + 9)..];
            Hear(base64[..base64.IndexOf((byte)'"')]);
        }
        else if (text.IndexOf("\"session.update\""u8) >= 0)
        {
            IsConfigured = true;
            Send(Updated);
        }
        else if (text.IndexOf("\"response.create\""u8) >= 0 && !speaks)
        {
            Begin();
        }
    }

    protected override void OnClosed()
    {
    }

    private void Hear(ReadOnlySpan<byte> base64)
    {
        if (sound.Length < base64.Length)
        {
            sound = new byte[base64.Length];
        }

        Base64.DecodeFromUtf8(base64, sound, out _, out var length);
        heard.Read(sound.AsSpan(0, length), stub.ToModel);
        if (!speaks)
        {
            return;
        }

        for (var at = 0; at + Stamps.FrameBytes <= length; at += Stamps.FrameBytes)
        {
            sound.AsSpan(at, Stamps.FrameBytes).CopyTo(piece.AsSpan(pieceFilled));
            pieceFilled += Stamps.FrameBytes;
            if (pieceFilled == piece.Length)
            {
                Say();
            }
        }
    }

    private void Say()
    {
        for (var at = 0; at < piece.Length; at += Stamps.FrameBytes)
        {
            said.Write(piece.AsSpan(at), number++);
        }

        pieceFilled = 0;
        Base64.EncodeToUtf8(piece, delta.AsSpan(deltaHead), out _, out var length);
        "\"}"u8.CopyTo(delta.AsSpan(deltaHead + length));
        Send(delta.AsSpan(0, deltaHead + length + 2));
        var frames = piece.Length / Stamps.FrameBytes;
        if (inTurn / FramesInASentence != (inTurn + frames) / FramesInASentence)
        {
            Event("response.output_audio_transcript.delta", $$""","response_id":"{{Response}}","item_id":"{{Item}}","output_index":0,"content_index":0,"delta":"{{Sentence}}" """);
        }

        inTurn += frames;
        if (inTurn >= FramesInATurn)
        {
            End();
            Begin();
        }
    }

    private string Response => $"resp_{turn}";

    private string Item => $"item_{turn}";

    private void Begin()
    {
        (speaks, inTurn) = (true, 0);
        turn++;
        var head = $$"""{"type":"response.output_audio.delta","event_id":"event_a{{turn}}","response_id":"{{Response}}","item_id":"{{Item}}","output_index":0,"content_index":0,"delta":" """;
        deltaHead = head.Length - 1;
        delta = new byte[deltaHead + Base64.GetMaxEncodedToUtf8Length(piece.Length) + 2];
        Encoding.ASCII.GetBytes(head.AsSpan(0, deltaHead), delta);
        Event("response.created", $$""","response":{"object":"realtime.response","id":"{{Response}}","status":"in_progress","output":[],"conversation_id":"conv_1","output_modalities":["audio"]}""");
        Event("response.output_item.added", $$""","response_id":"{{Response}}","output_index":0,"item":{"id":"{{Item}}","object":"realtime.item","type":"message","status":"in_progress","role":"assistant","content":[]}""");
        Event("conversation.item.added", $$""","previous_item_id":null,"item":{"id":"{{Item}}","object":"realtime.item","type":"message","status":"in_progress","role":"assistant","content":[]}""");
    }

    private void End()
    {
        var place = $$""","response_id":"{{Response}}","item_id":"{{Item}}","output_index":0,"content_index":0""";
        var item = $$"""{"id":"{{Item}}","object":"realtime.item","type":"message","status":"completed","role":"assistant","content":[{"type":"output_audio","transcript":"{{Sentence}}"}]}""";
        Event("response.output_audio.done", place);
        Event("response.output_audio_transcript.done", $$"""{{place}},"transcript":"{{Sentence}}" """);
        Event("response.output_item.done", $$""","response_id":"{{Response}}","output_index":0,"item":{{item}}""");
        Event("response.done", $$""","response":{"object":"realtime.response","id":"{{Response}}","status":"completed","output":[{{item}}],"conversation_id":"conv_1","output_modalities":["audio"],"usage":{{Usage}} }""");
        Event("conversation.item.input_audio_transcription.completed", $$""","item_id":"item_u{{turn}}","content_index":0,"transcript":"{{Sentence}}","usage":{"type":"tokens","total_tokens":22,"input_tokens":13,"input_token_details":{"text_tokens":0,"audio_tokens":13},"output_tokens":9}""");
        speaks = false;
    }

    private void Event(string type, string fields) => Send(Encoding.UTF8.GetBytes($$"""{"type":"{{type}}","event_id":"event_{{turn}}"{{fields.TrimEnd()}}}"""));

    private static string? Header(string head, string name) => head.Split("\r\n")
        .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim())
        .FirstOrDefault();
}
