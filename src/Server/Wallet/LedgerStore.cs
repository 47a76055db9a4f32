using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>Opens a wallet under its row's lock and writes back what the book decided, all within the caller's transaction.</summary>
internal sealed class LedgerStore(Ids ids, TimeProvider clock)
{
    private const string LotColumns =
        "id, source, grant_key, priority, amount_micro, remaining_micro, held_micro, clawed_micro, expires_at, paid_minor, currency, created_at";

    /// <summary>Locks the wallet against every other node and reads it. A wallet nobody has seen yet is created empty.</summary>
    public async Task<WalletBook> Open(Transaction transaction, AccountId account, string unit, CancellationToken stop)
    {
        const string find = "SELECT posted_micro, held_micro, owed_micro FROM wallets WHERE account_id = @account AND unit = @unit {for update}";
        var row = await transaction.Maybe<WalletRow>(find, new { account, unit }, stop);
        if (row is null)
        {
            await transaction.Execute(
                "INSERT INTO wallets (account_id, unit) VALUES (@account, @unit) ON CONFLICT (account_id, unit) DO NOTHING", new { account, unit }, stop);
            row = await transaction.One<WalletRow>(find, new { account, unit }, stop);
        }

        var lots = await transaction.List<Lot>(
            $"SELECT {LotColumns} FROM grants WHERE account_id = @account AND unit = @unit AND remaining_micro > 0", new { account, unit }, stop);
        var book = new WalletBook(account, unit, row, [.. lots], ids.Text);
        book.Expire(clock.GetUtcNow());
        return book;
    }

    /// <summary>The lot a business key granted, spent or not; it joins the book's lots.</summary>
    public static async Task<Lot?> FindLot(Transaction transaction, WalletBook book, string grantKey, CancellationToken stop)
    {
        if (book.Lots.FirstOrDefault(lot => lot.GrantKey == grantKey) is { } held)
        {
            return held;
        }

        var lot = await transaction.Maybe<Lot>(
            $"SELECT {LotColumns} FROM grants WHERE account_id = @account AND unit = @unit AND grant_key = @grantKey",
            new { account = book.Account, unit = book.Unit, grantKey },
            stop);
        if (lot is not null)
        {
            book.Join(lot);
        }

        return lot;
    }

    public static Task<HoldRow?> FindHold(Transaction transaction, AccountId account, string holdId, CancellationToken stop) =>
        transaction.Maybe<HoldRow>(
            "SELECT id, unit, amount_micro, purpose, status, budget, captured_micro, expires_at FROM holds WHERE account_id = @account AND id = @holdId {for update}",
            new { account, holdId },
            stop);

    public static Task<IReadOnlyList<HoldLot>> HoldLots(Transaction transaction, AccountId account, string holdId, CancellationToken stop) =>
        transaction.List<HoldLot>(
            "SELECT grant_id, amount_micro FROM hold_lots WHERE account_id = @account AND hold_id = @holdId ORDER BY grant_id",
            new { account, holdId },
            stop);

    public async Task<string> InsertHold(
        Transaction transaction, HoldOrder order, IReadOnlyList<HoldLot> lots, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var id = ids.Text();
        await transaction.Execute(
            """
            INSERT INTO holds (account_id, id, unit, hold_key, amount_micro, purpose, status, budget, expires_at, created_at)
            VALUES (@Account, @id, @Unit, @Key, @amount, @Purpose, 'open', @budget, @expires, @now)
            """,
            new
            {
                order.Account,
                id,
                order.Unit,
                order.Key,
                amount = order.Amount.Micro,
                order.Purpose,
                budget = order.Budget?.Name,
                expires = now + order.Lifetime,
                now,
            },
            stop);
        foreach (var lot in lots)
        {
            await transaction.Execute(
                "INSERT INTO hold_lots (account_id, hold_id, grant_id, amount_micro) VALUES (@Account, @id, @GrantId, @AmountMicro)",
                new { order.Account, id, lot.GrantId, lot.AmountMicro },
                stop);
        }

        return id;
    }

    public async Task ResolveHold(
        Transaction transaction, AccountId account, string holdId, string status, long? capturedMicro, CancellationToken stop)
    {
        await transaction.Execute(
            "UPDATE holds SET status = @status, captured_micro = @capturedMicro, resolved_at = @now WHERE account_id = @account AND id = @holdId",
            new { account, holdId, status, capturedMicro, now = clock.GetUtcNow() },
            stop);
        await transaction.Execute("DELETE FROM hold_lots WHERE account_id = @account AND hold_id = @holdId", new { account, holdId }, stop);
    }

    public async Task Save(Transaction transaction, WalletBook book, CancellationToken stop)
    {
        if (!book.IsChanged)
        {
            return;
        }

        var now = clock.GetUtcNow();
        await transaction.Execute(
            """
            UPDATE wallets SET posted_micro = @PostedMicro, held_micro = @HeldMicro, owed_micro = @OwedMicro, next_expiry_at = @NextExpiryAt
            WHERE account_id = @Account AND unit = @Unit
            """,
            book,
            stop);
        foreach (var lot in book.Lots.Where(lot => lot.IsChanged))
        {
            await SaveLot(transaction, book, lot, stop);
        }

        foreach (var booking in book.Bookings)
        {
            await SaveBooking(transaction, book, booking, now, stop);
        }
    }

    private static Task<int> SaveLot(Transaction transaction, WalletBook book, Lot lot, CancellationToken stop) => transaction.Execute(
        lot.IsNew
            ? """
              INSERT INTO grants (account_id, id, unit, source, grant_key, priority, amount_micro, remaining_micro, held_micro, clawed_micro,
                  expires_at, paid_minor, currency, created_at)
              VALUES (@Account, @Id, @Unit, @Source, @GrantKey, @Priority, @AmountMicro, @RemainingMicro, @HeldMicro, @ClawedMicro,
                  @ExpiresAt, @PaidMinor, @Currency, @CreatedAt)
              """
            : """
              UPDATE grants SET remaining_micro = @RemainingMicro, held_micro = @HeldMicro, clawed_micro = @ClawedMicro
              WHERE account_id = @Account AND id = @Id
              """,
        new
        {
            book.Account,
            book.Unit,
            lot.Id,
            lot.Source,
            lot.GrantKey,
            lot.Priority,
            lot.AmountMicro,
            lot.RemainingMicro,
            lot.HeldMicro,
            lot.ClawedMicro,
            lot.ExpiresAt,
            lot.PaidMinor,
            lot.Currency,
            lot.CreatedAt,
        },
        stop);

    private async Task SaveBooking(Transaction transaction, WalletBook book, Booking booking, DateTimeOffset now, CancellationToken stop)
    {
        var id = ids.Text();
        await transaction.Execute(
            """
            INSERT INTO ledger_transactions (account_id, id, unit, kind, transaction_key, description, payment_id, created_at)
            VALUES (@Account, @id, @Unit, @Kind, @Key, @Description, @PaymentId, @now)
            """,
            new { book.Account, id, book.Unit, booking.Kind, booking.Key, booking.Description, booking.PaymentId, now },
            stop);
        for (var line = 0; line < booking.Entries.Count; line++)
        {
            var entry = booking.Entries[line];
            await transaction.Execute(
                """
                INSERT INTO ledger_entries (account_id, transaction_id, line, unit, book, amount_micro, grant_id, created_at)
                VALUES (@Account, @id, @line, @Unit, @Book, @AmountMicro, @GrantId, @now)
                """,
                new { book.Account, id, line, book.Unit, entry.Book, entry.AmountMicro, entry.GrantId, now },
                stop);
        }
    }
}
