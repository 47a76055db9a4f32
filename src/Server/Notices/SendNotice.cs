using Ledgerline.Jobs;

namespace Ledgerline.Notices;

/// <summary>Sends one written notice the way it goes. What fails for the moment is put off as every job is.</summary>
internal sealed class SendNotice(NoticeBox box, SendMail mails, SendText texts) : IJob<NoticeWaiting>
{
    public async Task Run(NoticeWaiting news, CancellationToken stop)
    {
        if (await box.Find(news, stop) is { } notice)
        {
            await (notice.Channel == Channel.Text ? texts.Send(news, notice, stop) : mails.Send(news, notice, stop));
        }
    }
}
