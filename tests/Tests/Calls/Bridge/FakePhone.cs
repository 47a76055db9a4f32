using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Tests.World;
using Xunit;

namespace Tests.Calls.Bridge;

/// <summary>The carrier's end of a stream: sends what a test wants sent, plays nothing by itself, and gives marks back when it is told to.</summary>
internal sealed class FakePhone : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket socket = new();
    private readonly Channel<JsonElement> frames = Channel.CreateUnbounded<JsonElement>();
    private Task reading = Task.CompletedTask;
    private int sequence;

    public const string StreamSid = "MZ0123456789abcdef0123456789abcdef";
    public const string CallSid = "CA0123456789abcdef0123456789abcdef";

    public long Timestamp { get; private set; }

    public WebSocketCloseStatus? Closed => socket.CloseStatus;

    /// <param name="path">Of one of the sockets.</param>
    public static async Task<FakePhone> Connect(HttpClient server, string path = "/media-stream", string? signature = null)
    {
        var phone = new FakePhone();
        if (signature is not null)
        {
            phone.socket.Options.SetRequestHeader("x-twilio-signature", signature);
        }

        phone.socket.Options.CollectHttpResponseDetails = true;
        await phone.socket.ConnectAsync(new Uri(server.BaseAddress!.ToString().Replace("http://", "ws://", StringComparison.Ordinal).TrimEnd('/') + path), default);
        phone.reading = Task.Run(phone.Read);
        return phone;
    }

    /// <summary>Connected, started, with this token.</summary>
    public static async Task<FakePhone> Call(HttpClient server, string? token = "good", string path = "/media-stream", string callSid = CallSid)
    {
        var phone = await Connect(server, path);
        await phone.Start(token, callSid);
        return phone;
    }

    public async Task Start(string? token = "good", string callSid = CallSid)
    {
        await Send("""{"event":"connected","protocol":"Call","version":"1.0.0"}""");
        await Send(JsonSerializer.Serialize(new
        {
            @event = "start",
            sequenceNumber = "1",
            streamSid = StreamSid,
            start = new
            {
                streamSid = StreamSid,
                accountSid = "AC1",
                callSid,
                tracks = new[] { "inbound" },
                mediaFormat = new { encoding = "audio/x-mulaw", sampleRate = 8000, channels = 1 },
                customParameters = token is null ? new Dictionary<string, string>() : new() { ["token"] = token, ["direction"] = "inbound" },
            },
        }));
    }

    public Task Send(string text) => SendBytes(Encoding.UTF8.GetBytes(text));

    public Task SendBytes(byte[] bytes) => socket.SendAsync(bytes, WebSocketMessageType.Text, true, default).WaitAsync(Patience);

    /// <summary>Twenty milliseconds of sound, each of this byte.</summary>
    public async Task Speak(int count = 1, byte sound = 0x55)
    {
        for (var i = 0; i < count; i++)
        {
            await Speak([.. Enumerable.Repeat(sound, 160)]);
        }
    }

    public Task Speak(byte[] audio)
    {
        var frame = JsonSerializer.Serialize(new
        {
            @event = "media",
            sequenceNumber = $"{++sequence + 1}",
            streamSid = StreamSid,
            media = new { track = "inbound", chunk = $"{sequence}", timestamp = $"{Timestamp}", payload = Convert.ToBase64String(audio) },
        });
        Timestamp += 20;
        return Send(frame);
    }

    /// <summary>Time passes on the line while nothing is sent.</summary>
    public void Pass(long milliseconds) => Timestamp += milliseconds;

    public Task Mark() => Send($$$"""{"event":"mark","sequenceNumber":"4","streamSid":"{{{StreamSid}}}","mark":{"name":"responsePart"}}""");

    public Task Dtmf(char digit) => Send($$$"""{"event":"dtmf","streamSid":"{{{StreamSid}}}","dtmf":{"track":"inbound_track","digit":"{{{digit}}}"}}""");

    public Task Stop() => Send($$$"""{"event":"stop","sequenceNumber":"9","streamSid":"{{{StreamSid}}}","stop":{"accountSid":"AC1","callSid":"{{{CallSid}}}"}}""");

    /// <summary>The next frame that came; it has to be this event.</summary>
    public async Task<JsonElement> Next(string @event)
    {
        var frame = await Next();
        Assert.Equal(@event, frame.GetProperty("event").GetString());
        return frame;
    }

    /// <summary>The next frame, whatever it is.</summary>
    public async Task<JsonElement> Next()
    {
        var frame = await frames.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        Assert.Equal(StreamSid, frame.GetProperty("streamSid").GetString());
        return frame;
    }

    /// <summary>The audio of the next frame.</summary>
    public async Task<byte[]> NextMedia() => (await Next("media")).GetProperty("media").GetProperty("payload").GetBytesFromBase64();

    /// <summary>Whatever came until now and was not looked at.</summary>
    public List<JsonElement> Rest()
    {
        List<JsonElement> rest = [];
        while (frames.Reader.TryRead(out var frame))
        {
            rest.Add(frame);
        }

        return rest;
    }

    /// <summary>Waits until the server has closed, and answers how.</summary>
    public async Task<WebSocketCloseStatus?> End()
    {
        await reading.WaitAsync(Patience);
        return socket.CloseStatus;
    }

    /// <summary>The connection is gone, without a word.</summary>
    public void Drop() => socket.Abort();

    public async ValueTask DisposeAsync()
    {
        socket.Abort();
        await reading;
        socket.Dispose();
    }

    private async Task Read()
    {
        var buffer = new byte[1 << 20];
        try
        {
            while (true)
            {
                if (await socket.ReceiveJson(buffer) is not { } message)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
                    return;
                }

                frames.Writer.TryWrite(message);
            }
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The test ends it.
        }
        finally
        {
            frames.Writer.TryComplete();
        }
    }
}
