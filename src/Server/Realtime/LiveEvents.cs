using Ledgerline.Http;

namespace Ledgerline.Realtime;

/// <summary><c>GET /api/events</c>: everything that happens to the account, as it happens.</summary>
internal static class LiveEvents
{
    private static readonly StreamStyle Style = new();

    public static Task<IResult> Handle(HttpContext context, CurrentAccount account, EventStreams streams, CancellationToken stop) =>
        streams.Open(context, account, Style, stop);
}
