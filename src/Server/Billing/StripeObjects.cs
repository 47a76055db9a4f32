using Ledgerline.Persistence;

namespace Ledgerline.Billing;

/// <summary>
/// Keeps those apart who change what we know of one object of Stripe's, on all nodes. Nobody holds a lock while he asks Stripe: he
/// reads the version, asks, then locks and finds out whether somebody was faster.
/// </summary>
internal static class StripeObjects
{
    public static Task<long> Version(Session session, string id, CancellationToken stop) =>
        session.Maybe<long>("SELECT version FROM stripe_objects WHERE id = @id", new { id }, stop);

    /// <summary>Answers the version as it stays until this transaction ends.</summary>
    public static async Task<long> Lock(Transaction transaction, string id, CancellationToken stop)
    {
        await transaction.Execute("INSERT INTO stripe_objects (id, version) VALUES (@id, 0) ON CONFLICT (id) DO NOTHING", new { id }, stop);
        return await transaction.One<long>("SELECT version FROM stripe_objects WHERE id = @id {for update}", new { id }, stop);
    }

    /// <summary>Says that something changed; the object is locked.</summary>
    public static Task Changed(Transaction transaction, string id, CancellationToken stop) =>
        transaction.Execute("UPDATE stripe_objects SET version = version + 1 WHERE id = @id", new { id }, stop);
}
