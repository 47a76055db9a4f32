using System.Data.Common;
using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Usage;

namespace Ledgerline.Gateway;

/// <summary>What a model answered, and what that used.</summary>
/// <param name="Reason">Why it ended, as it is recorded.</param>
public sealed record Answered<T>(T Value, TokenUsage Usage, string Reason = UseEnd.Done);

/// <summary>Why paid work ended, as it is recorded; a <see cref="ModelFailure.Reason"/> where the provider failed in the middle.</summary>
public static class UseEnd
{
    public const string Done = "done";

    /// <summary>Nobody waits for it any more.</summary>
    public const string ClientGone = "client_gone";
}

/// <summary>How a paid answer ended: exactly one of the cases below.</summary>
public abstract record ChatOutcome<T>
{
    private ChatOutcome()
    {
    }

    /// <summary>Nothing was done: there is no money behind it.</summary>
    public sealed record NotPaid(TokenAnswer Answer) : ChatOutcome<T>;

    /// <summary>No model answered; the money went back.</summary>
    public sealed record Failed(ModelFailure Failure) : ChatOutcome<T>;

    /// <summary>Done and charged.</summary>
    public sealed record Settled(T Value, TokenSettlement Settlement) : ChatOutcome<T>;
}

/// <summary>
/// One answer's way: the worst case held, a model asked, what was used settled. What fails before it has begun costs nothing; what
/// ends in the middle is charged for as far as it came.
/// </summary>
public sealed class PaidChat(Meter meter, ILogger<PaidChat> log)
{
    /// <param name="ask">
    /// Asks the model that was paid for. It throws while nothing has been used, a <see cref="ModelFailure"/> or a cancellation; from then
    /// on it answers what was.
    /// </param>
    /// <param name="keep">Stores the answer in the transaction that charges for it.</param>
    /// <param name="gone">Says that nobody waits for the answer any more.</param>
    public async Task<ChatOutcome<T>> Run<T>(
        TokenUse use, object metadata, Func<TokenAuthorization, Task<Answered<T>>> ask, Func<Transaction, Answered<T>, TokenSettlement, Task> keep, CancellationToken gone)
    {
        var paid = await meter.Authorize(use, gone);
        if (paid.Authorization is not { } authorization)
        {
            return new ChatOutcome<T>.NotPaid(paid);
        }

        Answered<T> answered;
        try
        {
            gone.ThrowIfCancellationRequested();
            answered = await ask(authorization);
        }
        catch (ModelFailure failure)
        {
            await GiveBack(authorization);
            log.LogWarning("{Action} {Key} failed: {Reason}: {What}", use.Action, use.Key, failure.Reason, failure.Message);
            return new ChatOutcome<T>.Failed(failure);
        }
        catch
        {
            await GiveBack(authorization);
            throw;
        }

        if (use.Believe(answered.Usage) is var believed && believed != answered.Usage)
        {
            log.LogError(
                "{Action} {Key}: {Model}'s provider counts {Input} + {Output} tokens where {MostInput} + {MostOutput} were the most: that is no measure of this request",
                use.Action, use.Key, use.Model, answered.Usage.Input, answered.Usage.Output, use.InputTokens, use.MostOutputTokens);
            answered = answered with { Usage = believed };
        }

        var receipt = new TokenReceipt(answered.Usage, answered.Reason, metadata);
        return new ChatOutcome<T>.Settled(answered.Value, await meter.Settle(authorization, receipt, (transaction, settled) => keep(transaction, answered, settled)));
    }

    private async Task GiveBack(TokenAuthorization authorization)
    {
        try
        {
            await meter.Release(authorization);
        }
        catch (Exception failure) when (failure is DbException or TimeoutException or StillRunning)
        {
            // The meter has said so in the log; the hold goes back later, at the latest when it expires.
        }
    }
}
