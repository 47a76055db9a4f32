using System.Security.Cryptography;
using Ledgerline.Identity;
using Ledgerline.Providers.Twilio;

namespace Ledgerline.Notices;

/// <summary>
/// Sends a notice by SMS, at most once: the carrier takes no idempotency key, so what is in doubt is not repeated, and that it is about to
/// be sent is noted before. A code that gets lost so is asked for again a minute later; a message paid twice is not given back.
/// </summary>
internal sealed class SendText(
    NoticeBox box, Texter texter, Accounts accounts, TextOptions options, TwilioMessages messages, TwilioVerifications verifications, TimeProvider clock,
    ILogger<SendText> log)
{
    public async Task Send(NoticeWaiting news, OpenNotice notice, CancellationToken stop)
    {
        if (notice.Status == NoticeStatus.Sending)
        {
            await Give(news, notice, NoticeStatus.Doubtful, "the attempt to send it was cut off", stop);
            return;
        }

        var phone = await accounts.FindPhone(news.Account, stop);
        if (Reason(notice, phone) is { } reason)
        {
            await Give(news, notice, NoticeStatus.Skipped, reason, stop);
            return;
        }

        if (Open(news, notice) is not { } words)
        {
            await Give(news, notice, NoticeStatus.Refused, "it was sealed under another SECRET_KEY", stop);
            return;
        }

        if (!await box.Move(news, NoticeStatus.Waiting, NoticeStatus.Sending, stop))
        {
            return;
        }

        try
        {
            await Carry(phone!.Number, words, stop);
        }
        catch (TwilioFailure failure) when (failure.Trouble == TwilioTrouble.NotSent)
        {
            await box.Move(news, NoticeStatus.Sending, NoticeStatus.Waiting, CancellationToken.None);
            throw;
        }
        catch (TwilioFailure failure)
        {
            await Give(
                news, notice, failure.Trouble == TwilioTrouble.Refused ? NoticeStatus.Refused : NoticeStatus.Doubtful, failure.Message, CancellationToken.None);
            return;
        }

        await box.Note(news, NoticeStatus.Sent, null, CancellationToken.None);
    }

    private Task Carry(string number, TextWords words, CancellationToken stop)
    {
        switch (options.Carrier)
        {
            case TextCarrier.Log:
                log.LogInformation("OTP_DELIVERY is log, so this text message is sent to nobody: {Words}", words.Words);
                return Task.CompletedTask;
            case TextCarrier.Verify when words.Code is { } code:
                return verifications.Start(number, code, stop);
            default:
                return messages.Send(number, words.Words, stop);
        }
    }

    private TextWords? Open(NoticeWaiting news, OpenNotice notice)
    {
        try
        {
            return texter.Open(news.Id, notice.BodyText);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private string? Reason(OpenNotice notice, PhoneIdentity? phone) =>
        options.Carrier == TextCarrier.Off ? "text messages are not configured"
        : notice.ExpiresAt <= clock.GetUtcNow() ? "it came too late to be of use"
        : phone is not { IsActive: true } ? "nobody has this number"
        : null;

    private Task Give(NoticeWaiting news, OpenNotice notice, string status, string reason, CancellationToken stop)
    {
        log.LogInformation("Text message {NoticeKey} to account {Account} was {Status}: {Reason}", notice.NoticeKey, news.Account, status, reason);
        return box.Note(news, status, reason, stop);
    }
}
