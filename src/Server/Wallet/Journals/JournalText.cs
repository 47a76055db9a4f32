using System.Globalization;
using Ledgerline.Kernel;

namespace Ledgerline.Wallet.Journals;

/// <summary>
/// hledger's journal format. Accounts: <c>wallet:ACCOUNT:UNIT:LOT</c>, <c>owed:ACCOUNT</c> and the house's books by their names. Signs are
/// the books' own, so a wallet reads as its customer's asset and what was earned as the customer's expense.
/// </summary>
internal sealed class JournalText(TextWriter output)
{
    private static readonly (string Account, char Type)[] Roots =
    [
        ("wallet", 'A'), ("owed", 'L'), ("house:granted", 'R'), ("house:earned", 'X'), ("house:expired", 'X'), ("house:returned", 'X'),
    ];

    private string lastOwed = "";

    public void Head()
    {
        output.Write("; The books as the customers see them: a wallet is an asset, what is owed a debt, what was granted revenue, what was earned expense.\n");
        output.Write("; Text is UTF-8: read it with LC_ALL=C.UTF-8. Odd characters are written \\xHH or \\uHHHH, in names %HH.\n");
        output.Write("decimal-mark .\n\n");
        foreach (var (account, type) in Roots)
        {
            output.Write($"account {account}  ; type:{type}\n");
        }
    }

    public void Commodity(string unit) => output.Write($"commodity 1000.000000 {JournalEscape.Unit(unit)}\n");

    public void HouseBook(string book)
    {
        if (!Roots.Any(root => root.Account == book))
        {
            output.Write($"account {JournalEscape.Book(book)}\n");
        }
    }

    public void Account(JournalWallet wallet)
    {
        output.Write($"account {Wallet(wallet.AccountId, wallet.Unit)}\n");
        // An account owes in every unit under one name.
        if (Owed(wallet.AccountId) is var owed && owed != lastOwed)
        {
            output.Write($"account {owed}\n");
            lastOwed = owed;
        }
    }

    public void Account(JournalLot lot) => output.Write($"account {Lot(lot.AccountId, lot.Unit, lot.Id)}\n");

    public void Transaction(JournalTransaction transaction)
    {
        Begin(transaction.CreatedAt, transaction.Id, JournalEscape.Description(transaction.Description));
        Tag("at", transaction.CreatedAt.Iso());
        Tag("account", transaction.AccountId);
        Tag("kind", transaction.Kind);
        Tag("key", transaction.TransactionKey);
        if (transaction.PaymentId is { Length: > 0 } payment)
        {
            Tag("payment", payment);
        }

        foreach (var entry in transaction.Entries)
        {
            Posting(AccountOf(entry), entry.AmountMicro, entry.Unit, entry.GrantId is { Length: > 0 } lot ? $"  ; grant: {JournalEscape.Tag(lot)}" : "");
        }
    }

    /// <summary>Nothing moves; hledger compares what it has added up with what the wallet's lots add to, and with what is owed.</summary>
    public void Assert(JournalWallet wallet, DateTimeOffset at)
    {
        Begin(at, "balance", "What the wallet says");
        Posting(Wallet(wallet.AccountId, wallet.Unit), 0, wallet.Unit, $" =* {Amount(wallet.RemainingMicro, wallet.Unit)}");
        Posting(Owed(wallet.AccountId), 0, wallet.Unit, $" = {Amount(-wallet.OwedMicro, wallet.Unit)}");
    }

    public void Assert(JournalLot lot, DateTimeOffset at)
    {
        Begin(at, "balance", "What the lot says");
        Posting(Lot(lot.AccountId, lot.Unit, lot.Id), 0, lot.Unit, $" = {Amount(lot.RemainingMicro, lot.Unit)}");
    }

    private static string AccountOf(JournalEntry entry) => entry.Book switch
    {
        Books.Wallet when entry.GrantId is { Length: > 0 } lot => Lot(entry.AccountId, entry.Unit, lot),
        Books.Wallet => Wallet(entry.AccountId, entry.Unit),
        Books.Owed => Owed(entry.AccountId),
        _ => JournalEscape.Book(entry.Book),
    };

    private static string Wallet(string account, string unit) => $"wallet:{JournalEscape.Name(account)}:{JournalEscape.Name(unit)}";

    private static string Lot(string account, string unit, string lot) => $"{Wallet(account, unit)}:{JournalEscape.Name(lot)}";

    private static string Owed(string account) => $"owed:{JournalEscape.Name(account)}";

    private static string Amount(long micro, string unit) =>
        $"{((decimal)micro / Credits.MicroPerCredit).ToString("0.000000", CultureInfo.InvariantCulture)} {JournalEscape.Unit(unit)}";

    private void Begin(DateTimeOffset at, string code, string description) => output.Write(
        $"\n{at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} * ({JournalEscape.Name(code)}) {description}\n");

    private void Tag(string name, string value) => output.Write($"    ; {name}: {JournalEscape.Tag(value)}\n");

    private void Posting(string account, long micro, string unit, string rest) => output.Write($"    {account}  {Amount(micro, unit)}{rest}\n");
}
