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
public sealed class PaidChat(Meter meter, ModelCatalog catalog, ILogger<PaidChat> log)
{
    // A provider counts its own way, but beyond this it counted something else, and nobody shall owe money for that.
    private const int Believable = 4;
    private const int BelievableTokens = 10_000;

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
        return paid.Authorization is { } authorization
            ? await Go(authorization, metadata, ask, keep, gone)
            : new ChatOutcome<T>.NotPaid(paid);
    }

    /// <summary>
    /// As <see cref="Run"/>, and where the model does not begin an answer and may do so later, the catalogue's other model is asked, for
    /// money of its own.
    /// </summary>
    /// <param name="use">Of the first attempt; the second one's key is <c>KEY:other</c>.</param>
    public async Task<ChatOutcome<T>> RunWithFallback<T>(
        TokenUse use, object metadata, Func<TokenAuthorization, Task<Answered<T>>> ask, Func<Transaction, Answered<T>, TokenSettlement, Task> keep, CancellationToken gone)
    {
        var outcome = await Run(use, metadata, ask, keep, gone);
        if (outcome is not ChatOutcome<T>.Failed { Failure.MayRepeat: true } || catalog.ChatFallback is not { } other || other == use.Model)
        {
            return outcome;
        }

        log.LogWarning("{Action} {Key} is asked of {Model} instead of {Other}", use.Action, use.Key, other, use.Model);
        // Where there is no money for the dearer one, the first one's failure is what is told.
        return await Run(use with { Model = other, Key = $"{use.Key}:other" }, metadata, ask, keep, gone) is var second and not ChatOutcome<T>.NotPaid ? second : outcome;
    }

    /// <summary>As <see cref="Run"/>, where the money is held already: work that was begun before.</summary>
    public async Task<ChatOutcome<T>> Go<T>(
        TokenAuthorization authorization, object metadata, Func<TokenAuthorization, Task<Answered<T>>> ask,
        Func<Transaction, Answered<T>, TokenSettlement, Task> keep, CancellationToken gone)
    {
        var use = authorization.Use;
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

        answered = answered with { Usage = Believed(answered.Usage, use) };
        var receipt = new TokenReceipt(answered.Usage, answered.Reason, metadata);
        return new ChatOutcome<T>.Settled(answered.Value, await meter.Settle(authorization, receipt, (transaction, settled) => keep(transaction, answered, settled)));
    }

    private TokenUsage Believed(TokenUsage usage, TokenUse use)
    {
        if (usage.Input <= Believable * use.InputTokens + BelievableTokens && usage.Output <= Believable * use.MostOutputTokens + BelievableTokens)
        {
            return usage;
        }

        log.LogError(
            "{Action} {Key}: {Model}'s provider counts {Input} + {Output} tokens where {MostInput} + {MostOutput} were the most: that is no measure of this request",
            use.Action, use.Key, use.Model, usage.Input, usage.Output, use.InputTokens, use.MostOutputTokens);
        var input = Math.Min(usage.Input, use.InputTokens);
        return usage with { Input = input, CachedInput = Math.Min(usage.CachedInput, input), Output = Math.Min(usage.Output, use.MostOutputTokens), IsEstimated = true };
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
