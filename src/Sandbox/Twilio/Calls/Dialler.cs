using System.Collections.Concurrent;
using System.Globalization;
using Sandbox.Core;

namespace Sandbox.Twilio.Calls;

/// <summary>Takes calls from the first ring to the last callback, on the sandbox's clock; numbers' endings decide how the other end behaves.</summary>
internal sealed class Dialler(SandboxClock clock, CallBook calls, CallCallbacks callbacks, TwimlRun twiml, Recordings recordings, ILogger<Dialler> log) : IHostedService
{
    private const int MostDocuments = 200;
    private const decimal OutboundMinute = 0.014m;
    private const decimal InboundMinute = 0.0085m;
    private static readonly TimeSpan PriceLag = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Task, byte> _running = new();

    /// <summary>Begins one of our calls; it goes on by itself.</summary>
    public void Dial(PhoneCall call) => Run(call, Outbound);

    /// <summary>Somebody rings one of our numbers.</summary>
    public void Receive(PhoneCall call) => Run(call, Script);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>All lines are cut, without a word to anybody.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        calls.Clear();
        return Task.WhenAll(_running.Keys).WaitAsync(cancellationToken);
    }

    /// <summary>Ends a call with this status; false when it was over already.</summary>
    public bool End(PhoneCall call, string status, DateTimeOffset? at = null)
    {
        if (!call.End(status, at ?? clock.GetUtcNow()))
        {
            return false;
        }

        recordings.StopAll(call);
        _ = callbacks.Step(call, "completed", call.State.Status, call.State.EndedAt!.Value);
        _ = Charge(call);
        return true;
    }

    private async Task Outbound(PhoneCall call)
    {
        var (order, script) = (call.Order, call.Person.Script);
        if (calls.TakeSlot() is { Ticks: > 0 } wait)
        {
            await Task.Delay(wait, clock, call.Over);
        }

        var dialled = clock.GetUtcNow();
        if (!call.Ring(dialled))
        {
            return;
        }

        var told = callbacks.Step(call, "initiated", "initiated", dialled);
        var ring = TimeSpan.FromSeconds(script.AnswersAfter ?? calls.Dialling.RingSeconds);
        if (calls.Dialling.CallbacksFirst)
        {
            await told;
        }

        if (ring > TimeSpan.Zero)
        {
            call.Announce();
        }

        var refusal = order.To[^4..] switch { "0001" => "busy", "0004" => "failed", _ => null };
        if (refusal is null)
        {
            _ = callbacks.Step(call, "ringing", "ringing", clock.GetUtcNow());
        }

        var timeout = TimeSpan.FromSeconds(order.Timeout);
        if (refusal is null && (order.To.EndsWith("0002", StringComparison.Ordinal) || ring > timeout))
        {
            (ring, refusal) = (timeout, "no-answer");
        }

        if (ring > TimeSpan.Zero)
        {
            await Task.Delay(ring, clock, call.Over);
        }

        if (refusal is not null)
        {
            End(call, refusal);
            return;
        }

        Answer(call);
        if (order.SendDigits is { } digits)
        {
            call.Note(clock.GetUtcNow(), "SendDigits", digits);
        }

        if (order.MachineDetection is not null)
        {
            var detected = Detect(call);
            if (!order.AsyncAmd)
            {
                await detected;
            }
        }

        await Script(call);
    }

    /// <summary>Document after document, until none is left or the call ends.</summary>
    private async Task Script(PhoneCall call)
    {
        TwimlSource? next = call.Order.Instructions;
        for (var documents = 0; next is not null; documents++)
        {
            var (redirect, stop) = call.NextScript();
            if (call.IsOver)
            {
                return;
            }

            try
            {
                next = documents < MostDocuments
                    ? await twiml.Run(call, redirect ?? next, () => Answer(call), status => End(call, status), stop)
                    : throw new TwimlFailure(11215, $"The instructions led through {MostDocuments} documents.");
            }
            catch (OperationCanceledException) when (!call.IsOver)
            {
                // Other instructions have come; they are taken at the next turn.
            }
            catch (TwimlFailure failure)
            {
                call.Fail(clock.GetUtcNow(), failure.Code, failure.Message);
                End(call, "failed");
                return;
            }
        }

        End(call, "completed");
    }

    private void Answer(PhoneCall call)
    {
        var now = clock.GetUtcNow();
        if (!call.Answer(now))
        {
            return;
        }

        _ = callbacks.Step(call, "answered", "in-progress", now);
        Run(call, Limit);
        var talk = call.Person.Script.HangsUpAfterSeconds ?? (!call.Order.IsInbound && call.Order.To.EndsWith("0005", StringComparison.Ordinal) ? 2 : null);
        if (talk is { } seconds)
        {
            Run(call, one => HangUp(one, now + TimeSpan.FromSeconds(seconds)));
        }

        if (call.Order.Recording is { } recording)
        {
            recordings.Start(call, recording);
        }
    }

    private async Task HangUp(PhoneCall call, DateTimeOffset at)
    {
        await Until(at, call.Over);
        End(call, "completed", at);
    }

    private async Task Limit(PhoneCall call)
    {
        while (!call.IsOver)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(call.LimitMoved, call.Over);
            var due = call.State.LimitDue!.Value;
            try
            {
                await Until(due, either.Token);
                End(call, "completed", due);
                return;
            }
            catch (OperationCanceledException) when (!call.IsOver)
            {
                // Counted anew.
            }
        }
    }

    private async Task Detect(PhoneCall call)
    {
        var order = call.Order;
        var machine = order.To.EndsWith("0003", StringComparison.Ordinal);
        var (answeredBy, took) = !machine ? ("human", TimeSpan.FromSeconds(1))
            : order.MachineDetection == "Enable" ? ("machine_start", TimeSpan.FromSeconds(2))
            : ("machine_end_beep", TimeSpan.FromSeconds(4));
        try
        {
            await Task.Delay(took, clock, call.Over);
        }
        catch (OperationCanceledException) when (order.AsyncAmd)
        {
            return;
        }

        call.SetAnsweredBy(answeredBy, clock.GetUtcNow());
        if (order is { AsyncAmd: true, AsyncAmdCallback: { } url })
        {
            _ = callbacks.Amd(call, url, answeredBy, took);
        }
    }

    private async Task Charge(PhoneCall call)
    {
        if (call.State.Duration is not { } seconds)
        {
            return;
        }

        try
        {
            await Task.Delay(PriceLag, clock, calls.World);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        var price = (call.Order.IsInbound ? InboundMinute : OutboundMinute) * ((seconds + 59) / 60);
        call.SetPrice(string.Create(CultureInfo.InvariantCulture, $"-{price:0.00000}"), clock.GetUtcNow());
    }

    private Task Until(DateTimeOffset at, CancellationToken stop)
    {
        var left = at - clock.GetUtcNow();
        return left > TimeSpan.Zero ? Task.Delay(left, clock, stop) : Task.CompletedTask;
    }

    private void Run(PhoneCall call, Func<PhoneCall, Task> part)
    {
        Task task;
        using (ExecutionContext.SuppressFlow())
        {
            task = Safely(call, part);
        }

        _running.TryAdd(task, 0);
        task.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
    }

    // What goes wrong here has nobody to be told but the log, and its call is not to hang.
    private async Task Safely(PhoneCall call, Func<PhoneCall, Task> part)
    {
        await Task.Yield();
        try
        {
            await part(call);
        }
        catch (OperationCanceledException) when (call.IsOver)
        {
        }
        catch (Exception wrong)
        {
            log.LogError(wrong, "The call {Sid} went wrong.", call.Sid);
            call.Fail(clock.GetUtcNow(), 11200, wrong.Message);
            End(call, "failed");
        }
        finally
        {
            call.Announce();
        }
    }
}
