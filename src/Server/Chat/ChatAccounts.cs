using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Chat;

/// <summary>
/// The row of each account under whose lock its rooms and messages are written: so ids ascend in the order of the commits, and what
/// is counted is true. Whoever needs an allowance's lock too takes this one first.
/// </summary>
internal static class ChatAccounts
{
    /// <summary>Ids count milliseconds from here in steps of 4096: they sort by time, and every JSON client holds them exactly until 2095.</summary>
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Locks them in the order of their ids; made when they are new.</summary>
    public static Task<IReadOnlyDictionary<AccountId, ChatAccount>> Lock(Transaction transaction, IEnumerable<AccountId> accounts, CancellationToken stop) =>
        Lock(transaction, Ask(transaction, accounts), stop);

    /// <summary>Asks for their locks, with what else the transaction asks.</summary>
    public static AskedChatAccounts Ask(Transaction transaction, IEnumerable<AccountId> accounts)
    {
        List<AccountId> asked = [.. accounts.Distinct().Order()];
        return new AskedChatAccounts(asked, Rows(transaction, asked));
    }

    /// <summary>What was asked for, once it is locked.</summary>
    public static async Task<IReadOnlyDictionary<AccountId, ChatAccount>> Lock(Transaction transaction, AskedChatAccounts asked, CancellationToken stop)
    {
        var locked = await asked.Rows.Answers(stop);
        if (locked.Count < asked.Accounts.Count)
        {
            var there = locked.Select(row => row.AccountId).ToHashSet();
            List<AccountId> missing = [.. asked.Accounts.Where(account => !there.Contains(account))];
            missing.ForEach(account => transaction.Defer(
                "INSERT INTO chat_accounts (account_id) SELECT r.account FROM {rows} WHERE true ON CONFLICT (account_id) DO NOTHING", new Asked(account)));
            locked = [.. locked, .. await Rows(transaction, missing).Answers(stop)];
        }

        return locked.ToDictionary(row => row.AccountId);
    }

    /// <summary>The next id of the account, later than every one before.</summary>
    public static long NextId(this ChatAccount account, DateTimeOffset now) =>
        account.LastId = Math.Max(account.LastId + 1, (now - Epoch).Ticks / TimeSpan.TicksPerMillisecond << 12);

    public static void Save(Transaction transaction, ChatAccount account) => transaction.Defer(
        """
        UPDATE chat_accounts SET rooms_version = r.version, last_id = r.last_id, waiting = r.waiting FROM {rows} WHERE chat_accounts.account_id = r.account
        """,
        new Saved(account.AccountId, account.RoomsVersion, account.LastId, Math.Max(0, account.Waiting)));

    private static Question<ChatAccount> Rows(Transaction transaction, IReadOnlyList<AccountId> accounts) => transaction.Ask<ChatAccount, Asked>(
        """
        SELECT a.account_id, a.rooms_version, a.last_id, a.waiting FROM {rows} CROSS JOIN chat_accounts a
        WHERE a.account_id = r.account ORDER BY a.account_id {for update of a}
        """,
        [.. accounts.Select(account => new Asked(account))]);

    private readonly record struct Asked(AccountId Account);

    private readonly record struct Saved(AccountId Account, long Version, long LastId, long Waiting);
}

/// <summary>Locks that were asked for, and are held after the next look at the database.</summary>
internal sealed record AskedChatAccounts(IReadOnlyList<AccountId> Accounts, Question<ChatAccount> Rows);

/// <summary>What is known of an account's chat while its row is locked.</summary>
internal sealed class ChatAccount
{
    public AccountId AccountId { get; init; }
    public long RoomsVersion { get; set; }
    public long LastId { get; set; }
    public long Waiting { get; set; }
}
