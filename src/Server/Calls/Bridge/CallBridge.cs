using System.Net.WebSockets;

namespace Ledgerline.Calls.Bridge;

/// <summary>
/// One call: the phone's socket and the model's session, until either ends. What comes from one side is handed to the other on the spot;
/// everything that is not audio goes its own way.
/// </summary>
internal sealed class CallBridge : IDisposable
{
    private const int MostMalformed = 50;
    private const string NoAgent = "I'm sorry, we have lost the connection to our assistant. Please call again later. Goodbye.";
    private static readonly TimeSpan NoMediaPatience = TimeSpan.FromSeconds(60);

    // For the carrier to take a last instruction, and for the sockets to close as they should.
    private static readonly TimeSpan Parting = TimeSpan.FromMilliseconds(800);

    private readonly BridgeOrder order;
    private readonly PhoneLine line;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private readonly CallEvents events;
    private readonly Speech speech;
    private readonly AgentLine agent;
    private readonly Manners manners;
    private readonly AgentEars ears;
    private readonly FrameDelay? delay;
    private readonly CancellationTokenSource over = new();
    private readonly TaskCompletionSource<string> ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long framesIn;
    private long malformed;
    private long framesSeen;
    private DateTimeOffset lastMedia;
    private bool isStopped;

    /// <param name="late">A frame that waited longer is late; zero: none is.</param>
    public CallBridge(BridgeOrder order, PhoneLine line, TimeSpan late, TimeProvider clock, ILogger log)
    {
        (this.order, this.line, this.clock, this.log) = (order, line, clock, log);
        events = new CallEvents(order.Listener, log);
        speech = new Speech(line);
        agent = new AgentLine(order, clock, log);
        manners = new Manners(order.EndsAt, agent, speech, clock, End);
        ears = new AgentEars(speech, agent, new ToolRuns(order, agent, clock, log), manners, events);
        delay = late > TimeSpan.Zero ? new FrameDelay(late, TimeProvider.System) : null;
        lastMedia = clock.GetUtcNow();
    }

    public int SecondsLeft => manners.SecondsLeft(clock.GetUtcNow());

    /// <summary>Until either side ends; everything that belongs to the call has ended then.</summary>
    public async Task<BridgeEnd> Run()
    {
        events.Start();
        var phone = Task.Run(Listen);
        var model = Task.Run(() => agent.Run(_ => ears, over.Token));
        _ = model.ContinueWith(done => End(done.IsCompletedSuccessfully ? done.Result : BridgeEnd.Internal), TaskScheduler.Default);
        var reason = await ending.Task;
        var end = new BridgeEnd(BridgeEnd.Internal);
        try
        {
            if (model.IsFaulted)
            {
                log.LogError(model.Exception, "Call {CallId}: the model's side failed", order.CallId);
            }

            end = await Part(reason, phone, model);
        }
        finally
        {
            await events.End(end);
        }

        return end;
    }

    /// <summary>Ends the call; only the first reason counts.</summary>
    public void End(string reason) => ending.TrySetResult(reason);

    public void Note(string text, bool answer) => agent.Note(text, answer);

    public void ReachedMachine() => manners.ReachMachine();

    public void LimitChanged(DateTimeOffset endsAt) => manners.LimitChanged(endsAt);

    /// <summary>Once a second.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (ending.Task.IsCompleted)
        {
            return;
        }

