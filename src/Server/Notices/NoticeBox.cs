using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Notices;

/// <summary>The table of notices, whatever way they go: written in the transaction of what they tell, once for each key, and then noted.</summary>
internal sealed class NoticeBox(Database database, Outbox outbox, TimeProvider clock)
{
    /// <summary>An account has at most one notice of a key: whoever comes second changes nothing, also with other words.</summary>
    public void Add(Transaction transaction, NewNotice notice) => transaction.Gather(notice, Write);

    /// <summary>Null when it has gone or was given up.</summary>
    public Task<OpenNotice?> Find(NoticeWaiting news, CancellationToken stop) => database.Read(
        session => session.Maybe<OpenNotice>(
            """
            SELECT notice_key, channel, status, subject, body_text, body_html, expires_at FROM notices
            WHERE account_id = @Account AND id = @Id AND status IN ('waiting', 'sending')
            """,
            news,
            stop),
        stop);

    /// <summary>Moves it from one of the two open states to the other; false when it is not there.</summary>
    public async Task<bool> Move(NoticeWaiting news, string from, string to, CancellationToken stop) => await database.Write(
        transaction => transaction.Execute(
            "UPDATE notices SET status = @to WHERE account_id = @Account AND id = @Id AND status = @from", new { news.Account, news.Id, from, to }, stop),
        stop) == 1;

    /// <summary>It is over: its words are forgotten, its key is kept.</summary>
    public Task Note(NoticeWaiting news, string status, string? problem, CancellationToken stop) => database.Write(
        transaction => transaction.Execute(
            """
            UPDATE notices SET status = @status, problem = @problem, done_at = @now, subject = '', body_text = '', body_html = NULL
            WHERE account_id = @Account AND id = @Id AND status IN ('waiting', 'sending')
            """,
            new { news.Account, news.Id, status, problem, now = clock.GetUtcNow() },
            stop),
        stop);

    /// <summary>Forgets those that have been of no use for so long, their keys included.</summary>
    public Task ForgetOld(TimeSpan age, CancellationToken stop) => database.Write(
        transaction => transaction.Execute("DELETE FROM notices WHERE expires_at < @before", new { before = clock.GetUtcNow() - age }, stop), stop);

    private async Task Write(Transaction transaction, IReadOnlyList<NewNotice> notices, CancellationToken stop)
    {
        var written = await transaction.ListFor<Written, NewNotice>(
            """
            INSERT INTO notices (account_id, notice_key, id, channel, subject, body_text, body_html, status, created_at, expires_at)
            SELECT r.account, r.key, r.id, r.channel, r.subject, r.text, r.html, 'waiting', r.at, r.expires_at FROM {rows} WHERE true
            ON CONFLICT (account_id, notice_key) DO NOTHING
            RETURNING account_id, id
            """,
            // In one order everywhere, so that two transactions with the same keys do not wait for each other.
            [.. notices.OrderBy(notice => notice.Account).ThenBy(notice => notice.Key, StringComparer.Ordinal)],
            stop);
        foreach (var notice in written)
        {
            await outbox.Publish(transaction, new NoticeWaiting(notice.AccountId, notice.Id), stop: stop);
        }
    }

    private sealed class Written
    {
        public AccountId AccountId { get; init; }
        public required string Id { get; init; }
    }
}
