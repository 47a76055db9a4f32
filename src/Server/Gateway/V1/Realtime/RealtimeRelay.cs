using System.Data.Common;
using System.Net.WebSockets;
using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Gateway.V1.Realtime;

/// <summary>Why a session ended, and what its caller's socket is closed with.</summary>
internal sealed record RelayEnd(string Reason, WebSocketCloseStatus Status, string? Why)
{
    /// <summary>Told in an event before it is closed: code and sentence.</summary>
    public (string Type, string Code, string Message)? LastWord { get; init; }
}

/// <summary>
/// Passes events on, both ways and byte for byte, until either side ends or the money does. Nothing reaches the provider before there is
/// money behind it, and each answer is charged as soon as the provider has counted it.
/// </summary>
internal sealed class RealtimeRelay(
    TextSocket caller, TextSocket provider, RealtimeLease lease, RealtimeTally tally, CallerEvents fromCaller, ModelEvents fromModel, Ids ids, TimeProvider clock, ILogger log)
{
    private const string NoMoney = "limit";
    private const string SignedOut = "signed_out";
    private const string Shutdown = "shutdown";

    private static readonly TimeSpan LastAnswer = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(1);

    // The provider ends a session after an hour.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(62);

    private readonly TaskCompletionSource<RelayEnd> over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource quiet = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="isLet">Whether the caller's key is still good.</param>
    /// <param name="lastCall">The server ends.</param>
    /// <param name="lost">Another node has closed its books.</param>
    /// <param name="gone">The caller's connection does.</param>
    public async Task<RelayEnd> Run(Func<CancellationToken, ValueTask<bool>> isLet, CancellationToken lastCall, CancellationToken lost, CancellationToken gone)
    {
        using var hearing = new CancellationTokenSource();
        using var answering = new CancellationTokenSource();
        using var leaves = gone.Register(() => over.TrySetResult(Left));
        using var longest = new CancellationTokenSource(Longest, clock);
        using var ends = longest.Token.Register(() => over.TrySetResult(new RelayEnd(ModelFailure.TimeOut, WebSocketCloseStatus.NormalClosure, "The session is over")));
        using var stops = lastCall.Register(() => over.TrySetResult(new RelayEnd(Shutdown, WebSocketCloseStatus.EndpointUnavailable, "The server is being stopped")));
        using var loses = lost.Register(() => over.TrySetResult(GivenUp));
        await using var renewing = clock.CreateTimer(_ => _ = Guard(() => Renew(isLet)), null, Renewal, Renewal);
        var (heard, answered) = (Guard(() => Hear(hearing.Token)), Guard(() => Answer(answering.Token)));
        var end = await over.Task;
        try
        {
            if (end.LastWord is { } last)
            {
                await caller.Send(RealtimeEvents.Error(NewId(), last.Type, last.Code, last.Message), hearing.Token);
            }

            await Quiet(answered);
        }
        finally
        {
            await provider.Close(WebSocketCloseStatus.NormalClosure, null, Goodbye, clock);
            await Leave(answered, answering);
            await lease.End(tally.IsAnswering ? tally.Estimated : null, isEstimated: true, end.Reason);
            await caller.Close(end.Status, end.Why, Goodbye, clock);
            await Leave(heard, hearing);
            await caller.Closed(Goodbye, clock);
        }

        return end;
    }

    private static RelayEnd Left => new(UseEnd.ClientGone, WebSocketCloseStatus.NormalClosure, null);

    private static RelayEnd Broke => new(NoMoney, WebSocketCloseStatus.PolicyViolation, "insufficient_credits")
    {
        LastWord = ("insufficient_quota", "insufficient_credits", "The account has not enough credits for the session to go on."),
    };

    private static RelayEnd ModelGone => new(ModelFailure.Upstream, WebSocketCloseStatus.InternalServerError, "The model is gone");

    private static RelayEnd GivenUp => new(ModelFailure.Internal, WebSocketCloseStatus.InternalServerError, "The session was given up");

    private static RelayEnd NotLet => new(SignedOut, WebSocketCloseStatus.PolicyViolation, "invalid_api_key")
    {
        LastWord = ("invalid_request_error", "invalid_api_key", "The API key is expired or revoked."),
    };

    private async Task Hear(CancellationToken stop)
    {
        while (!over.Task.IsCompleted)
        {
            var said = await caller.Receive(stop);
            if (said.IsEnd)
            {
                over.TrySetResult(said.Status is WebSocketCloseStatus.MessageTooBig or WebSocketCloseStatus.InvalidMessageType
                    ? new RelayEnd(UseEnd.ClientGone, said.Status.Value, said.Why)
                    : Left);
                return;
            }

            if (fromCaller.Take(said.Text) is { } refused)
            {
                await caller.Send(RealtimeEvents.Error(NewId(), "invalid_request_error", refused.Code, refused.Message, refused.Param, refused.EventId), stop);
            }
            else if (!await lease.Covers(tally, stop))
            {
                over.TrySetResult(Broke);
            }
            else if (!await provider.Send(said.Text, stop))
            {
                over.TrySetResult(ModelGone);
            }
        }
    }

    private async Task Answer(CancellationToken stop)
    {
        while (true)
        {
            var said = await provider.Receive(stop);
            if (said.IsEnd)
            {
                over.TrySetResult(said.Status is WebSocketCloseStatus.NormalClosure or WebSocketCloseStatus.EndpointUnavailable ? new RelayEnd(UseEnd.Done, said.Status.Value, said.Why) : ModelGone);
                return;
            }

            var learned = fromModel.Take(said.Text);
            if (!over.Task.IsCompleted && !await caller.Send(said.Text, stop))
            {
                over.TrySetResult(Left);
            }

            await Pay(learned, stop);
            if (over.Task.IsCompleted && !tally.MayAnswer)
            {
                quiet.TrySetResult();
            }
        }
    }

    private async Task Pay(Learned learned, CancellationToken stop)
    {
        if (learned.Transcribed is { } transcribed)
        {
            await lease.Transcribed(transcribed);
        }

        if (learned.Answered is not { } used)
        {
            if (!over.Task.IsCompleted && !await lease.Covers(tally, stop))
            {
                over.TrySetResult(Broke);
            }

            return;
        }

        if (over.Task is { IsCompleted: true } ended)
        {
            await lease.Late(used, learned.IsEstimated, (await ended).Reason);
        }
        else if (!await lease.Answered(used, learned.IsEstimated, UseEnd.Done, tally))
        {
            over.TrySetResult(Broke);
        }
    }

    // A database that is away for a moment ends no conversation.
    private async Task Renew(Func<CancellationToken, ValueTask<bool>> isLet)
    {
        if (over.Task.IsCompleted)
        {
            return;
        }

        try
        {
            if (!await isLet(CancellationToken.None))
            {
                over.TrySetResult(NotLet);
            }
            else if (!await lease.Renew(tally))
            {
                over.TrySetResult(Broke);
            }
        }
        catch (Exception failure) when (failure is DbException or TimeoutException or StillRunning)
        {
            log.LogWarning("The hold of a session of speech could not be renewed: {Failure}", failure.GetType().Name);
        }
    }

    /// <summary>Calls an answer off that is being made or was just asked for, and waits a little for what it has used.</summary>
    private async Task Quiet(Task answered)
    {
        if (!tally.MayAnswer || answered.IsCompleted)
        {
            return;
        }

        using var patience = new CancellationTokenSource(LastAnswer, clock);
        try
        {
            await provider.Send(RealtimeEvents.Cancel, patience.Token);
            await Task.WhenAny(quiet.Task, answered).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // What was heard of it is charged.
        }
    }

    // The other side says goodbye too, or is not waited for.
    private async Task Leave(Task loop, CancellationTokenSource stop)
    {
        try
        {
            await loop.WaitAsync(Goodbye, clock);
        }
        catch (TimeoutException)
        {
            await stop.CancelAsync();
            await loop;
        }
    }

    private async Task Guard(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException)
        {
            // Nobody waits for it any more.
        }
        catch (Exception failure)
        {
            log.LogError(failure, "A session of speech failed");
            over.TrySetResult(new RelayEnd(ModelFailure.Internal, WebSocketCloseStatus.InternalServerError, "Something went wrong"));
        }
    }

    private string NewId() => $"event_{ids.Secret(15)}";
}
