using Ledgerline.Identity;
using Ledgerline.Providers.Mail;

namespace Ledgerline.Notices;

/// <summary>
/// Sends a notice by mail. A crash between the mail server's yes and our note of it sends it again, under the same message id. Once
/// it has gone, its words are forgotten and its key is kept.
/// </summary>
internal sealed class SendMail(NoticeBox box, Accounts accounts, MailClient mail, ILogger<SendMail> log)
{
    public async Task Send(NoticeWaiting news, OpenNotice notice, CancellationToken stop)
    {
        var account = await accounts.Find(news.Account, stop);
        if (Reason(account) is { } reason)
        {
            log.LogInformation("Mail {NoticeKey} to account {Account} was skipped: {Reason}", notice.NoticeKey, news.Account, reason);
            await box.Note(news, NoticeStatus.Skipped, reason, stop);
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
            await box.Note(news, NoticeStatus.Refused, failure.Message, stop);
            return;
        }

        await box.Note(news, NoticeStatus.Sent, null, CancellationToken.None);
    }

    private string? Reason(Account? account) =>
        mail.IsOff ? "mail is not configured"
        : account is not { IsActive: true } ? "the account is not active"
        : string.IsNullOrWhiteSpace(account.Email) ? "the account has no mail address"
        : null;
}
