using System.Globalization;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Usage.Recorded;
using Ledgerline.Wallet;

namespace Ledgerline.Usage;

/// <summary>
/// The part of the meter that spends allowances instead of credits: trial, plan, bought calls, pay-as-you-go, and where the operator
/// wants it the credit wallet at the price book's rate a minute.
/// </summary>
public sealed class Allowances
{
    /// <summary>Longer than the call itself may last, because nobody renews the hold while it runs.</summary>
    private static readonly TimeSpan HoldMargin = TimeSpan.FromMinutes(10);

    private readonly Database database;
    private readonly Entitlements entitlements;
    private readonly Refusals refusals;
    private readonly Ledger ledger;
    private readonly ServiceUsage usage;
    private readonly Bookkeeping books;
    private readonly Ids ids;
    private readonly TimeProvider clock;
    private readonly CallPrice price;
    private readonly bool callsFromCredits;
    private readonly int longestCall;

    internal Allowances(
        Database database, Entitlements entitlements, Refusals refusals, Ledger ledger, ServiceUsage usage, Bookkeeping books, Ids ids, TimeProvider clock,
        CallPrice price, bool callsFromCredits, int longestCall) =>
        (this.database, this.entitlements, this.refusals, this.ledger, this.usage, this.books, this.ids, this.clock, this.price, this.callsFromCredits, this.longestCall) =
        (database, entitlements, refusals, ledger, usage, books, ids, clock, price, callsFromCredits, longestCall);

    internal async Task<AllowanceAnswer> Authorize(AllowanceUse use, CancellationToken stop)
    {
        if (!MayBePaid(use.Want))
        {
            return await AllowanceAuthorization.Obtain(use, () => entitlements.Reserve(use.Account, use.Want, use.Key, use.Lifetime, stop));
        }

        var answer = await AllowanceAuthorization.Obtain(use, () => Reserve(use, null, stop));
        return answer.Authorization is not null ? answer
            : IsHelpedByCredits(answer.Verdict) && await Pay(use, stop) is { } paid ? paid
            : await Refuse(answer, use, stop);
    }

    internal async Task<AllowanceAuthorization?> Resume(AllowanceUse use, CancellationToken stop) =>
        AllowanceAuthorization.Resume(use, await entitlements.Recall(use.Account, use.Key, stop));

    internal async Task<Verdict> May(AccountId account, Want want, string appType, CancellationToken stop)
    {
        var verdict = await entitlements.May(account, want, appType, stop);
        return !verdict.IsAllowed && MayBePaid(want) && IsHelpedByCredits(verdict) && await Affordable(account, want, stop) is > 0 and var seconds
            ? verdict with { IsAllowed = true, Status = AllowanceStatus.CreditsAvailable, Funding = Funding.Credits, DurationLimitSeconds = seconds, ResetsOn = null, Limit = null }
            : verdict;
    }

    internal Task<UseEnded?> Settle(AccountId account, string key, long seconds, Func<Transaction, UseEnded, Task>? alsoWithin) => books.Insist("use", key, async () =>
        await database.Read(session => Entitlements.FundingOf(session, account, key)) == Funding.Credits
            ? await Capture(account, key, seconds, alsoWithin)
            : await database.Write(transaction => End(transaction, account, key, seconds, alsoWithin)));

    internal Task<bool> Release(AccountId account, string key) => books.Insist("use", key, async () =>
    {
        if (await database.Read(session => Entitlements.FundingOf(session, account, key)) == Funding.Credits)
        {
            await ledger.Release(account, Unit.Credit, HoldId(key));
        }

        return await entitlements.GiveBack(account, key);
    });

    internal Task<bool> Confirm(AccountId account, string key) => books.Insist("use", key, () => entitlements.Confirm(account, key));

    private bool MayBePaid(Want want) => callsFromCredits && want.Service == UsedService.VoiceCall;

    // Credits replace an allowance that is used up, not a plan that somebody never had.
    private static bool IsHelpedByCredits(Verdict verdict) => verdict.Status != AllowanceStatus.PremiumRequired;