        manners.Tick(now);
        agent.Tick(now, manners.IsQuiet, over.Token);
        events.Tick(manners.SecondsLeft(now));
        var frames = Volatile.Read(ref framesIn);
        if (frames != framesSeen)
        {
            (framesSeen, lastMedia) = (frames, now);
        }
        else if (now - lastMedia > NoMediaPatience)
        {
            End(BridgeEnd.NoMedia);
        }
    }

    /// <summary>Frames since the last time, and how many of them were late.</summary>
    public (long Frames, long Late) TakeDelays() => delay?.Take() ?? default;

    public void Dispose()
    {
        speech.Dispose();
        over.Dispose();
    }

    /// <summary>The phone's loop: nothing in it waits for anything but the phone.</summary>
    private async Task Listen()
    {
        try
        {
            while (true)
            {
                var message = await line.Receive();
                if (message.IsEnd || !Take(message))
                {
                    return;
                }
            }
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            log.LogInformation("Call {CallId}: the phone's socket broke", order.CallId);
        }
        finally
        {
            End(BridgeEnd.PhoneGone);
        }
    }

    /// <summary>False: it was the last one.</summary>
    private bool Take(PhoneMessage message)
    {
        var frame = message.IsWhole ? PhoneFrame.Read(message.Text.Span) : default;
        switch (frame.Event)
        {
            case PhoneEvent.Media:
                framesIn++;
                agent.Hear(frame.Payload, frame.PayloadBytes);
                if (frame.Timestamp is { } timestamp)
                {
                    speech.Advance(timestamp);
                    delay?.Came(timestamp);
                }

                return true;
            case PhoneEvent.Mark:
                speech.Return();
                manners.Heard();
                return true;
            case PhoneEvent.Dtmf when order.TakesDtmf && frame.Digit is { } digit:
                manners.CallerActs();
                agent.Ask($"[caller pressed {digit}]");
                return true;
            case PhoneEvent.Stop:
                isStopped = true;
                return false;
            case PhoneEvent.Malformed when ++malformed > MostMalformed:
                End(BridgeEnd.Malformed);
                return false;
            default:
                return true;
        }
    }

    private async Task<BridgeEnd> Part(string reason, Task phone, Task model)
    {
        await over.CancelAsync();
        // The carrier first: whatever else fails, the line must not stay open.
        var told = Tell(reason);
        var unheard = speech.End();
        // What the carrier is to say it must hear of while the stream is still there: afterwards the call is over.
        if (reason is BridgeEnd.ModelLost or BridgeEnd.ModelUnreachable)
        {
            await Briefly(told);
        }

        await Task.WhenAll(
            line.Close(reason == BridgeEnd.Malformed ? WebSocketCloseStatus.InvalidMessageType : WebSocketCloseStatus.NormalClosure, null, Parting, TimeProvider.System),
            Briefly(agent.Close()),
            Briefly(told));
        if (!await Briefly(Task.WhenAll(phone, model)))
        {
            line.Abort();
        }

        await Task.WhenAny(Task.WhenAll(phone, model));
        ears.Unheard(unheard);
        log.LogInformation("Call {CallId}: the bridge ended: {Reason}", order.CallId, reason);
        return new BridgeEnd(reason)
        {
            FramesIn = framesIn,
            FramesOut = speech.FramesOut,
            FramesDropped = agent.Dropped,
            FramesMalformed = malformed,
            PlayedMs = speech.PlayedMs,
            Interruptions = manners.Interruptions,
            Reconnects = agent.Reconnects,
        };
    }

    // A stream that said stop ended with its call; of one that only vanished the call may still run, and cost.
    private Task Tell(string reason) => reason switch
    {
        BridgeEnd.ModelLost or BridgeEnd.ModelUnreachable => Safely(() => order.SayAndHangUp(NoAgent, CancellationToken.None)),
        BridgeEnd.PhoneGone when isStopped => Task.CompletedTask,
        _ => Safely(() => order.HangUp(reason, CancellationToken.None)),
    };

    private async Task Safely(Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (Exception failure)
        {
            log.LogWarning("Call {CallId}: the carrier was not told: {Failure}", order.CallId, failure.Message);
        }
    }

    // Sockets close in real time, however the clock is moved.
    private static async Task<bool> Briefly(Task task)
    {
        try
        {
            await task.WaitAsync(Parting, TimeProvider.System);
            return true;
        }
        catch (Exception)
        {
            return task.IsCompleted;
        }
    }
}
