using System.Text;
using MimeKit;

namespace Ledgerline.Providers.Mail;

/// <summary>Hands a mail to whoever carries it. Each attempt is one call; who wants another calls again.</summary>
public sealed class MailClient
{
    private readonly MailOptions options;
    private readonly SmtpTransport smtp;
    private readonly ResendTransport resend;

    internal MailClient(MailOptions options, SmtpTransport smtp, ResendTransport resend) => (this.options, this.smtp, this.resend) = (options, smtp, resend);

    /// <summary>Nobody carries mail: nothing is configured.</summary>
    public bool IsOff => options.Carrier == MailCarrier.Off;

    /// <summary>Returns when the next server has taken the mail.</summary>
    /// <exception cref="MailFailure">It was not taken, or nobody said that it was.</exception>
    public Task Send(OutgoingMail mail, CancellationToken stop)
    {
        var to = (options.EveryMailTo is { } everyMail ? MailboxAddress.Parse(everyMail) : Recipient(mail.ToName, mail.To))
            ?? throw new MailFailure("The account's mail address is none that mail can be sent to.", isFinal: true);
        return options.Carrier switch
        {
            MailCarrier.Smtp => smtp.Send(mail, to, stop),
            MailCarrier.Resend => resend.Send(mail, to, stop),
            _ => throw new MailFailure("Mail is not configured.", isFinal: true),
        };
    }

    /// <summary>Null for what a mail server would read as something else than this one address, such as a list of two.</summary>
    internal static MailboxAddress? Recipient(string? name, string address)
    {
        if (!address.Contains('@', StringComparison.Ordinal) || address.Any(char.IsControl)
            || !MailboxAddress.TryParse(address, out var read) || read.Address != address || !string.IsNullOrEmpty(read.Name))
        {
            return null;
        }

        return new MailboxAddress(Encoding.UTF8, name, address);
    }
}
