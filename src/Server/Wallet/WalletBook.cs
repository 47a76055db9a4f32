using Ledgerline.Kernel;

namespace Ledgerline.Wallet;

/// <summary>
/// One wallet in the hand, its lots locked: every rule of spending, and nothing else. No database, no clock; what it decides is
/// written by <see cref="LedgerStore"/>.
/// </summary>
/// <param name="owedMicro">Null when the wallet's own row was not locked: then it may hold, which nobody can while anything is owed, since a debt takes whatever is free.</param>
internal sealed partial class WalletBook(AccountId account, string unit, long? owedMicro, List<Lot> lots, Func<string> newId)
{
    private readonly List<Booking> bookings = [];
    private readonly Dictionary<string, HoldRow> holds = new(StringComparer.Ordinal);
    private readonly List<(HoldRow Hold, DateTimeOffset ExpiresAt)> newHolds = [];
    private readonly Dictionary<string, BudgetRow> budgets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HoldRow> resolved = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Lot> lotsByKey = new(StringComparer.Ordinal);
    private bool sorted;
    private DateTimeOffset time;

    public AccountId Account => account;
    public string Unit => unit;
    public IReadOnlyList<Lot> Lots => lots;
    public IReadOnlyList<Booking> Bookings => bookings;

    /// <summary>The holds that were made, with their expiry.</summary>
    public IReadOnlyList<(HoldRow Hold, DateTimeOffset ExpiresAt)> NewHolds => newHolds;

    /// <summary>The holds that ended, as they are now.</summary>
    public IReadOnlyCollection<HoldRow> Resolved => resolved.Values;

    public IReadOnlyCollection<BudgetRow> Budgets => budgets.Values;

    public long PostedMicro { get; private set; } = lots.Sum(lot => lot.RemainingMicro);
    public long HeldMicro { get; private set; } = lots.Sum(lot => lot.HeldMicro);
    public long OwedMicro { get; private set; } = owedMicro ?? 0;
    public bool OwesAnother => OwedMicro != (owedMicro ?? 0);
    public long AvailableMicro => PostedMicro - HeldMicro;
    public WalletBalance Balance => new(new Credits(AvailableMicro), new Credits(OwedMicro));

    /// <summary>Counts what was changed, so that one can see whether something was.</summary>
    public int Changes { get; private set; }

    /// <summary>Adds a lot; what is owed is paid from it first.</summary>
    public void Grant(GrantOrder order, DateTimeOffset now)
    {
        var lot = new Lot
        {
            Id = newId(),
            Source = order.Source,
            GrantKey = order.Key,
            Priority = order.Paid is null ? 0 : 1,
            AmountMicro = order.Amount.Micro,
            ExpiresAt = order.ExpiresAt,
            PaidMinor = order.Paid?.Minor,
            Currency = order.Paid?.Currency,
            CreatedAt = now,
            IsNew = true,
        };
        Add(lot);
        lotsByKey[order.Key] = lot;
        lot.Change(remaining: order.Amount.Micro, held: 0);
        Book(order.Source, order.Key, order.Description, order.PaymentId,
            new(Books.Wallet, order.Amount.Micro, lot.Id), new(Books.Granted(order.Source), -order.Amount.Micro));
        Settle();
    }

    /// <summary>Reserves the amount in the order of spending, or answers false and changes nothing.</summary>
    public bool Hold(string id, long amountMicro, string purpose, DateTimeOffset expiresAt, string? budget = null)
    {
        if (OwedMicro > 0 || AvailableMicro < amountMicro)
        {
            return false;
        }

        var parts = Take(amountMicro);
        foreach (var (lot, part) in parts)
        {
            lot.Change(remaining: 0, held: part);
        }

        HeldMicro += amountMicro;
        Changes++;
        var hold = new HoldRow
        {
            Id = id,
            AmountMicro = amountMicro,
            GrantId = parts.Count == 1 ? parts[0].Lot.Id : null,
            Purpose = purpose,
            Status = HoldStatus.Open,
            Budget = budget,
            Lots = parts.ConvertAll(part => new HoldLot(part.Lot.Id, part.Micro)),
        };
        if (budget is not null)
        {
            Budget(budget).Change(spent: 0, held: amountMicro);
        }

        holds[id] = hold;
        newHolds.Add((hold, expiresAt));
        return true;
    }

    /// <summary>
    /// Books what was used: from the lots the hold reserved, then from what else is free; the rest is owed. What the hold reserved
    /// beyond that is free again.
    /// </summary>
    public void Capture(HoldRow hold, long usedMicro, string description)
    {
        Free(hold.Lots);
        List<Entry> entries = [];
        var open = usedMicro;
        foreach (var (lot, part) in hold.Lots.Select(part => (Find(part.GrantId), part)).OrderBy(reserved => reserved.Item1, Comparer<Lot>.Create(InOrderOfSpending)))
        {
            // The lot's free part cannot be smaller: it has just been given back under the lot's lock.
            open -= Spend(lot, Math.Min(open, part.AmountMicro), entries);
        }

        foreach (var (lot, part) in Take(Math.Min(open, AvailableMicro + Sum(entries))))
        {
            open -= Spend(lot, part, entries);
        }

        if (open > 0)
        {
            entries.Add(new(Books.Owed, -open));
        }

        if (usedMicro > 0)
        {
            Book("usage", CaptureKey(account, hold.Id), description, null, [.. entries, new(Books.Earned(hold.Purpose), usedMicro)]);
        }

        Resolve(hold, HoldStatus.Captured, usedMicro);
        Settle();
    }

