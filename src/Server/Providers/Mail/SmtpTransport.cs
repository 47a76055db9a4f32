using System.Net;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using MimeKit.Text;

namespace Ledgerline.Providers.Mail;

/// <summary>Mail by SMTP, a connection each: mails are few, and a connection that idles is one more that can break.</summary>
internal sealed class SmtpTransport(MailOptions options, TimeProvider clock, ILogger<SmtpTransport> log)
{
    private const int FirstPermanent = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public async Task Send(OutgoingMail mail, MailboxAddress to, CancellationToken stop)
    {
        using var message = Compose(mail, to);
        using var client = new SmtpClient();
        using var limit = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            await client.ConnectAsync(options.SmtpHost, options.SmtpPort, Security(), either.Token);
            if (options is { SmtpUser: { } user, SmtpPassword: { } password })
            {
                await client.AuthenticateAsync(user, password, either.Token);
            }

            await client.SendAsync(message, either.Token);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            throw Failure(failure);
        }

        await Leave(client, either.Token);
    }

    private MimeMessage Compose(OutgoingMail mail, MailboxAddress to)
    {
        var from = MailboxAddress.Parse(options.From);
        var text = new TextPart(TextFormat.Plain) { Text = mail.Text };
        var message = new MimeMessage
        {
            MessageId = $"{mail.Id}@{from.Domain}",
            Date = clock.GetUtcNow(),
            Subject = mail.Subject,
            Body = mail.Html is null ? text : new MultipartAlternative { text, new TextPart(TextFormat.Html) { Text = mail.Html } },
        };
        message.From.Add(from);
        message.To.Add(to);
        // So that nobody's holiday note answers it.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    private SecureSocketOptions Security() => options switch
    {
        { SmtpTls: SmtpTls.None } => SecureSocketOptions.None,
        { IsImplicitTls: true } => SecureSocketOptions.SslOnConnect,
        { SmtpTls: SmtpTls.Required } => SecureSocketOptions.StartTls,
        { SmtpUser: not null } when !IsThisMachine(options.SmtpHost) => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.StartTlsWhenAvailable,
    };

    private static bool IsThisMachine(string host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    // Whatever the library says may hold the address; only kinds and numbers go on.
    private static MailFailure Failure(Exception failure) => failure switch
    {
        SmtpCommandException refused => new MailFailure(
            $"The mail server answered {(int)refused.StatusCode} ({refused.ErrorCode}).",
            isFinal: (int)refused.StatusCode >= FirstPermanent && refused.ErrorCode is SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted),
        NotSupportedException => new MailFailure("The mail server cannot write to an address in this alphabet.", isFinal: true),
        OperationCanceledException => new MailFailure($"The mail server did not answer within {Patience.TotalSeconds} s.", isFinal: false),
        _ => new MailFailure($"The mail server cannot be used: {failure.GetType().Name}.", isFinal: false),
    };

    // The mail is taken: how the conversation ends changes nothing.
    private async Task Leave(SmtpClient client, CancellationToken stop)
    {
        try
        {
            await client.DisconnectAsync(quit: true, stop);
        }
        catch (Exception failure)
        {
            log.LogDebug("The mail server took the mail and then hung up: {Failure}", failure.GetType().Name);
        }
    }
}
