using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Sandbox.OpenAi.Realtime.Sound;
using Tests.Specs;
using Tests.World;
using Xunit;

namespace Tests.Sandbox;

/// <summary>A client of the sandbox's Realtime API that holds every event against the published schemas.</summary>
internal sealed class RealtimeCaller : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly ClientWebSocket socket = new();
    private readonly byte[] buffer = new byte[1024 * 1024];

    public List<JsonElement> Seen { get; } = [];

    /// <summary>Speaks µ-law, because phones do; says what it is connected with.</summary>
    public static async Task<RealtimeCaller> Connect(SandboxHost sandbox, string query = "?model=gpt-realtime", string key = "sk-test")
    {
        var caller = new RealtimeCaller();
        caller.socket.Options.SetRequestHeader("Authorization", $"Bearer {key}");
        caller.socket.Options.CollectHttpResponseDetails = true;
        using var patience = new CancellationTokenSource(Patience);
        await caller.socket.ConnectAsync(new Uri($"{sandbox.Address.Replace("http", "ws")}/openai/v1/realtime{query}"), patience.Token);
        return caller;
    }

    /// <summary>Connected and configured for a phone: µ-law both ways, server VAD.</summary>
    public static async Task<RealtimeCaller> Phone(SandboxHost sandbox, object? detection = null, object? transcription = null, object[]? tools = null, string instructions = "Be kind.")
    {
        var caller = await Connect(sandbox);
        await caller.Until("session.created");
        await caller.Send(new
        {
            type = "session.update",
            session = new
            {
                type = "realtime",
                instructions,
                tools = tools ?? [],
                audio = new
                {
                    input = new
                    {
                        format = new { type = "audio/pcmu" },
                        turn_detection = detection ?? new { type = "server_vad", silence_duration_ms = 300, prefix_padding_ms = 200 },
                        transcription,
                    },
                    output = new { format = new { type = "audio/pcmu" }, voice = "coral" },
                },
            },
        });
        await caller.Until("session.updated");
        return caller;
    }

    public Task Send(object message) => SendText(JsonSerializer.Serialize(message));

    public async Task SendText(string message)
    {
        using var patience = new CancellationTokenSource(Patience);
        await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, patience.Token);
    }

    /// <summary>Audio in frames of 20 ms, as fast as they go; no tone is silence.</summary>
    public async Task Speak(double? toneHz, double seconds)
    {
        var frames = (int)(seconds * 50);
        for (var frame = 0; frame < frames; frame++)
        {
            var sound = toneHz is { } hz ? Tone.Sound(SoundFormat.Mulaw, hz, frame * 160, 160) : [.. Enumerable.Repeat((byte)0xFF, 160)];
            await Send(new { type = "input_audio_buffer.append", audio = Convert.ToBase64String(sound) });
        }
    }

    /// <summary>Reads on to the next event of this type; those on the way are kept in <see cref="Seen"/>.</summary>
    public async Task<JsonElement> Until(string type)
    {
        while (true)
        {
            var next = await Next() ?? throw new InvalidOperationException($"The connection was closed ({socket.CloseStatus}) before {type} came; seen: {string.Join(", ", Types)}");
            if (next.GetProperty("type").GetString() == type)
            {
                return next;
            }

            Assert.False(next.GetProperty("type").GetString() == "error" && type != "error", $"Waiting for {type}: {next}");
        }
    }

    public IEnumerable<string> Types => Seen.Select(one => one.GetProperty("type").GetString()!);

    /// <summary>The next event, or null when the server closed.</summary>
    public async Task<JsonElement?> Next()
    {
        using var patience = new CancellationTokenSource(Patience);
        if (await socket.ReceiveJson(buffer, patience.Token) is not { } next)
        {
            return null;
        }

        Assert.Null(await RealtimeEvents.CheckServer(next.GetRawText()));
        Seen.Add(next);
        return next;
    }

    public WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    /// <summary>The sound of a response, put together.</summary>
    public byte[] Sound(string responseId) => [.. Seen
        .Where(one => one.GetProperty("type").GetString() == "response.output_audio.delta" && one.GetProperty("response_id").GetString() == responseId)
        .SelectMany(one => one.GetProperty("delta").GetBytesFromBase64())];

    public async Task HangUp()
    {
        using var patience = new CancellationTokenSource(Patience);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
    }

    /// <summary>Goes without a goodbye.</summary>
    public void Abort() => socket.Abort();

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
