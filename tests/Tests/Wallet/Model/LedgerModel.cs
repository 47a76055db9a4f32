using System.Collections.Immutable;
using Ledgerline.Kernel;
using Ledgerline.Wallet;

namespace Tests.Wallet.Model;

/// <summary>
/// One wallet as it must be, written to be obviously right and for nothing else: lists, no rows, no locks, everything added up
/// anew whenever it is asked for. Amounts are in micro-credits. Every verb answers in the words in which the ledger's answer is compared.
/// </summary>
internal sealed class LedgerModel
{
    private readonly Dictionary<string, Lot> lots = [];
    private readonly Dictionary<string, Reservation> holds = [];
    private readonly Dictionary<(string Kind, string Book), long> books = [];
    private long owed;

    private LedgerModel(LedgerModel other)
    {
        (lots, holds, books, owed) = (new(other.lots), new(other.holds), new(other.books), other.owed);
    }

    public LedgerModel()
    {
    }

    public LedgerModel Copy() => new(this);

    public string Grant(string key, string source, bool paid, long amount, DateTimeOffset? expires, DateTimeOffset now)
    {
        Expire(now);
        var again = lots.ContainsKey(key);
        if (!again)
        {
            lots[key] = new Lot(key, source, paid, amount, expires, now, 0, amount, 0);
            Book(source, ("wallet", amount), ($"house:granted:{source}", -amount));
            Settle(now);
        }

        return Words.Granted(again, Balance);
    }

    /// <param name="unseen">A moment whose new lots it does not see, as a hold on another node that waited for the grant's lock.</param>
    public string Hold(string key, long amount, TimeSpan lifetime, DateTimeOffset now, DateTimeOffset? unseen = null)
    {
        Expire(now);
        var available = lots.Values.Where(lot => lot.Created != unseen).Sum(Free);
        var again = holds.ContainsKey(key);
        var admitted = again || (owed == 0 && amount <= available);
        if (admitted && !again)
        {
            var parts = ImmutableDictionary<string, long>.Empty;
            foreach (var lot in InOrderOfSpending().Where(lot => lot.Created != unseen))
            {
                var part = Math.Min(amount - parts.Values.Sum(), Free(lot));
                parts = part > 0 ? parts.Add(lot.Key, part) : parts;
            }

            holds[key] = new Reservation("open", now + lifetime, parts, null);
        }

        return Words.Held(admitted, again, new Credits(available - (admitted && !again ? amount : 0)));
    }

    public string Capture(string key, long used, DateTimeOffset now)
    {
        Expire(now);
        if (!holds.TryGetValue(key, out var hold))
        {
            return Words.Unknown;
        }

        if (hold.Captured is { } before)
        {
            return Words.Captured(new Credits(before), true, Balance);
        }

        // What it reserved comes first, then whatever is free, each in the order of spending.
        holds[key] = hold with { Status = "captured", Captured = used };
        var left = used;
        foreach (var lot in InOrderOfSpending())
        {
            left -= Spend(lot.Key, Math.Min(left, hold.Status == "open" ? hold.Parts.GetValueOrDefault(lot.Key) : 0));
        }

        foreach (var lot in InOrderOfSpending())
        {
            left -= Spend(lot.Key, Math.Min(left, Free(lot)));
        }

        owed += left;
        Book("usage", ("wallet", left - used), ("owed", -left), ("house:earned:transcribe", used));
        Settle(now);
        return Words.Captured(new Credits(used), false, Balance);
    }

    public string Release(string key, DateTimeOffset now)
    {
        Expire(now);
        return holds.ContainsKey(key) ? Words.Released(End(key, "released", now)) : Words.Unknown;
    }

    /// <summary>Answers how many holds were over.</summary>
    public int Sweep(DateTimeOffset now)
    {
        Expire(now);
        // All of them come free before anything else is done with what they reserved.
        var due = holds.Where(hold => hold.Value.Status == "open" && hold.Value.Expires <= now).ToList();
        due.ForEach(hold => holds[hold.Key] = hold.Value with { Status = "expired" });
        Settle(now);
        return due.Count;
    }

