using System.Security.Cryptography;
using System.Text;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Billing.Payments;

/// <summary>
/// Gives what is asked of Stripe its key, in our database before the call. Who asks for the same again within half a minute gets the
/// same key, and so from Stripe the same object while that can still be used; with an <c>Idempotency-Key</c> that holds for as long as Stripe remembers keys.
/// </summary>
internal sealed class PaymentRequests(Database database, Ids ids, TimeProvider clock)
{
    private static readonly TimeSpan SecondClick = TimeSpan.FromSeconds(30);

    // Stripe forgets a key after a day.
    private static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(23);

    /// <param name="ticket">Of the client's own key: then only the same key is the same request.</param>
    /// <param name="parts">Everything that makes it this request; each part stands for itself.</param>
    /// <param name="spent">A key whose object has served its turn: it is the same request no more.</param>
    public async Task<PaymentKey> Key(
        AccountId account, IdempotencyTicket? ticket, IReadOnlyList<string> parts, CancellationToken stop, string? spent = null)
    {
        var now = clock.GetUtcNow();
        var request = new
        {
            account,
            fingerprint = Fingerprint([ticket?.Key ?? "", .. parts]),
            id = ids.Text(),
            now,
            stale = now - (ticket is null ? SecondClick : KeyLifetime),
            forgotten = now - KeyLifetime,
            spent = spent ?? "",
        };
        return await database.Write(
            async transaction =>
            {
                await transaction.Execute("DELETE FROM payment_requests WHERE account_id = @account AND asked_at < @forgotten", request, stop);
                await transaction.Execute(
                    """
                    INSERT INTO payment_requests (account_id, fingerprint, id, asked_at) VALUES (@account, @fingerprint, @id, @now)
                    ON CONFLICT (account_id, fingerprint) DO UPDATE SET id = excluded.id, asked_at = excluded.asked_at
                    WHERE payment_requests.asked_at < @stale OR payment_requests.id = @spent
                    """,
                    request,
                    stop);
                var id = await transaction.One<string>(
                    "SELECT id FROM payment_requests WHERE account_id = @account AND fingerprint = @fingerprint", request, stop);
                return new PaymentKey(id, IsNew: id == request.id);
            },
            stop);
    }

    // With its length before each part, no two lists of parts read alike.
    private static string Fingerprint(IEnumerable<string> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(parts.Select(part => $"{part.Length}:{part}")))));
}

/// <param name="IsNew">Nobody has asked Stripe under it before.</param>
internal sealed record PaymentKey(string Id, bool IsNew);
