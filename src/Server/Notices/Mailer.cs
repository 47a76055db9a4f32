using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Notices;

/// <summary>
/// The door to mails: what is written here goes out if and only if the caller's transaction commits, later and more than one
/// attempt long if need be, and once for each business key however often its step runs. Never within a request.
/// </summary>
public sealed class Mailer
{
    private readonly Outbox outbox;
    private readonly Ids ids;
    private readonly TimeProvider clock;

    internal Mailer(Outbox outbox, Ids ids, TimeProvider clock) => (this.outbox, this.ids, this.clock) = (outbox, ids, clock);

    /// <summary>Writes the mail. An account has at most one mail of a key: whoever comes second changes nothing, also with other words.</summary>
    public void Send(Transaction transaction, AccountId account, Mail mail) => transaction.Gather(
        new NewNotice(account, mail.Key, ids.Text(), mail.Subject, mail.Text, mail.Html, clock.GetUtcNow()), Write);

    private async Task Write(Transaction transaction, IReadOnlyList<NewNotice> notices, CancellationToken stop)
    {
        var written = await transaction.ListFor<Written, NewNotice>(
            """
            INSERT INTO notices (account_id, notice_key, id, subject, body_text, body_html, status, created_at)
            SELECT r.account, r.key, r.id, r.subject, r.text, r.html, 'waiting', r.at FROM {rows} WHERE true
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

    private readonly record struct NewNotice(
        AccountId Account, string Key, string Id, string Subject, string Text, string? Html, DateTimeOffset At);

    private sealed class Written
    {
        public AccountId AccountId { get; init; }
        public required string Id { get; init; }
    }
}
