using System.Security.Cryptography;
using System.Text;
using Ledgerline.Ai;
using Ledgerline.Calls.Live;
using Ledgerline.Gateway;
using Ledgerline.Identity;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Scenarios;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Browser;

/// <summary>What an offer came to.</summary>
internal abstract record OfferOutcome
{
    private OfferOutcome()
    {
    }

    public sealed record Answered(string Answer) : OfferOutcome;

    public sealed record NoSession : OfferOutcome;

    /// <summary>Another offer is being answered, or was.</summary>
    public sealed record Taken(bool IsPassing) : OfferOutcome;

    public sealed record Failed(ModelFailure Failure) : OfferOutcome;
}

/// <summary>The door to browsers' conversations. Their rows are all there is of them: whichever node is asked knows them all.</summary>
internal sealed class BrowserCalls(
    Database database, Meter meter, VoiceCalls voices, ScenarioDesk scenarios, Accounts accounts, BrowserCallRunner runner, Leases leases, Ids ids, TimeProvider clock,
    ILogger<BrowserCalls> log)
{
    /// <summary>Reserves what pays for one. The row is there as soon as the reservation is.</summary>
    /// <param name="alsoWithin">Runs in the same transaction.</param>
    public async Task<(BrowserCallRow? Made, Verdict Verdict)> Reserve(
        AccountId account, Scenario scenario, Func<Transaction, BrowserCallRow, Task> alsoWithin, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var draft = new BrowserCallRow
        {
            AccountId = account,
            Id = ids.Text(),
            Scenario = scenario.Id,
            UserName = await accounts.Find(account, stop) is { } person ? person.FullName ?? person.Name ?? person.Email?.Split('@')[0] : null,
            CreatedAt = now,
            ReviewAt = now + BrowserCallRow.Patience,
        };
        var guard = new Beside(draft, alsoWithin);
        var answer = await meter.Authorize(draft.Use with { Guard = guard }, stop);
        return (answer.Authorization is null ? null : guard.Made, answer.Verdict);
    }

    /// <summary>Null when the account has no such conversation.</summary>
    public Task<BrowserCallRow?> Find(AccountId account, string id, CancellationToken stop) => database.Read(session => BrowserCallBook.Find(session, account, id, stop), stop);

    /// <summary>Begins it at the provider, once: the same offer again is answered the same.</summary>
    public async Task<OfferOutcome> Offer(AccountId account, string id, string offer, CancellationToken stop)
    {
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(offer)));
        await using var lease = leases.New();
        var (claimed, outcome) = await Claim(account, id, hash, lease.Ticket, stop);
        if (claimed is not { } call)
        {
            return outcome!;
        }

        lease.Renew(until => database.Write(transaction => BrowserCallBook.Renew(transaction, call, until, clock.GetUtcNow())));
        try
        {
            // What is begun is kept track of, though the browser does not wait for it.
            return await Begin(call, offer, CancellationToken.None);
        }
        catch (Exception failure)
        {
            await lease.Rest();
            await GiveBack(call);
            if (failure is ModelFailure broken)
            {
                log.LogWarning("A browser's conversation could not be begun: {Reason}: {What}", broken.Reason, broken.Message);
                return new OfferOutcome.Failed(broken);
            }

            throw;
        }
    }

    private Task<(BrowserCallRow? Call, OfferOutcome? Outcome)> Claim(AccountId account, string id, string offer, string ticket, CancellationToken stop) =>
        database.Write<(BrowserCallRow?, OfferOutcome?)>(
            async transaction =>
            {
                var call = await BrowserCallBook.Lock(transaction, account, id, stop);
                switch (call)
                {
                    case null:
                        return (null, new OfferOutcome.NoSession());
                    case { State: BrowserCallState.Waiting } when clock.GetUtcNow() < call.CreatedAt + BrowserCallRow.Patience:
                        var claimed = call with { State = BrowserCallState.Starting, Offer = offer, Ticket = ticket, LeaseUntil = leases.Until, ReviewAt = leases.Until };
                        await BrowserCallBook.Save(transaction, claimed, stop);
                        return (claimed, null);
                    case { State: BrowserCallState.Waiting }:
                        return (null, new OfferOutcome.NoSession());
                    case { State: BrowserCallState.Live, Answer: { } answer } when call.Offer == offer:
                        return (null, new OfferOutcome.Answered(answer));
                    default:
                        return (null, new OfferOutcome.Taken(call.State == BrowserCallState.Starting));
                }
            },
            stop);

    private async Task<OfferOutcome> Begin(BrowserCallRow call, string offer, CancellationToken stop)
    {
        if (await scenarios.Read(call.Scenario, stop) is not { } scenario || await meter.GoOn(call.Use, stop) is not { } authorization)
        {
            await Forget(call);
            return new OfferOutcome.NoSession();
        }

        await meter.Confirm(authorization);
        var order = new VoiceOrder(scenario.Voice, CallPrompt.InBrowser(scenario, call.UserName, clock.GetUtcNow()));
        var begun = await voices.Begin(authorization, order, offer, stop);
        var now = clock.GetUtcNow();
        var isKept = false;
        try
        {
            isKept = await runner.Adopt(call, one => one with { State = BrowserCallState.Live, CallId = begun.Id, Answer = begun.Answer, StartedAt = now, SeenAt = now });
        }
        finally
        {
            if (!isKept)
            {
                // Nobody would look after it.
                await voices.End(begun.Id, CancellationToken.None);
            }
        }

        return isKept ? new OfferOutcome.Answered(begun.Answer) : new OfferOutcome.NoSession();
    }

    // It waits again; the reservation stays with it.
    private Task GiveBack(BrowserCallRow call) => database.Write(async transaction =>
    {
        if (await BrowserCallBook.Lock(transaction, call.AccountId, call.Id, CancellationToken.None) is { State: BrowserCallState.Starting } mine && mine.Ticket == call.Ticket)
        {
            await BrowserCallBook.Save(
                transaction,
                mine with { State = BrowserCallState.Waiting, Offer = null, Ticket = null, LeaseUntil = null, ReviewAt = mine.CreatedAt + BrowserCallRow.Patience },
                CancellationToken.None);
        }
    });

    private async Task Forget(BrowserCallRow call)
    {
        await meter.Release(call.AccountId, call.Use.Key);
        await database.Write(transaction => BrowserCallBook.Delete(transaction, call.AccountId, call.Id));
    }

    private sealed class Beside(BrowserCallRow draft, Func<Transaction, BrowserCallRow, Task> alsoWithin) : IUseGuard
    {
        public BrowserCallRow? Made { get; private set; }

        public Task Admit(Transaction transaction, CancellationToken stop) => Task.CompletedTask;

        public async Task Reserved(Transaction transaction, Verdict verdict, CancellationToken stop)
        {
            Made = draft with { DurationLimit = Math.Min(verdict.DurationLimitSeconds ?? int.MaxValue, (int)BrowserCallRow.Longest.TotalSeconds) };
            await BrowserCallBook.Insert(transaction, Made, stop);
            await alsoWithin(transaction, Made);
        }
    }
}
