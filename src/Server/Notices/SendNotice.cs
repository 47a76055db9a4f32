using Ledgerline.Identity;
using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Ledgerline.Providers.Mail;

namespace Ledgerline.Notices;

/// <summary>
/// Sends one written mail. A crash between the mail server's yes and our note of it sends it again, under the same message id; what
/// fails for the moment is put off as every job is. Once it has gone, its words are forgotten and its key is kept.
/// </summary>
internal sealed class SendNotice(Database database, Accounts accounts, MailClient mail, TimeProvider clock, ILogger<SendNotice> log) : IJob<NoticeWaiting>
{
    private const string Sent = "sent";
    private const string Skipped = "skipped";
    private const string Refused = "refused";

    public async Task Run(NoticeWaiting news, CancellationToken stop)
    {
        var notice = await database.Read(
            session => session.Maybe<Row>(
                """
                SELECT notice_key, subject, body_text, body_html FROM notices
                WHERE account_id = @Account AND id = @Id AND status = 'waiting'
                """,
                news,
                stop),
            stop);
        if (notice is null)
        {
            return;
        }

        var account = await accounts.Find(news.Account, stop);
        if (Reason(account) is { } reason)
        {
            log.LogInformation("Mail {NoticeKey} to account {Account} was skipped: {Reason}", notice.NoticeKey, news.Account, reason);
            await Note(news, Skipped, reason, stop);
            return;
        }

        try
        {
            var name = (account!.FullName ?? account.Name) is { } given ? Mail.Line(given) : null;
            await mail.Send(new OutgoingMail(news.Id, account.Email!, name, notice.Subject, notice.BodyText, notice.BodyHtml), stop);
        }
        catch (MailFailure failure) when (failure.IsFinal)
        {
            log.LogWarning("Mail {NoticeKey} to account {Account} was refused: {Failure}", notice.NoticeKey, news.Account, failure.Message);
            await Note(news, Refused, failure.Message, stop);
            return;
        }

        await Note(news, Sent, null, CancellationToken.None);
    }

    private string? Reason(Account? account) =>
        mail.IsOff ? "mail is not configured"
        : account is not { IsActive: true } ? "the account is not active"
        : string.IsNullOrWhiteSpace(account.Email) ? "the account has no mail address"
        : null;

    private Task Note(NoticeWaiting news, string status, string? problem, CancellationToken stop) => database.Write(
        transaction => transaction.Execute(
            """
            UPDATE notices SET status = @status, problem = @problem, done_at = @now, subject = '', body_text = '', body_html = NULL
            WHERE account_id = @Account AND id = @Id AND status = 'waiting'
            """,
            new { news.Account, news.Id, status, problem, now = clock.GetUtcNow() },
            stop),
        stop);

    private sealed class Row
    {
        public required string NoticeKey { get; init; }
        public required string Subject { get; init; }
        public required string BodyText { get; init; }
        public string? BodyHtml { get; init; }
    }
}
