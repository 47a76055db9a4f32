using Ledgerline.Calls.Log;
using Ledgerline.Http;

namespace Ledgerline.Mobile;

/// <summary><c>GET /mobile/call-history</c></summary>
internal static class MobileCallHistory
{
    public sealed record Call(long Id, string PhoneNumber, string Scenario, string Status, string CreatedAt, string? CallSid);

    /// <param name="TotalCalls">So many are in this answer.</param>
    public sealed record Answer(IReadOnlyList<Call> CallHistory, int TotalCalls);

    public static async Task<IResult> Handle(HttpRequest request, CurrentAccount current, CallLog log, CancellationToken stop)
    {
        var (calls, _) = await log.List(current.Id, Calls.CallInput.Limit(request, 10), 0, stop);
        return TypedResults.Ok(new Answer([.. calls.Select(call => new Call(call.Id, call.PhoneNumber, call.Scenario, call.Status, call.CreatedAt, call.CallSid))], calls.Count));
    }
}
