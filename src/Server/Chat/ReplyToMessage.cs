using System.Text;
using Ledgerline.Ai;
using Ledgerline.Gateway;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Realtime;
using Ledgerline.Usage;

namespace Ledgerline.Chat;

/// <summary>
/// Answers a message: the room's history goes to the model, the answer is shown while it is written and stored once it is complete.
/// What may go well later is tried again; when nothing helps there is one neutral sentence, never what a provider said.
/// </summary>
internal sealed class ReplyToMessage(
    ReplyContexts contexts, Replies replies, Meter meter, ModelGateway gateway, ModelCatalog models, LiveTexts texts, RoomWatch watch, ChatOptions options,
    TimeProvider clock, ILogger<ReplyToMessage> log) : ITriedJob<MessagePosted>
{
    public const string Action = "chat_message";

    /// <summary>For one attempt, until its last word.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Longer than between two rounds of what is booked late.</summary>
    private static readonly TimeSpan WhileBooking = TimeSpan.FromMinutes(1);

    /// <summary>The provider is asked five times, 1, 2, 4 and 8 seconds apart; what fails beside it may fail more often.</summary>
    public static JobStyle Style(ChatOptions options) => new()
    {
        AtOnce = options.RepliesAtOnce,
        // Messages are accepted under the lock of their account.
        BeginsHere = true,
        Wait = (attempt, jitter) =>
        {
            var full = TimeSpan.FromSeconds(1L << Math.Clamp(attempt - 1, 0, 5));
            return full - TimeSpan.FromTicks(full.Ticks / 4 / 1000 * jitter);
        },
    };

    public async Task Run(MessagePosted news, JobAttempt attempt, CancellationToken stop)
    {
        if (attempt.IsHopeless)
        {
            await GiveUp(news, attempt, ModelFailure.Internal, stop);
            return;
        }

        List<ModelFailure> failures = [];
        foreach (var model in Models())
        {
            // Read anew for each model: every attempt at a provider needs leave of its own.
            if (await contexts.Of(news, stop) is not { IsAnswered: false } context)
            {
                // The room is gone, or a node that died had just written the answer.
                await End(news, attempt, stop);
                return;
            }

            try
            {
                await Answer(news, context, model, attempt, stop);
                return;
            }
            catch (RoomGone)
            {
                await End(news, attempt, stop);
                return;
            }
            catch (StillRunning)
            {
                // What was used is booked in the background; until then nobody asks again.
                throw new ReplyPutOff(WhileBooking);
            }
            catch (Exception failure) when (attempt.IsLast && failure is not ModelFailure)
            {
                log.LogError(failure, "Message {Message} could not be answered", news.Message);
                failures.Add(new ModelFailure(ModelFailure.Internal, "The answer could not be made or written.", failure));
            }
            catch (ModelFailure failure)
            {
                log.LogWarning(
                    "{Model} did not answer message {Message} at attempt {Attempt}: {Reason}: {What}", model, news.Message, attempt.Number, failure.Reason, failure.Message);
                failures.Add(failure);
            }
        }

        if (failures.Find(failure => failure.MayRepeat) is { } passing && attempt.Number < ChatOptions.Attempts)
        {
            throw new ReplyPutOff(passing);
        }

        await GiveUp(news, attempt, failures[0].Reason, stop);
    }

    private IEnumerable<string> Models() => models.ChatFallback is { } fallback ? [models.Chat, fallback] : [models.Chat];

    private async Task Answer(MessagePosted news, ReplyContext context, string model, JobAttempt attempt, CancellationToken stop)
    {
        var order = new ChatOrder(model, context.Turns) { MostTokens = options.MostTokens };
        using var room = watch.Begin(new RoomKey(news.Account, news.Room));
        using var text = texts.Begin(news.Account, RoomTopic.Of(news.Room), new ReplyDelta(news.Room, news.Message));
        if (context.Pays != RoomPays.Credits)
        {
            var leave = context.Leave ?? throw new ModelFailure(ModelFailure.NotPaid, "No allowance was taken for this message.");
            var answer = await Write(gateway.Chat(leave, order, stop), order, text, room.Gone, stop);
            await replies.Write(answer.To(news, attempt, model) with { Free = answer.Usage, IsByUse = context.Pays == RoomPays.PayAsYouGo, Terms = leave.Terms });
            return;
        }

        var use = MessageDesk.CreditsFor(news.Account, news.Key, model, order, options);
        // Where the other model is asked, or the hold has run out while the message waited, the attempt has a hold of its own.
        var authorization = (model == models.Chat ? await meter.Resume(use, stop) : null)
            ?? (await meter.Authorize(use with { Key = $"{news.Key} {model} {attempt.Run}" }, stop)).Authorization;
        if (authorization is null)
        {
            throw new ModelFailure(ModelFailure.NotPaid, "No credits are held for this message.");
        }

        await FromCredits(news, authorization, order, text, attempt, room.Gone, stop);
    }

    private async Task FromCredits(
        MessagePosted news, TokenAuthorization authorization, ChatOrder order, LiveText text, JobAttempt attempt, CancellationToken gone, CancellationToken stop)
    {
        var isOwn = authorization.Use.Key != news.Key;
        Written answer;
        try
        {
            answer = await Write(gateway.Chat(authorization, order, stop), order, text, gone, stop);
        }
        catch when (isOwn)
        {
            await meter.Release(authorization);
            throw;
        }

        await meter.Settle(
            authorization,
            new TokenReceipt(authorization.Use.Believe(answer.Usage), answer.Failure ?? UseEnd.Done, new { room_id = news.Room, message_id = news.Message }),
            (transaction, _) =>
            {
                replies.WriteWith(transaction, answer.To(news, attempt, order.Model));
                return Task.CompletedTask;
            });
        if (isOwn)
        {
            await Release(news, CancellationToken.None);
        }
    }

    // What is still held for the message goes back.
    private async Task Release(MessagePosted news, CancellationToken stop)
    {
        if (await meter.Resume(MessageDesk.CreditsFor(news.Account, news.Key, models.Chat, null, options), stop) is { } held)
        {
            await meter.Release(held);
        }
    }

    /// <exception cref="RoomGone">The room was deleted before anything had come.</exception>
    private async Task<Written> Write(IAsyncEnumerable<ChatPiece> pieces, ChatOrder order, LiveText text, CancellationToken gone, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token, gone);
        var (written, tally) = (new StringBuilder(), new ChatTally(TokenEstimate.Prompt(order, TokenEstimate.Likely)));
        ChatPiece? last = null;
        try
        {
            await foreach (var piece in pieces.WithCancellation(either.Token))
            {
                last = piece;
                tally.Add(piece);
                var part = Fitting(piece.Text, ChatOptions.LongestAnswer - written.Length);
                if (part.Length > 0)
                {
                    written.Append(part);
                    text.Append(part);
                }

                if (written.Length >= ChatOptions.LongestAnswer - 1)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            return tally.HasBegun ? new Written("", tally.Estimate(), UseEnd.ClientGone) : throw new RoomGone();
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new ModelFailure(ModelFailure.TimeOut, $"The answer was not complete within {Patience.TotalSeconds} s.");
        }

        if (last?.End == ChatEnd.Broken)
        {
            if (gone.IsCancellationRequested)
            {
                return new Written("", last.Usage ?? tally.Estimate(), UseEnd.ClientGone);
            }

            throw last.Failure ?? new ModelFailure(ModelFailure.Upstream, "The answer broke off.");
        }

        text.Complete();
        var usage = last?.Usage ?? tally.Estimate();
        return string.IsNullOrWhiteSpace(written.ToString())
            ? last?.End is ChatEnd.Blocked or ChatEnd.Length
                // The same would come of it again.
                ? new Written(ChatOptions.Sorry, usage, last.End)
                : throw new ModelFailure(ModelFailure.Upstream, "The provider answered nothing.")
            : new Written(written.ToString(), usage, null);
    }

    // No database holds a NUL, and no half of a character is left at the end.
    private static string Fitting(string text, int room)
    {
        var whole = text.Replace("\0", "", StringComparison.Ordinal);
        return whole.Length <= room ? whole : char.IsHighSurrogate(whole[room - 1]) ? whole[..(room - 1)] : whole[..room];
    }

    // There is nothing to write.
    private async Task End(MessagePosted news, JobAttempt attempt, CancellationToken stop)
    {
        await Release(news, stop);
        await replies.Write(new Reply(news, attempt, ""));
    }

    private async Task GiveUp(MessagePosted news, JobAttempt attempt, string reason, CancellationToken stop)
    {
        await Release(news, stop);
        log.LogError("Message {Message} of account {Account} is not answered: {Reason}", news.Message, news.Account, reason);
        await replies.Write(new Reply(news, attempt, ChatOptions.Sorry, reason));
    }

    /// <param name="Failure">Why it is only our apology.</param>
    private sealed record Written(string Text, TokenUsage Usage, string? Failure)
    {
        public Reply To(MessagePosted news, JobAttempt attempt, string model) => new(news, attempt, Text, Failure) { Model = model };
    }
}

/// <summary>What the live events of an answer that is being written say besides the part and its place.</summary>
/// <param name="Answers">The message that is answered.</param>
internal sealed record ReplyDelta(long RoomId, long Answers, string Type = "reply_delta");

/// <summary>Nobody waits for the answer any more, and none has begun.</summary>
internal sealed class RoomGone : Exception;

/// <summary>The message is answered later.</summary>
internal sealed class ReplyPutOff : Exception, IRetryHint
{
    public ReplyPutOff(ModelFailure failure)
        : base("The provider may answer later.", failure) =>
        RetryAfter = failure.RetryAfter is not { } wait ? null : wait < ChatOptions.LongestWait ? wait : ChatOptions.LongestWait;

    public ReplyPutOff(TimeSpan wait)
        : base("What was used is not booked yet.") => RetryAfter = wait;

    public TimeSpan? RetryAfter { get; }
}
