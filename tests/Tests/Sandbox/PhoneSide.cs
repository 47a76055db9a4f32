using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Tests.Sandbox;

/// <summary>A request of Twilio's as it arrived: its form, or its query.</summary>
internal sealed record PhoneRequest(string Method, string Target, string Signature, IReadOnlyDictionary<string, string> Form)
{
    public string this[string name] => Form.GetValueOrDefault(name, "");
}

/// <summary>Our side of phone calls, as a test plays it: answers with instructions, takes callbacks, opens media sockets.</summary>
internal sealed class PhoneSide : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<PhoneRequest> requests = [];

    private PhoneSide(WebApplication app) => this.app = app;

    /// <summary>The plain address; Twilio is told the secure spelling of it.</summary>
    public string Address { get; private set; } = "";
    public string SocketAddress => Address.Replace("http://", "wss://", StringComparison.Ordinal) + "/media";
    public IReadOnlyList<PhoneRequest> Requests => [.. requests];
    public ConcurrentQueue<PhoneSocket> Sockets { get; } = [];

    /// <summary>What a request for instructions is answered with; by default a stream, and nothing after it.</summary>
    public Func<PhoneRequest, string> Instructions { get; set; } = _ => "";

    /// <summary>What instructions wait for.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    /// <summary>What we do on a media socket, until it is over.</summary>
    public Func<PhoneSocket, Task> Talk { get; set; } = socket => socket.ReadToEnd();

    /// <summary>What everything but a socket is answered with.</summary>
    public int Status { get; set; } = 200;

    /// <summary>What a socket's handshake is refused with.</summary>
    public int? Refusal { get; set; }

    public static async Task<PhoneSide> Start()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var side = new PhoneSide(builder.Build());
        side.app.UseWebSockets();
        side.app.Run(side.Take);
        await side.app.StartAsync();
        side.Address = side.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        side.Instructions = _ => $"""<Response><Connect><Stream url="{side.SocketAddress}"><Parameter name="token" value="t&amp;1"/></Stream></Connect></Response>""";
        return side;
    }

    public IReadOnlyList<PhoneRequest> Callbacks(string path = "/status") => [.. Requests.Where(request => request.Target.StartsWith(path, StringComparison.Ordinal))];

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task Take(HttpContext context)
    {
        if (context.WebSockets.IsWebSocketRequest && Refusal is null)
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var phone = new PhoneSocket(socket, context.Request.Headers["X-Twilio-Signature"].ToString(), context.Request.Path + context.Request.QueryString);
            Sockets.Enqueue(phone);
            await Talk(phone);
            return;
        }

        using var body = new StreamReader(context.Request.Body);
        var fields = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(
            HttpMethods.IsGet(context.Request.Method) ? context.Request.QueryString.Value : await body.ReadToEndAsync());
        var request = new PhoneRequest(
            context.Request.Method, context.Request.Path + context.Request.QueryString, context.Request.Headers["X-Twilio-Signature"].ToString(),
            fields.ToDictionary(field => field.Key, field => field.Value.ToString()));
        requests.Enqueue(request);
        context.Response.StatusCode = Refusal ?? Status;
        if (context.Request.Path.StartsWithSegments("/twiml") && context.Response.StatusCode == 200)
        {
            context.Response.ContentType = "application/xml";
            await Before();
            await context.Response.WriteAsync(Instructions(request));
        }
    }
}

/// <summary>Our end of one media socket.</summary>
internal sealed class PhoneSocket(WebSocket socket, string signature, string target)
{
    private readonly ConcurrentQueue<JsonElement> frames = [];

    public string Signature => signature;
    public string Target => target;
    public WebSocket Socket => socket;
    public string StreamSid { get; private set; } = "";
    public string CallSid { get; private set; } = "";
    public IReadOnlyList<JsonElement> Frames => [.. frames];

    public IReadOnlyList<JsonElement> Of(string name) => [.. frames.Where(frame => Event(frame) == name)];

    public static string? Event(JsonElement frame) => frame.ValueKind == JsonValueKind.Object && frame.TryGetProperty("event", out var name) ? name.ToString() : null;

    /// <summary>The next message, or null when there is none any more; a text that is no JSON comes as a string.</summary>
    public async Task<JsonElement?> Read()
    {
        var buffer = new byte[4096];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer, CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                message.Write(buffer, 0, part.Count);
                if (part.EndOfMessage)
                {
                    break;
                }
            }
        }
        catch (WebSocketException)
        {
            return null;
        }

        JsonElement frame;
        try
        {
            frame = JsonDocument.Parse(message.ToArray()).RootElement;
        }
        catch (JsonException)
        {
            frame = JsonSerializer.SerializeToElement(Encoding.UTF8.GetString(message.ToArray()));
        }

        if (Event(frame) == "start")
        {
            StreamSid = frame.GetProperty("streamSid").GetString()!;
            CallSid = frame.GetProperty("start").GetProperty("callSid").GetString()!;
        }

        frames.Enqueue(frame);
        return frame;
    }

    /// <summary>Reads on until one with this name has come; null when the socket ends before.</summary>
    public async Task<JsonElement?> ReadUntil(string name)
    {
        while (await Read() is { } frame)
        {
            if (Event(frame) == name)
            {
                return frame;
            }
        }

        return null;
    }

    public async Task ReadToEnd()
    {
        while (await Read() is { } frame)
        {
            if (Event(frame) == "stop")
            {
                await Close();
            }
        }
    }

    public Task Media(byte[] audio) => Send(new { @event = "media", streamSid = StreamSid, media = new { payload = Convert.ToBase64String(audio) } });

    public Task Mark(string name) => Send(new { @event = "mark", streamSid = StreamSid, mark = new { name } });

    public Task Clear() => Send(new { @event = "clear", streamSid = StreamSid });

    public Task Send(object frame) => socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(frame), WebSocketMessageType.Text, true, CancellationToken.None);

    public Task Close(WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure) =>
        socket.State is WebSocketState.Open or WebSocketState.CloseReceived ? socket.CloseOutputAsync(status, null, CancellationToken.None) : Task.CompletedTask;
}
