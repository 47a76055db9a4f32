using System.Globalization;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Realtime;

namespace Ledgerline.Calls.Status;

/// <summary>News: a call is over, and what it was made out of has to be booked or given back.</summary>
public sealed record CallEnded(AccountId Account, long CallId);

/// <summary>News: a call's books are closed.</summary>
/// <param name="Seconds">How long it lasted; null when nobody answered.</param>
public sealed record CallSettled(AccountId Account, long CallId, long? Seconds);

/// <summary>Tells live who listens to a call or to the account.</summary>
internal sealed class CallNewsDesk(Channels channels)
{
    /// <summary>How live events name a call.</summary>
    public static string TopicOf(long call) => string.Create(CultureInfo.InvariantCulture, $"call {call}");

    public void Status(Transaction transaction, CallRow call) => Tell(transaction, call, "call_status", new
    {
        CallId = call.Id,
        call.CallSid,
        call.Status,
        call.Duration,
        call.AnsweredBy,
        AnsweredAt = call.AnsweredAt?.Iso(),
        EndedAt = call.EndedAt?.Iso(),
    });

    public void Tell(Transaction transaction, CallRow call, string type, object data) =>
        channels.Publish(transaction, call.AccountId, type, data, TopicOf(call.Id));
}
