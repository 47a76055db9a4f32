using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Calls.Browser;

/// <summary>Reads and writes browsers' conversations.</summary>
internal static class BrowserCallBook
{
    public static Task<BrowserCallRow?> Find(Session session, AccountId account, string id, CancellationToken stop) => session.Maybe<BrowserCallRow>(
        $"SELECT {BrowserCallRow.Columns} FROM browser_calls WHERE account_id = @account AND id = @id", new { account, id }, stop);

    public static Task<BrowserCallRow?> Lock(Transaction transaction, AccountId account, string id, CancellationToken stop) => transaction.Maybe<BrowserCallRow>(
        $$"""SELECT {{BrowserCallRow.Columns}} FROM browser_calls WHERE account_id = @account AND id = @id {for update}""", new { account, id }, stop);

    public static Task Insert(Transaction transaction, BrowserCallRow call, CancellationToken stop) => transaction.Execute(
        """
        INSERT INTO browser_calls (account_id, id, scenario, user_name, state, review_at, duration_limit, created_at)
        VALUES (@AccountId, @Id, @Scenario, @UserName, @State, @ReviewAt, @DurationLimit, @CreatedAt)
        """,
        call,
        stop);

    /// <summary>It was locked by this transaction.</summary>
    public static Task Save(Transaction transaction, BrowserCallRow call, CancellationToken stop) => transaction.Execute(
        """
        UPDATE browser_calls SET state = @State, ticket = @Ticket, lease_until = @LeaseUntil, review_at = @ReviewAt, offer = @Offer, answer = @Answer,
            call_id = @CallId, duration_limit = @DurationLimit, started_at = @StartedAt, seen_at = @SeenAt
        WHERE account_id = @AccountId AND id = @Id
        """,
        call,
        stop);

    /// <summary>Whoever has the ticket goes on. False: somebody else has it, or it is over.</summary>
    public static async Task<bool> Renew(Transaction transaction, BrowserCallRow call, DateTimeOffset until, DateTimeOffset now) => await transaction.Execute(
        "UPDATE browser_calls SET lease_until = @until, review_at = @until, seen_at = @now WHERE account_id = @AccountId AND id = @Id AND ticket = @Ticket",
        new { call.AccountId, call.Id, call.Ticket, until, now }) == 1;

    public static Task SaveUsage(Transaction transaction, BrowserCallRow call, string usage) => transaction.Execute(
        "UPDATE browser_calls SET model_usage = @usage WHERE account_id = @AccountId AND id = @Id", new { call.AccountId, call.Id, usage });

    public static Task SaveLimit(Transaction transaction, BrowserCallRow call, int seconds) => transaction.Execute(
        "UPDATE browser_calls SET duration_limit = @seconds WHERE account_id = @AccountId AND id = @Id", new { call.AccountId, call.Id, seconds });

    public static async Task<bool> Delete(Transaction transaction, AccountId account, string id) =>
        await transaction.Execute("DELETE FROM browser_calls WHERE account_id = @account AND id = @id", new { account, id }) == 1;

    public static Task<IReadOnlyList<BrowserCallRow>> ToReview(Session session, DateTimeOffset now, int most, CancellationToken stop) => session.List<BrowserCallRow>(
        $"SELECT {BrowserCallRow.Columns} FROM browser_calls WHERE review_at <= @now ORDER BY review_at LIMIT @most", new { now, most }, stop);
}