    public string ClawBack(string key, long target, string reason, DateTimeOffset now)
    {
        Expire(now);
        if (!lots.TryGetValue(key, out var lot))
        {
            return Words.Unknown;
        }

        target = Math.Min(target, lot.Amount);
        var change = target - lot.Clawed;
        lots[key] = lot with { Clawed = target };
        if (change > 0)
        {
            var taken = Spend(key, Math.Min(change, Free(lot)));
            owed += change - taken;
            Book("refund", ("wallet", -taken), ("owed", taken - change), ($"house:returned:{reason}", change));
        }
        else if (change < 0)
        {
            // More than the lot was granted for never fits into it: the rest is a lot like it.
            var room = Math.Min(-change, lot.Amount - lot.Remaining);
            lots[key] = lots[key] with { Remaining = lot.Remaining + room };
            var rest = lot with { Key = $"{key}:returned:{lots.Count}", Piece = lots.Count, Amount = -change - room, Remaining = -change - room, Clawed = 0 };
            if (rest.Amount > 0)
            {
                lots[rest.Key] = rest;
            }

            Book("refund", ("wallet", -change), ($"house:returned:{reason}", change));
        }

        Settle(now);
        return Words.ClawedBack;
    }

    public string Ask(DateTimeOffset now)
    {
        Expire(now);
        return Words.Asked(Balance);
    }

    /// <summary>Everything there is to compare, a line each.</summary>
    public IEnumerable<string> Lines() =>
    [
        .. lots.Values.Select(lot => Words.Lot(lot.Key, lot.Remaining, Held(lot), lot.Clawed)),
        .. holds.Select(hold => Words.Hold(hold.Key, hold.Value.Status, hold.Value.Captured ?? 0)),
        .. books.Where(book => book.Value != 0).Select(book => Words.Book(book.Key.Kind, book.Key.Book, book.Value)),
    ];

    /// <summary>What is shown without touching anything: credits whose time is over do not count, whether or not they were taken.</summary>
    public WalletBalance Shown(DateTimeOffset now) =>
        new(new Credits(lots.Values.Where(lot => lot.Expires is null || lot.Expires > now).Sum(Free)), new Credits(owed));

    private WalletBalance Balance => new(new Credits(lots.Values.Sum(Free)), new Credits(owed));

    private long Held(Lot lot) => holds.Values.Where(hold => hold.Status == "open").Sum(hold => hold.Parts.GetValueOrDefault(lot.Key));

    private long Free(Lot lot) => lot.Remaining - Held(lot);

    private List<Lot> InOrderOfSpending() =>
        [.. lots.Values.OrderBy(lot => lot.Paid).ThenBy(lot => lot.Expires ?? DateTimeOffset.MaxValue).ThenBy(lot => lot.Created).ThenBy(lot => lot.Piece)];

    private long Spend(string key, long amount)
    {
        lots[key] = lots[key] with { Remaining = lots[key].Remaining - amount };
        return amount;
    }

    private bool End(string key, string status, DateTimeOffset now)
    {
        var wasOpen = holds[key].Status == "open";
        if (wasOpen)
        {
            holds[key] = holds[key] with { Status = status };
            Settle(now);
        }

        return wasOpen;
    }

    // Whatever comes or comes free pays what is owed. What is left of it and whose time is over is gone at once.
    private void Settle(DateTimeOffset now)
    {
        var due = Math.Min(owed, Balance.Available.Micro);
        owed -= due;
        Book("repayment", ("wallet", -due), ("owed", due));
        foreach (var lot in InOrderOfSpending())
        {
            due -= Spend(lot.Key, Math.Min(due, Free(lot)));
        }

        Expire(now);
    }

    private void Expire(DateTimeOffset now)
    {
        foreach (var lot in lots.Values.Where(lot => lot.Expires <= now).ToList())
        {
            var gone = Spend(lot.Key, Free(lot));
            Book("expired", ("wallet", -gone), ("house:expired", gone));
        }
    }

    private void Book(string kind, params (string Book, long Amount)[] entries)
    {
        foreach (var (book, amount) in entries)
        {
            books[(kind, book)] = books.GetValueOrDefault((kind, book)) + amount;
        }
    }

    private sealed record Lot(
        string Key, string Source, bool Paid, long Amount, DateTimeOffset? Expires, DateTimeOffset Created, int Piece, long Remaining, long Clawed);

    private sealed record Reservation(string Status, DateTimeOffset Expires, ImmutableDictionary<string, long> Parts, long? Captured);
}
