using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tests.World;
using Xunit;

namespace Tests.Calls.Bridge;

/// <summary>A model that says exactly what a test lets it say, over real sockets in the provider's own events.</summary>
internal sealed class FakeModel : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<ModelSocket> sockets = new();

    private FakeModel(WebApplication app) => this.app = app;

    public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>So many of the next upgrades are refused with 503.</summary>
    public int Refusals { get; set; }

    /// <summary>Whether <c>session.updated</c> comes by itself.</summary>
    public bool Updates { get; set; } = true;

    /// <summary>All that ever connected, in order.</summary>
    public IReadOnlyList<ModelSocket> All => [.. sockets];

    public static async Task<FakeModel> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        var app = builder.Build();
        var model = new FakeModel(app);
        app.UseWebSockets();
        app.Map("/v1/realtime", model.Handle);
        await app.StartAsync();
        return model;
    }

    /// <summary>The session with this number, once it has been configured.</summary>
    public async Task<ModelSocket> Session(int number = 0)
    {
        await TestWorld.Until(() => Task.FromResult(sockets.Count > number), $"session {number} is opened");
        var session = sockets.ElementAt(number);
        await session.Next("session.update");
        return session;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var socket in sockets)
        {
            socket.Drop();
        }

        await app.DisposeAsync();
        foreach (var socket in sockets)
        {
            socket.Dispose();
        }
    }

    private async Task Handle(HttpContext context)
    {
        if (Refusals > 0)
        {
            Refusals--;
            context.Response.StatusCode = 503;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var session = new ModelSocket(socket, context.Request.Headers.Authorization.ToString(), context.Request.QueryString.Value ?? "");
        sockets.Enqueue(session);
        await session.Run(Updates);
    }
}

/// <summary>One session as the model has it.</summary>
internal sealed class ModelSocket(WebSocket socket, string authorization, string query) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<JsonElement> events = Channel.CreateUnbounded<JsonElement>();
    private readonly SemaphoreSlim sending = new(1, 1);
    private readonly List<byte> heard = [];

    public string Authorization => authorization;

    public string Query => query;

    /// <summary>When the other side has closed or gone.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Appends { get; private set; }

    /// <summary>All audio, decoded.</summary>
    public byte[] Heard
    {
        get
        {
            lock (heard)
            {
                return [.. heard];
            }
        }
    }

    public async Task Run(bool updates)
    {
        await Send(new { type = "session.created", event_id = "event_1", session = new { id = "sess_1", @object = "realtime.session" } });
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

                Take(message, out var isUpdate);
                if (isUpdate && updates)
                {
                    await Send(new { type = "session.updated", event_id = "event_2", session = new { id = "sess_1" } });
                }
            }
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The test ends it.
        }
        finally
        {
            events.Writer.TryComplete();
            Ended.TrySetResult();
        }
    }

    /// <summary>The next event that is no audio; it has to be of this type.</summary>
    public async Task<JsonElement> Next(string type)
    {
        var next = await events.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        Assert.Equal(type, next.GetProperty("type").GetString());
        return next;
    }

    /// <summary>The next event that is no audio, whatever it is.</summary>
    public Task<JsonElement> Next() => events.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    /// <summary>True when no event that is no audio is waiting.</summary>
    public bool IsSilent => !events.Reader.TryPeek(out _);

    public Task Send(object said) => SendText(JsonSerializer.Serialize(said));

    public async Task SendText(string json)
    {
        await sending.WaitAsync();
        try
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, true, default);
        }
        finally
        {
            sending.Release();
        }
    }

    /// <summary>Begins an answer with this id, whose item is called <c>item_</c> and the id.</summary>
    public Task Begin(string id) => Send(new { type = "response.created", event_id = "e", response = new { id, status = "in_progress" } });

    public Task Say(string id, byte[] audio) => Send(new
    {
        type = "response.output_audio.delta",
        event_id = "e",
        response_id = id,
        item_id = $"item_{id}",
        output_index = 0,
        content_index = 0,
        delta = Convert.ToBase64String(audio),
    });

    /// <summary>Ends an answer as a whole one ends.</summary>
    public async Task End(string id, string? transcript = null, string status = "completed", object[]? output = null, JsonNode? usage = null)
    {
        await Send(new { type = "response.output_audio.done", event_id = "e", response_id = id, item_id = $"item_{id}", output_index = 0, content_index = 0 });
        if (transcript is not null)
        {
            await Send(new { type = "response.output_audio_transcript.done", event_id = "e", response_id = id, item_id = $"item_{id}", transcript });
        }

        await Done(id, status, output, usage);
    }

    public Task Done(string id, string status = "completed", object[]? output = null, JsonNode? usage = null) => Send(new
    {
        type = "response.done",
        event_id = "e",
        response = new { id, status, output = output ?? [], usage = usage ?? Usage },
    });

    public Task SpeechStarts(string item = "item_U1", long atMs = 0) => Send(new { type = "input_audio_buffer.speech_started", event_id = "e", audio_start_ms = atMs, item_id = item });

    public async Task SpeechStops(string item = "item_U1", string? previous = null)
    {
        await Send(new { type = "input_audio_buffer.speech_stopped", event_id = "e", audio_end_ms = 0, item_id = item });
        await Send(new { type = "input_audio_buffer.committed", event_id = "e", item_id = item, previous_item_id = previous });
    }

    public Task Fails(string code, string? cause = null) => Send(new { type = "error", event_id = "e", error = new { type = "invalid_request_error", code, message = "No.", event_id = cause } });

    /// <summary>The connection is gone, without a word.</summary>
    public void Drop() => socket.Abort();

    public void Dispose() => sending.Dispose();

    private static readonly JsonNode Usage = JsonNode.Parse(
        """
        {"total_tokens":253,"input_tokens":132,"output_tokens":121,
         "input_token_details":{"text_tokens":119,"audio_tokens":13,"image_tokens":0,"cached_tokens":64,"cached_tokens_details":{"text_tokens":64,"audio_tokens":0,"image_tokens":0}},
         "output_token_details":{"text_tokens":30,"audio_tokens":91}}
        """)!;

    private void Take(JsonElement said, out bool isUpdate)
    {
        var type = said.GetProperty("type").GetString();
        isUpdate = type == "session.update";
        if (type != "input_audio_buffer.append")
        {
            events.Writer.TryWrite(said);
            return;
        }

        lock (heard)
        {
            Appends++;
            heard.AddRange(said.GetProperty("audio").GetBytesFromBase64());
        }
    }
}
