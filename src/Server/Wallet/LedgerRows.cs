using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>How what a book decided becomes rows, each kind written for all books at once.</summary>
internal static class LedgerRows
{
    public static void Lots(Transaction transaction, WalletBook book)
    {
        foreach (var lot in book.Lots)
        {
            if (lot.IsNew)
            {
                transaction.Defer(
                    """
                    INSERT INTO grants (account_id, id, unit, source, grant_key, priority, amount_micro, remaining_micro, held_micro, clawed_micro, spent,
                        expires_at, paid_minor, currency, created_at)
                    SELECT r.account, r.id, r.unit, r.source, r.key, r.priority, r.amount, r.remaining, r.held, r.clawed,
                        CASE WHEN r.remaining = 0 THEN 1 ELSE 0 END, r.expires_at, r.paid, r.currency, r.created_at
                    FROM {rows}
                    """,
                    new NewLot(
                        book.Account, lot.Id, book.Unit, lot.Source, lot.GrantKey!, lot.Priority, lot.AmountMicro, lot.RemainingMicro, lot.HeldMicro,
                        lot.ClawedMicro, lot.ExpiresAt, lot.PaidMinor, lot.Currency, lot.CreatedAt));
            }
            else if (lot.IsChanged)
            {
                transaction.Defer(
                    """
                    UPDATE grants SET remaining_micro = r.remaining, held_micro = r.held, clawed_micro = r.clawed,
                        spent = CASE WHEN r.remaining = 0 THEN 1 ELSE 0 END
                    FROM {rows} WHERE grants.account_id = r.account AND grants.id = r.id
                    """,
                    new ChangedLot(book.Account, lot.Id, lot.RemainingMicro, lot.HeldMicro, lot.ClawedMicro));
            }
        }
    }

    public static void NewHolds(Transaction transaction, WalletBook book, DateTimeOffset now)
    {
        foreach (var (hold, expiresAt) in book.NewHolds)
        {
            transaction.Defer(
                """
                INSERT INTO holds (account_id, id, unit, amount_micro, grant_id, purpose, status, budget, expires_at, created_at)
                SELECT r.account, r.id, r.unit, r.amount, r.grant_id, r.purpose, 'open', r.budget, r.expires_at, r.now FROM {rows}
                """,
                new NewHold(book.Account, hold.Id, book.Unit, hold.AmountMicro, hold.GrantId, hold.Purpose, hold.Budget, expiresAt, now));
            for (var part = 0; hold.GrantId is null && part < hold.Lots.Count; part++)
            {
                transaction.Defer(
                    "INSERT INTO hold_lots (account_id, hold_id, grant_id, amount_micro) SELECT r.account, r.hold, r.grant_id, r.amount FROM {rows}",
                    new NewHoldLot(book.Account, hold.Id, hold.Lots[part].GrantId, hold.Lots[part].AmountMicro));
            }
        }
    }

    public static void ResolvedHolds(Transaction transaction, WalletBook book, DateTimeOffset now)
    {
        foreach (var hold in book.Resolved)
        {
            transaction.Defer(
                """
                UPDATE holds SET status = r.status, captured_micro = r.captured, resolved_at = r.now
                FROM {rows} WHERE holds.account_id = r.account AND holds.id = r.id
                """,
                new EndedHold(book.Account, hold.Id, hold.Status, hold.CapturedMicro, now));
            if (hold.GrantId is null)
            {
                transaction.Defer(
                    "DELETE FROM hold_lots WHERE (account_id, hold_id) IN (SELECT r.account, r.hold FROM {rows})", new NoHoldLots(book.Account, hold.Id));
            }
        }
    }

    public static void Owed(Transaction transaction, WalletBook book)
    {
        if (book.OwesAnother)
        {
            transaction.Defer(
                "UPDATE wallets SET owed_micro = r.owed FROM {rows} WHERE wallets.account_id = r.account AND wallets.unit = r.unit",
                new Debt(book.Account, book.Unit, book.OwedMicro));
        }
    }

    // The budgets are read under the locks of the wallet's lots, so that what is written is what is so.
    public static void Budgets(Transaction transaction, WalletBook book)
    {
        foreach (var budget in book.Budgets.Where(budget => budget.IsChanged))
        {
            transaction.Defer(
                """
                INSERT INTO budgets (account_id, unit, name, spent_micro, held_micro) SELECT r.account, r.unit, r.name, r.spent, r.held FROM {rows} WHERE true
                ON CONFLICT (account_id, unit, name) DO UPDATE SET spent_micro = excluded.spent_micro, held_micro = excluded.held_micro
                """,
                new UsedBudget(book.Account, book.Unit, budget.Name, budget.SpentMicro, budget.HeldMicro));
        }
    }

    public static void Booking(Transaction transaction, WalletBook book, Booking booking, string id, DateTimeOffset now)
    {
        transaction.Defer(
            """
            INSERT INTO ledger_transactions (account_id, id, unit, kind, transaction_key, description, payment_id, created_at)
            SELECT r.account, r.id, r.unit, r.kind, r.key, r.description, r.payment_id, r.now FROM {rows}
            """,
            new NewBooking(book.Account, id, book.Unit, booking.Kind, booking.Key, booking.Description, booking.PaymentId, now));
        for (var line = 0; line < booking.Entries.Count; line++)
        {
            var entry = booking.Entries[line];
            transaction.Defer(
                """
                INSERT INTO ledger_entries (account_id, transaction_id, line, unit, book, amount_micro, grant_id, created_at)
                SELECT r.account, r.id, r.line, r.unit, r.book, r.amount, r.grant_id, r.now FROM {rows}
                """,
                new NewEntry(book.Account, id, line, book.Unit, entry.Book, entry.AmountMicro, entry.GrantId, now));
        }
    }

    private readonly record struct NewLot(
        AccountId Account, string Id, string Unit, string Source, string Key, int Priority, long Amount, long Remaining, long Held, long Clawed,
        DateTimeOffset? ExpiresAt, long? Paid, string? Currency, DateTimeOffset CreatedAt);

    private readonly record struct ChangedLot(AccountId Account, string Id, long Remaining, long Held, long Clawed);

    private readonly record struct NewHold(
        AccountId Account, string Id, string Unit, long Amount, string? GrantId, string Purpose, string? Budget, DateTimeOffset ExpiresAt, DateTimeOffset Now);

    private readonly record struct NewHoldLot(AccountId Account, string Hold, string GrantId, long Amount);

    private readonly record struct EndedHold(AccountId Account, string Id, string Status, long? Captured, DateTimeOffset Now);

    private readonly record struct NoHoldLots(AccountId Account, string Hold);

    private readonly record struct Debt(AccountId Account, string Unit, long Owed);

    private readonly record struct UsedBudget(AccountId Account, string Unit, string Name, long Spent, long Held);

    private readonly record struct NewBooking(
        AccountId Account, string Id, string Unit, string Kind, string Key, string Description, string? PaymentId, DateTimeOffset Now);

    private readonly record struct NewEntry(
        AccountId Account, string Id, int Line, string Unit, string Book, long Amount, string? GrantId, DateTimeOffset Now);
}
