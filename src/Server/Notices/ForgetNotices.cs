using Ledgerline.Jobs;

namespace Ledgerline.Notices;

/// <summary>It is time to forget notices that have long been of no use.</summary>
public sealed record ForgetNoticesDue;

/// <summary>One-time codes leave a line each, for the operator to see what became of it; it need not be for ever.</summary>
internal sealed class ForgetNotices(NoticeBox box) : IJob<ForgetNoticesDue>
{
    public static readonly TimeSpan Interval = TimeSpan.FromDays(1);
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    public Task Run(ForgetNoticesDue news, CancellationToken stop) => box.ForgetOld(Kept, stop);
}
