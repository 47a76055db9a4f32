using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Notices;

/// <summary>
/// The door to mails: what is written here goes out if and only if the caller's transaction commits, later and more than one
/// attempt long if need be, and once for each business key however often its step runs. Never within a request.
/// </summary>
public sealed class Mailer
{
    private readonly NoticeBox box;
    private readonly Ids ids;
    private readonly TimeProvider clock;

    internal Mailer(NoticeBox box, Ids ids, TimeProvider clock) => (this.box, this.ids, this.clock) = (box, ids, clock);

    /// <summary>Writes the mail. An account has at most one notice of a key: whoever comes second changes nothing, also with other words.</summary>
    public void Send(Transaction transaction, AccountId account, Mail mail) => box.Add(
        transaction, new NewNotice(account, mail.Key, ids.Text(), Channel.Mail, mail.Subject, mail.Text, mail.Html, clock.GetUtcNow(), null));
}
