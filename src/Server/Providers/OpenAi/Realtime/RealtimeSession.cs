using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using Ledgerline.Ai;

namespace Ledgerline.Providers.OpenAi.Realtime;

/// <summary>One session. Audio goes through as it is; every event of ours goes through one writer, and every wish for an answer through one sequence.</summary>
internal sealed class RealtimeSession : IVoiceSession
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Watching = TimeSpan.FromSeconds(1);

    private readonly RealtimeSocket socket;
    private readonly RealtimeWriter writer;
    private readonly RealtimeReading reading;
    private readonly RealtimeTurns turns = new(Patience);
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private readonly long began;
    private readonly ITimer watch;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private VoiceEnd? end;
    private byte[] unescaped = [];
    private string unwanted = "";
    private string lastCreate = "";
    private int eventIds;
    private int isRunning;
    private int isClosed;

    public RealtimeSession(RealtimeSocket socket, string model, string transcriptionModel, TimeProvider clock, ILogger log)
    {
        (this.socket, Model, this.clock, this.log) = (socket, model, clock, log);
        writer = new RealtimeWriter(socket.Socket);
        reading = new RealtimeReading(model, transcriptionModel, log);
        began = clock.GetTimestamp();
        watch = clock.CreateTimer(_ => Do(turns.Watch(Now)), null, Watching, Watching);
    }

    public string Model { get; }

    public long Dropped => writer.Dropped;

    private TimeSpan Now => clock.GetElapsedTime(began);

    public void Append(ReadOnlySpan<byte> base64) => writer.Audio(base64);

    public void Ask(string text, bool answer = true) => Send(RealtimeRequests.Text("user", text, NextId()), answer);

    public void Note(string text, bool answer = false) => Send(RealtimeRequests.Text("system", text, NextId()), answer);

    public void Result(string callId, string output, bool answer = true) => Send(RealtimeRequests.Result(callId, output, NextId()), answer);

    public void Truncate(string item, long playedMs) => writer.Event(RealtimeRequests.Truncate(item, playedMs, NextId()));

    public void Discard()
    {
        if (turns.Active is { } active)
        {
            Volatile.Write(ref unwanted, active);
        }
    }

    public async Task<VoiceEnd> Run(IVoiceListener listener)
    {
        if (Interlocked.Exchange(ref isRunning, 1) == 1)
        {
            throw new InvalidOperationException("A session is heard once.");
        }

        try
        {
            while (end is null && await socket.Receive(CancellationToken.None) is { } message)
            {
                await Take(message, listener);
            }

            reading.Flush(listener);
            return end ?? new VoiceEnd(isClosed == 1 ? VoiceEnd.Closed : VoiceEnd.Lost, $"OpenAI {socket.CloseReason}.");
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            reading.Flush(listener);
            return end ?? new VoiceEnd(isClosed == 1 ? VoiceEnd.Closed : VoiceEnd.Lost, $"The connection broke: {failure.GetType().Name}.");
        }
        finally
        {
            ended.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isClosed, 1) == 0)
        {
            await watch.DisposeAsync();
            writer.End();
            await socket.Close();
        }

        if (Volatile.Read(ref isRunning) == 1)
        {
            await ended.Task;
        }

        writer.Dispose();
        socket.Dispose();
    }

    private async ValueTask Take(ReadOnlyMemory<byte> message, IVoiceListener listener)
    {
        var head = Head(message.Span);
        if (head.IsAudio)
        {
            turns.Sounds(Now);
            if (head.DeltaLength > 0 && !IsUnwanted(message.Span.Slice(head.ResponseStart, head.ResponseLength)))
            {
                var audio = message.Slice(head.DeltaStart, head.DeltaLength);
                await listener.Audio(
                    reading.ItemOf(message.Span.Slice(head.ItemStart, head.ItemLength)),
                    head.IsEscaped ? Unescaped(message.Span.Slice(head.DeltaStart - 1, head.DeltaLength + 2)) : audio);
            }

            return;
        }

        using var document = Parse(message);
        if (document is null)
        {
            log.LogWarning("A session with {Model} was sent what is no event", Model);
            return;
        }

        await Take(document.RootElement, listener);
        socket.Shrink();
    }

    private async ValueTask Take(JsonElement root, IVoiceListener listener)
    {
        switch (root.Text("type"))
        {
            case "response.created":
                turns.Created(root.Object("response").Text("id") ?? "", Now);
                listener.TurnStarted();
                break;
            case "response.output_audio.done":
                await listener.AudioEnded(root.Text("item_id") ?? "");
                break;
            case "response.done":
                await Done(root.Object("response"), listener);
                break;
            case "input_audio_buffer.speech_started":
                turns.SpeechStarted();
                await listener.SpeechStarted(root.Text("item_id") ?? "", root.Number("audio_start_ms"));
                break;
            case "input_audio_buffer.speech_stopped":
                turns.SpeechStopped(Now);
                listener.SpeechEnded(root.Text("item_id") ?? "");
                break;
            case "error":
                Fail(root.Object("error"));
                break;
            default:
                turns.Lives(Now);
                reading.Take(root, listener);
                break;
        }
    }

    private static RealtimeEvent Head(ReadOnlySpan<byte> message)
    {
        try
        {
            return RealtimeEvent.Read(message);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static JsonDocument? Parse(ReadOnlyMemory<byte> message)
    {
        try
        {
            return JsonDocument.Parse(message);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Only some servers that speak the protocol write base64 with escapes.
    private ReadOnlyMemory<byte> Unescaped(ReadOnlySpan<byte> quoted)
    {
        if (unescaped.Length < quoted.Length)
        {
            unescaped = new byte[quoted.Length];
        }

        return unescaped.AsMemory(0, RealtimeEvent.Unescape(quoted, unescaped));
    }

    private async ValueTask Done(JsonElement response, IVoiceListener listener)
    {
        reading.Done(response, listener);
        await listener.TurnEnded();
        var hasFailed = response.Text("status") == "failed";
        if (hasFailed)
        {
            var error = response.Object("status_details").Object("error");
            log.LogWarning("An answer of {Model} failed: {Type} {Code}", Model, error.Text("type"), error.Text("code"));
        }

        Do(turns.Done(response.Text("id") ?? "", hasFailed, Now));
    }

    private void Fail(JsonElement error)
    {
        var (code, cause) = (error.Text("code"), error.Text("event_id"));
        switch (code)
        {
            case "conversation_already_has_active_response":
                turns.Rejected(Now);
                return;
            case "session_expired":
                Give(VoiceEnd.Expired, "The provider's time for a session is over.");
                return;
            case "invalid_api_key" or "insufficient_quota" or "model_not_found":
                Give(VoiceEnd.Refused, $"OpenAI says {code}.");
                return;
        }

        // Most leave the session as it was: what was asked for is not done, and that is all.
        log.LogWarning("A session with {Model} was told of an error: {Type} {Code} {Param}", Model, error.Text("type"), code, error.Text("param"));
        if (cause is not null && cause == Volatile.Read(ref lastCreate))
        {
            Do(turns.Refused());
        }
    }

    private void Send(byte[] item, bool answer)
    {
        writer.Event(item);
        if (answer)
        {
            Do(turns.Want(Now));
        }
    }

    private void Do(TurnStep step)
    {
        switch (step)
        {
            case TurnStep.Create:
                var id = NextId();
                Volatile.Write(ref lastCreate, id);
                writer.Event(RealtimeRequests.Create(id));
                break;
            case TurnStep.Cancel when turns.Active is { } active:
                log.LogWarning("{Model} makes an answer that does not come; it is asked again", Model);
                writer.Event(RealtimeRequests.Cancel(active, NextId()));
                break;
            case TurnStep.GiveUp:
                Give(VoiceEnd.Silent, "The model does not answer although it was asked again.");
                socket.Socket.Abort();
                break;
        }
    }

    private void Give(string reason, string what) => Interlocked.CompareExchange(ref end, new VoiceEnd(reason, what), null);

    private bool IsUnwanted(ReadOnlySpan<byte> response) => Volatile.Read(ref unwanted) is { Length: > 0 } id && IdEquals(response, id);

    private static bool IdEquals(ReadOnlySpan<byte> bytes, string id)
    {
        if (bytes.Length != id.Length)
        {
            return false;
        }

        for (var at = 0; at < id.Length; at++)
        {
            if (bytes[at] != id[at])
            {
                return false;
            }
        }

        return true;
    }

    private string NextId() => string.Create(CultureInfo.InvariantCulture, $"cl_{Interlocked.Increment(ref eventIds)}");
}