    /// <summary>Gives the reserved credits back to the very lots they came from.</summary>
    public void Release(HoldRow hold, string status)
    {
        Free(hold.Lots);
        Resolve(hold, status, null);
        Settle();
    }

    /// <summary>The business key of a hold's capture. It begins with what sorts by time.</summary>
    public static string CaptureKey(AccountId account, string holdId) => $"capture:{holdId}:{account}";

    /// <summary>Takes what is free of lots whose time is over; what an open hold reserved of them stays good for that hold.</summary>
    public void Expire(DateTimeOffset now)
    {
        time = now;
        foreach (var lot in lots)
        {
            if (lot.FreeMicro <= 0 || !(lot.ExpiresAt <= now))
            {
                continue;
            }

            List<Entry> entries = [];
            var expired = Spend(lot, lot.FreeMicro, entries);
            Book("expired", newId(), $"Expired {lot.Source} credits", null, [.. entries, new(Books.Expired, expired)]);
        }
    }

    // What came free pays what is owed first. Of what is left, that whose time is over is gone before anybody sees it.
    private void Settle()
    {
        PayOwed();
        Expire(time);
    }

    private void PayOwed()
    {
        var due = Math.Min(OwedMicro, AvailableMicro);
        if (due <= 0)
        {
            return;
        }

        List<Entry> entries = [];
        foreach (var (lot, part) in Take(due))
        {
            Spend(lot, part, entries);
        }

        Book("repayment", newId(), "Paid what was owed from before", null, [.. entries, new(Books.Owed, due)]);
    }

    private void Add(Lot lot)
    {
        lots.Add(lot);
        sorted = false;
    }

    private void Free(IReadOnlyList<HoldLot> reserved)
    {
        foreach (var part in reserved)
        {
            Find(part.GrantId).Change(remaining: 0, held: -part.AmountMicro);
            HeldMicro -= part.AmountMicro;
            Changes++;
        }
    }

    private void Resolve(HoldRow hold, string status, long? capturedMicro)
    {
        Changes++;
        var ended = new HoldRow
        {
            Id = hold.Id,
            AmountMicro = hold.AmountMicro,
            GrantId = hold.GrantId,
            Purpose = hold.Purpose,
            Status = status,
            Budget = hold.Budget,
            CapturedMicro = capturedMicro,
        };
        if (hold.Budget is not null)
        {
            // A hold that had expired before holds nothing any more.
            Budget(hold.Budget).Change(spent: capturedMicro ?? 0, held: hold.Status == HoldStatus.Open ? -hold.AmountMicro : 0);
        }

        holds[hold.Id] = ended;
        resolved[hold.Id] = ended;
    }

    // Gifts first, then what was paid for; within each what expires first, what never expires last; then the oldest.
    private List<(Lot Lot, long Micro)> Take(long amountMicro)
    {
        if (!sorted)
        {
            lots.Sort(InOrderOfSpending);
            sorted = true;
        }

        List<(Lot Lot, long Micro)> parts = [];
        foreach (var lot in lots)
        {
            if (amountMicro == 0)
            {
                break;
            }

            var part = Math.Min(amountMicro, lot.FreeMicro);
            if (part > 0)
            {
                parts.Add((lot, part));
                amountMicro -= part;
            }
        }

        return amountMicro == 0 ? parts : throw new InvalidOperationException($"The lots of {account} lack {amountMicro} {unit} the wallet counts.");
    }

    private static int InOrderOfSpending(Lot one, Lot other) =>
        one.Priority != other.Priority ? one.Priority.CompareTo(other.Priority)
        : one.ExpiresAt != other.ExpiresAt ? (one.ExpiresAt ?? DateTimeOffset.MaxValue).CompareTo(other.ExpiresAt ?? DateTimeOffset.MaxValue)
        : one.CreatedAt != other.CreatedAt ? one.CreatedAt.CompareTo(other.CreatedAt)
        : string.CompareOrdinal(one.Id, other.Id);

    private static long Spend(Lot lot, long micro, List<Entry> entries)
    {
        if (micro > 0)
        {
            lot.Change(remaining: -micro, held: 0);
            entries.Add(new(Books.Wallet, -micro, lot.Id));
        }

        return micro;
    }

    private static long Sum(List<Entry> entries) => entries.Sum(entry => entry.AmountMicro);

    private Lot Find(string id) => lots.Find(lot => lot.Id == id) ?? throw new InvalidOperationException($"Lot {id} is not in the wallet of {account}.");

    private void Book(string kind, string key, string description, string? paymentId, params Entry[] entries)
    {
        bookings.Add(new Booking(kind, key, description, paymentId, entries));
        PostedMicro += entries.Where(entry => entry.Book == Books.Wallet).Sum(entry => entry.AmountMicro);
        OwedMicro -= entries.Where(entry => entry.Book == Books.Owed).Sum(entry => entry.AmountMicro);
        Changes++;
        if (PostedMicro < HeldMicro || OwedMicro < 0)
        {
            throw new InvalidOperationException($"A {kind} would leave {PostedMicro} posted, {HeldMicro} held, {OwedMicro} owed.");
        }
    }
}