    private static string HoldId(string key) => $"use:{key}";

    private Task<ReserveAnswer> Reserve(AllowanceUse use, int? paidSeconds, CancellationToken stop) => database.Write(
        transaction => entitlements.Reserve(transaction, use.Account, use.Want, use.Key, use.Lifetime, paidSeconds, countsRefusal: false, stop), stop);

    private async Task<AllowanceAnswer> Refuse(AllowanceAnswer refused, AllowanceUse use, CancellationToken stop)
    {
        await database.Write(transaction => refusals.Count(transaction, use.Account, use.Want.Service, refused.Verdict.Status), stop);
        return refused;
    }

    // Null: the wallet does not cover a minute.
    private async Task<AllowanceAnswer?> Pay(AllowanceUse use, CancellationToken stop)
    {
        if (await Affordable(use.Account, use.Want, stop) is not (> 0 and var seconds))
        {
            return null;
        }

        var lifetime = use.Lifetime + TimeSpan.FromSeconds(seconds) + HoldMargin;
        var order = new HoldOrder(use.Account, Unit.Credit, HoldId(use.Key), price.Of(Minutes(seconds)), use.Want.Service, lifetime);
        if ((await ledger.Hold(order, stop)).Refused)
        {
            return null;
        }

        return await AllowanceAuthorization.Obtain(use, () => Reserve(use, seconds, stop));
    }

    /// <summary>So many seconds of a call the wallet covers: as many as a call may last, else whole minutes, else none.</summary>
    private async Task<int> Affordable(AccountId account, Want want, CancellationToken stop)
    {
        var longest = Math.Min(longestCall, want.LongestSeconds ?? int.MaxValue);
        var balance = await ledger.Balance(account, Unit.Credit, stop);
        var minutes = balance.Owed > Credits.Zero ? 0 : Math.Max(0, balance.Available.Micro / price.Minute.Micro);
        return (int)Math.Min(longest, minutes * 60);
    }

    private async Task<UseEnded?> End(Transaction transaction, AccountId account, string key, long seconds, Func<Transaction, UseEnded, Task>? alsoWithin)
    {
        var ended = await entitlements.Complete(transaction, account, key, seconds);
        if (ended is null)
        {
            return null;
        }

        if (ended is { Again: false, Units: > 0 } && MeteredService.Find(ended.Service) is { } service)
        {
            // Billed by the unit only where no allowance and no credits have paid.
            usage.RecordOnce(transaction, new NewServiceUse(account, service.Name, ended.Units) { Resource = key, IsPrepaid = ended.Funding != Funding.PayAsYouGo });
        }

        await (alsoWithin?.Invoke(transaction, ended) ?? Task.CompletedTask);
        return ended;
    }

    private async Task<UseEnded?> Capture(AccountId account, string key, long seconds, Func<Transaction, UseEnded, Task>? alsoWithin)
    {
        UseEnded? ended = null;
        var charge = price.Of(Minutes(seconds));
        await ledger.Capture(
            new CaptureOrder(account, Unit.Credit, HoldId(key), charge, string.Create(CultureInfo.InvariantCulture, $"{UsedService.VoiceCall}: {seconds}s")),
            async (transaction, captured) =>
            {
                ended = await End(transaction, account, key, seconds, alsoWithin);
                if (!captured.Again)
                {
                    Record(transaction, account, key, seconds, captured.Charged);
                }
            });
        return ended;
    }

    private void Record(Transaction transaction, AccountId account, string key, long seconds, Credits charged) => UsageRows.Add(
        transaction,
        new UsageRow(
            account, ids.Text(), UsedService.VoiceCall, "phone", Unit.Credit, HoldId(key), charged.Micro, price.CostMicroUsdPerMinute * Minutes(seconds), price.Version,
            seconds * 1000, "provider_duration", "done", null, JsonSerializer.Serialize(new { key }), clock.GetUtcNow()));

    private static long Minutes(long seconds) => (seconds + 59) / 60;
}
