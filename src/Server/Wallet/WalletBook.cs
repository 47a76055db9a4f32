using Ledgerline.Kernel;

namespace Ledgerline.Wallet;

/// <summary>
/// One wallet in the hand, its row locked: every rule of spending, and nothing else. No database, no clock; what it decides is
/// written by <see cref="LedgerStore"/>.
/// </summary>
internal sealed class WalletBook(AccountId account, string unit, WalletRow row, List<Lot> lots, Func<string> newId)
{
    private readonly List<Booking> bookings = [];

    public AccountId Account => account;
    public string Unit => unit;
    public IReadOnlyList<Lot> Lots => lots;
    public IReadOnlyList<Booking> Bookings => bookings;
    public long PostedMicro { get; private set; } = row.PostedMicro;
    public long HeldMicro { get; private set; } = row.HeldMicro;
    public long OwedMicro { get; private set; } = row.OwedMicro;
    public long AvailableMicro => PostedMicro - HeldMicro;
    public WalletBalance Balance => new(new Credits(AvailableMicro), new Credits(OwedMicro));
    public bool IsChanged { get; private set; }

    public DateTimeOffset? NextExpiryAt => lots.Where(lot => lot.FreeMicro > 0).Min(lot => lot.ExpiresAt);

    /// <summary>A lot that was read later because nothing of it is left to spend.</summary>
    public void Join(Lot lot) => lots.Add(lot);

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
        lots.Add(lot);
        lot.Change(remaining: order.Amount.Micro, held: 0);
        Book(order.Source, order.Key, order.Description, order.PaymentId,
            new(Books.Wallet, order.Amount.Micro, lot.Id), new(Books.Granted(order.Source), -order.Amount.Micro));
        PayOwed();
    }

    /// <summary>Reserves the amount in the order of spending, or answers null and changes nothing.</summary>
    public IReadOnlyList<HoldLot>? Hold(long amountMicro)
    {
        if (OwedMicro > 0 || AvailableMicro < amountMicro)
        {
            return null;
        }

        var parts = Take(amountMicro);
        foreach (var (lot, part) in parts)
        {
            lot.Change(remaining: 0, held: part);
        }

        HeldMicro += amountMicro;
        IsChanged = true;
        return [.. parts.Select(part => new HoldLot { GrantId = part.Lot.Id, AmountMicro = part.Micro })];
    }

    /// <summary>
    /// Books what was used: from the lots the hold reserved, then from what else is free; the rest is owed. What the hold reserved
    /// beyond that is free again.
    /// </summary>
    /// <param name="reserved">The open hold's lots; empty when the hold had expired or was released before.</param>
    public void Capture(string holdId, string purpose, IReadOnlyList<HoldLot> reserved, long usedMicro, string description)
    {
        Free(reserved);
        List<Entry> entries = [];
        var open = usedMicro;
        foreach (var part in reserved)
        {
            var lot = Find(part.GrantId);
            // The lot's free part cannot be smaller: it has just been given back under the wallet's lock.
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
            Book("usage", $"capture:{holdId}", description, null, [.. entries, new(Books.Earned(purpose), usedMicro)]);
        }

        PayOwed();
    }

    /// <summary>Gives the reserved credits back to the very lots they came from.</summary>
    public void Release(IReadOnlyList<HoldLot> reserved)
    {
        Free(reserved);
        PayOwed();
    }

    /// <summary>
    /// Takes back or gives back until <paramref name="targetMicro"/> of the lot is taken back in all. What of it was spent or is
    /// in use is owed. Asking for the same target again changes nothing, in whatever order the news of refunds and disputes come.
    /// </summary>
    public void ClawBack(Lot lot, long targetMicro, string reason, Func<long, long, string> describe, string? paymentId)
    {
        var change = Math.Clamp(targetMicro, 0, lot.AmountMicro) - lot.ClawedMicro;
        if (change == 0)
        {
            return;
        }

        lot.ClawedMicro += change;
        if (change > 0)
        {
            var unspent = Math.Min(change, lot.FreeMicro);
            List<Entry> entries = [];
            Spend(lot, unspent, entries);
            if (change > unspent)
            {
                entries.Add(new(Books.Owed, unspent - change));
            }

            lot.Change(0, 0);
            Book("refund", newId(), describe(unspent, change - unspent), paymentId, [.. entries, new(Books.Returned(reason), change)]);
        }
        else
        {
            Book("refund", newId(), describe(change, 0), paymentId, [.. GiveBack(lot, -change), new(Books.Returned(reason), change)]);
        }

        PayOwed();
    }

    // What a hold kept in the lot while others paid its debt has no room there any more: it comes back as a lot of its own.
    private List<Entry> GiveBack(Lot lot, long micro)
    {
        var room = Math.Min(micro, lot.AmountMicro - lot.RemainingMicro);
        lot.Change(remaining: room, held: 0);
        List<Entry> entries = room > 0 ? [new(Books.Wallet, room, lot.Id)] : [];
        if (micro > room)
        {
            var id = newId();
            var rest = new Lot
            {
                Id = id,
                Source = lot.Source,
                GrantKey = $"{lot.GrantKey}:returned:{id}",
                Priority = lot.Priority,
                AmountMicro = micro - room,
                ExpiresAt = lot.ExpiresAt,
                CreatedAt = lot.CreatedAt,
                IsNew = true,
            };
            lots.Add(rest);
            rest.Change(remaining: micro - room, held: 0);
            entries.Add(new(Books.Wallet, micro - room, id));
        }

        return entries;
    }

    /// <summary>Takes what is free of lots whose time is over; what an open hold reserved of them stays good for that hold.</summary>
    public void Expire(DateTimeOffset now)
    {
        foreach (var lot in lots.Where(lot => lot.ExpiresAt <= now && lot.FreeMicro > 0).ToList())
        {
            List<Entry> entries = [];
            var expired = Spend(lot, lot.FreeMicro, entries);
            Book("expired", newId(), $"Expired {lot.Source} credits", null, [.. entries, new(Books.Expired, expired)]);
        }
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

    private void Free(IReadOnlyList<HoldLot> reserved)
    {
        foreach (var part in reserved)
        {
            Find(part.GrantId).Change(remaining: 0, held: -part.AmountMicro);
            HeldMicro -= part.AmountMicro;
            IsChanged = true;
        }
    }

    // Gifts first, then what was paid for; within each what expires first, what never expires last; then the oldest.
    private List<(Lot Lot, long Micro)> Take(long amountMicro)
    {
        List<(Lot, long)> parts = [];
        foreach (var lot in lots.OrderBy(lot => lot.Priority).ThenBy(lot => lot.ExpiresAt ?? DateTimeOffset.MaxValue)
                     .ThenBy(lot => lot.CreatedAt).ThenBy(lot => lot.Id, StringComparer.Ordinal))
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
        IsChanged = true;
        if (PostedMicro < HeldMicro || OwedMicro < 0)
        {
            throw new InvalidOperationException($"A {kind} would leave {PostedMicro} posted, {HeldMicro} held, {OwedMicro} owed.");
        }
    }
}

/// <summary>A wallet's stored sums in micro-credits.</summary>
internal sealed class WalletRow
{
    public long PostedMicro { get; init; }
    public long HeldMicro { get; init; }
    public long OwedMicro { get; init; }
}
