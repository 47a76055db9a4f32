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

    /// <summary>Seconds that are held when a call begins, and with each lengthening: what a crash can leave unused until it is settled.</summary>
    private const int FirstHold = 180;

    private const int Step = 60;

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
            return await AllowanceAuthorization.Obtain(use, () => Reserve(use, null, countsRefusal: true, stop));
        }

        var answer = await AllowanceAuthorization.Obtain(use, () => Reserve(use, null, countsRefusal: false, stop));
        return answer.Authorization is not null ? answer
            : IsHelpedByCredits(answer.Verdict) && await Pay(use, stop) is { } paid ? paid
            : await Refuse(answer, use, stop);
    }

    internal AskedTakes Ask(Transaction transaction, IReadOnlyList<AllowanceUse> uses) => entitlements.Ask(transaction, Orders(uses));

    internal Task<IReadOnlyList<ReserveAnswer>> Take(Transaction transaction, IReadOnlyList<AllowanceUse> uses, AskedTakes asked, CancellationToken stop) =>
        entitlements.Take(transaction, Orders(uses), asked, stop);

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
            foreach (var hold in await Holds(account, key))
            {
                await ledger.Release(account, Unit.Credit, hold.Id);
            }
        }

        return await entitlements.GiveBack(account, key);
    });

    internal Task<bool> Confirm(AccountId account, string key) => books.Insist("use", key, () => entitlements.Confirm(account, key));

    private bool MayBePaid(Want want) => callsFromCredits && want.Service == UsedService.VoiceCall;

    // Credits replace an allowance that is used up, not a plan that somebody never had.
    private static bool IsHelpedByCredits(Verdict verdict) => verdict.Status != AllowanceStatus.PremiumRequired;

    private static List<TakeOrder> Orders(IEnumerable<AllowanceUse> uses) => [.. uses.Select(use => new TakeOrder(use.Account, use.Want, use.Key))];

    private static string HoldId(string key) => $"use:{key}";

    // Of what was held later, from that minute on.
    private static string HoldId(string key, int minute) => string.Create(CultureInfo.InvariantCulture, $"use:{key}:{minute}");

    private Task<ReserveAnswer> Reserve(AllowanceUse use, int? paidSeconds, bool countsRefusal, CancellationToken stop) => database.Write(
        async transaction =>
        {
            await (use.Guard?.Admit(transaction, stop) ?? Task.CompletedTask);
            var answer = await entitlements.Reserve(transaction, use.Account, use.Want, use.Key, use.Lifetime, paidSeconds, countsRefusal, stop);
            await (use.Guard is { } guard && answer is { Again: false, Verdict.IsAllowed: true } ? guard.Reserved(transaction, answer.Verdict, stop) : Task.CompletedTask);
            return answer;
        },
        stop);

    private async Task<AllowanceAnswer> Refuse(AllowanceAnswer refused, AllowanceUse use, CancellationToken stop)
    {
        await database.Write(transaction => refusals.Count(transaction, use.Account, use.Want.Service, refused.Verdict.Status), stop);
        return refused;
    }

    internal Task<AllowanceAuthorization?> GoOn(AllowanceUse use, CancellationToken stop) =>
        database.Read(session => AllowanceAuthorization.GoOn(session, use, stop), stop);

    internal async Task<int?> Lengthen(AllowanceUse use, CancellationToken stop)
    {
        if (await database.Read(session => Entitlements.Running(session, use.Account, use.Key, stop), stop) is not { } running)
        {
            return null;
        }

        if (running.Funding != Funding.Credits || running.DurationLimit is not { } limit)
        {
            return await entitlements.Lengthen(use.Account, use.Want, use.Key, stop);
        }

        // Whole minutes, each held once: two who ask at a time ask for the same hold.
        var longest = Math.Min(longestCall, use.Want.LongestSeconds ?? int.MaxValue);
        var more = Math.Min(Math.Min(longest - limit, Step), await Affordable(use.Account, use.Want, stop));
        if (limit % 60 != 0 || more <= 0)
        {
            return limit;
        }

        var hold = new HoldOrder(use.Account, Unit.Credit, HoldId(use.Key, limit / 60), price.Of(AllowanceRules.Minutes(more)), use.Want.Service, Lifetime(use));
        var held = await ledger.Hold(hold, stop);
        if (held.Refused || held.Again && !await ledger.IsOpen(use.Account, hold.Key, stop))
        {
            return limit;
        }

        if (await entitlements.Lengthen(use.Account, use.Key, limit + more, stop))
        {
            return limit + more;
        }

        // It ended meanwhile, and its end did not see this minute.
        await ledger.Release(use.Account, Unit.Credit, hold.Key);
        return null;
    }

    // Null: the wallet does not cover a minute.
    private async Task<AllowanceAnswer?> Pay(AllowanceUse use, CancellationToken stop)
    {
        if (await HoldFirst(use, stop) is not { } seconds)
        {
            return null;
        }

        try
        {
            return await AllowanceAuthorization.Obtain(use, () => Reserve(use, seconds, countsRefusal: false, stop));
        }
        catch
        {
            // What stands beside the reservation would not have it.
            await ledger.Release(use.Account, Unit.Credit, HoldId(use.Key));
            throw;
        }
    }

    // Some minutes only: a call that runs asks for more, and what others need stays free until then. Whoever was faster leaves less.
    private async Task<int?> HoldFirst(AllowanceUse use, CancellationToken stop)
    {
        while (await Affordable(use.Account, use.Want, stop) is > 0 and var affordable)
        {
            var seconds = Math.Min(affordable, FirstHold);
            if (!(await ledger.Hold(new HoldOrder(use.Account, Unit.Credit, HoldId(use.Key), price.Of(AllowanceRules.Minutes(seconds)), use.Want.Service, Lifetime(use)), stop)).Refused)
            {
                return seconds;
            }
        }

        return null;
    }

    private TimeSpan Lifetime(AllowanceUse use) => use.Lifetime + TimeSpan.FromSeconds(longestCall) + HoldMargin;

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
            usage.RecordOnce(transaction, new NewServiceUse(account, service.Name, ended.Units)
            {
                Resource = key,
                IsPrepaid = ended.Funding != Funding.PayAsYouGo,
                Terms = ended.Terms,
            });
        }

        await (alsoWithin?.Invoke(transaction, ended) ?? Task.CompletedTask);
        return ended;
    }

    private async Task<UseEnded?> Capture(AccountId account, string key, long seconds, Func<Transaction, UseEnded, Task>? alsoWithin)
    {
        UseEnded? ended = null;
        var holds = await Holds(account, key);
        var charge = price.Of(AllowanceRules.Minutes(seconds));
        var text = string.Create(CultureInfo.InvariantCulture, $"{UsedService.VoiceCall}: {seconds}s");
        // The later holds first, the first one last with what they do not cover: whoever is killed in between comes to the same sums.
        var rest = Math.Max(0, charge.Micro - holds[0].AmountMicro);
        foreach (var hold in holds.Skip(1))
        {
            var part = Math.Min(rest, hold.AmountMicro);
            rest -= part;
            if (part == 0)
            {
                await ledger.Release(account, Unit.Credit, hold.Id);
            }
            else
            {
                await ledger.Capture(
                    new CaptureOrder(account, Unit.Credit, hold.Id, new Credits(part), text),
                    (transaction, captured) => captured.Again ? Task.CompletedTask : Record(transaction, account, key, hold.Id, 0, captured.Charged));
            }
        }

        var own = Math.Min(charge.Micro, holds[0].AmountMicro) + rest;
        await ledger.Capture(
            new CaptureOrder(account, Unit.Credit, HoldId(key), new Credits(own), text),
            async (transaction, captured) =>
            {
                ended = await End(transaction, account, key, seconds, alsoWithin);
                if (!captured.Again)
                {
                    await Record(transaction, account, key, HoldId(key), seconds, captured.Charged);
                }
            });
        return ended;
    }

    // The first one, then those of the lengthenings in their order.
    private async Task<IReadOnlyList<HeldAmount>> Holds(AccountId account, string key)
    {
        string[] ids = [HoldId(key), .. Enumerable.Range(1, longestCall / 60).Select(minute => HoldId(key, minute))];
        var held = (await ledger.Holds(account, ids)).ToDictionary(hold => hold.Id);
        return [.. ids.Where(held.ContainsKey).Select(id => held[id])];
    }

    // A row a hold; the seconds, and what they cost us, stand in the first one's.
    private Task Record(Transaction transaction, AccountId account, string key, string hold, long seconds, Credits charged)
    {
        UsageRows.Add(
            transaction,
            new UsageRow(
                account, ids.Text(), UsedService.VoiceCall, "phone", Unit.Credit, hold, charged.Micro, price.CostMicroUsdPerMinute * AllowanceRules.Minutes(seconds), price.Version,
                seconds * 1000, "provider_duration", "done", null, JsonSerializer.Serialize(new { key }), clock.GetUtcNow()));
        return Task.CompletedTask;
    }
}
