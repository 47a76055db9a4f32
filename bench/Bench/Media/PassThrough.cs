using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Bench.Media;

/// <summary>
/// A bare bridge on the same web server: it carries audio from one socket to the other and knows nothing else. No signature, no token, no
/// meter, no transcript, no interruption: what it costs is what anything costs that carries calls.
/// </summary>
internal static class PassThrough
{
    /// <summary>The first word of the command line that makes this program the bridge: <c>media-pass PORT MODEL_PORT</c>.</summary>
    public const string Mode = "media-pass";

    public static async Task Serve(string port, string modelPort)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{int.Parse(port, CultureInfo.InvariantCulture)}");
        await using var app = builder.Build();
        var model = new Uri($"ws://127.0.0.1:{int.Parse(modelPort, CultureInfo.InvariantCulture)}/v1/realtime?model=gpt-realtime");
        app.UseWebSockets();
        app.Run(async context =>
        {
            if (!context.WebSockets.IsWebSocketRequest)
            {
                return;
            }

            using var phone = await context.WebSockets.AcceptWebSocketAsync();
            await Bridge(phone, model, context.RequestAborted);
        });
        await app.RunAsync();
    }

    public static async Task<Peer> Start(int modelPort)
    {
        var port = ServerProcess.FreePort();
        return await Peer.Start("pass-through", new Uri($"http://127.0.0.1:{port}"), "dotnet", [typeof(PassThrough).Assembly.Location, Mode, $"{port}", $"{modelPort}"]);
    }

    private static async Task Bridge(WebSocket phone, Uri address, CancellationToken gone)
    {
        using var model = new ClientWebSocket();
        model.Options.Proxy = null;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(gone);
        try
        {
            using var fromPhone = new Inbox(phone);
            using var fromModel = new Inbox(model);
            await fromPhone.Next(over.Token);
            var start = Encoding.UTF8.GetString((await fromPhone.Next(over.Token)).Span);
            var stream = start.Split("\"streamSid\":\"")[1].Split('"')[0];
            await model.ConnectAsync(address, over.Token);
            await Send(model, """{"type":"session.update","session":{"type":"realtime"}}"""u8.ToArray(), over.Token);
            while ((await fromModel.Next(over.Token)).Span.IndexOf("session.updated"u8) < 0)
            {
            }

            await Send(model, """{"type":"response.create"}"""u8.ToArray(), over.Token);
            await Task.WhenAny(
                Carry(fromPhone, model, "\"payload\":\""u8.ToArray(), """{"type":"input_audio_buffer.append","audio":" """u8[..^1].ToArray(), "\"}"u8.ToArray(), null, over.Token),
                Carry(fromModel, phone, "\"delta\":\""u8.ToArray(), Encoding.UTF8.GetBytes($$$"""{"event":"media","streamSid":"{{{stream}}}","media":{"payload":" """)[..^1], "\"}}"u8.ToArray(),
                    Encoding.UTF8.GetBytes($$$"""{"event":"mark","streamSid":"{{{stream}}}","mark":{"name":"responsePart"}}"""), over.Token));
        }
        catch (Exception end) when (end is WebSocketException or OperationCanceledException)
        {
            // Either side has gone.
        }

        await over.CancelAsync();
    }

    private static async Task Carry(Inbox from, WebSocket to, byte[] key, byte[] head, byte[] tail, byte[]? mark, CancellationToken over)
    {
        var outgoing = new byte[1024];
        head.CopyTo(outgoing, 0);
        while (await from.Next(over) is { Length: > 0 } text)
        {
            // Transcripts have a delta too; audio is what no sentence looks like.
            var at = text.Span.IndexOf(key);
            if (at < 0 || (mark is not null && text.Span.IndexOf("output_audio.delta"u8) < 0))
            {
                continue;
            }

            var rest = text[(at + key.Length)..];
            var audio = rest[..rest.Span.IndexOf((byte)'"')];
            var length = head.Length + audio.Length + tail.Length;
            if (outgoing.Length < length)
            {
                Array.Resize(ref outgoing, length * 2);
            }

            audio.CopyTo(outgoing.AsMemory(head.Length));
            tail.CopyTo(outgoing, head.Length + audio.Length);
            await to.SendAsync(outgoing.AsMemory(0, length), WebSocketMessageType.Text, true, over);
            if (mark is not null)
            {
                await Send(to, mark, over);
            }
        }
    }

    private static ValueTask Send(WebSocket to, byte[] text, CancellationToken over) => to.SendAsync(text.AsMemory(), WebSocketMessageType.Text, true, over);

    /// <summary>Whole messages; each is good until the next. An empty one: the other side has gone.</summary>
    private sealed class Inbox(WebSocket socket) : IDisposable
    {
        private byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);

        public async ValueTask<ReadOnlyMemory<byte>> Next(CancellationToken over)
        {
            var filled = 0;
            while (true)
            {
                var got = await socket.ReceiveAsync(buffer.AsMemory(filled), over);
                filled += got.Count;
                if (got.MessageType == WebSocketMessageType.Close)
                {
                    return default;
                }

                if (got.EndOfMessage)
                {
                    return buffer.AsMemory(0, filled);
                }

                if (filled == buffer.Length)
                {
                    Array.Resize(ref buffer, filled * 2);
                }
            }
        }

        public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);
    }
}
