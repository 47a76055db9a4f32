namespace Ledgerline.Wallet;

/// <summary>What comes back after a refund or a dispute.</summary>
internal sealed partial class WalletBook
{
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

        Settle();
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
            Add(rest);
            rest.Change(remaining: micro - room, held: 0);
            entries.Add(new(Books.Wallet, micro - room, id));
        }

        return entries;
    }
}
