using System.Security.Cryptography;
using System.Text;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Calls.Answering;

/// <summary>Leave to attach one audio stream to one call: told in the TwiML, shown by the stream's first frame, good once and for a minute.</summary>
internal sealed class StreamTokens(Ids ids, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    private const int Bytes = 24;

    /// <summary>A new one; what is stored is its hash.</summary>
    /// <param name="path">Of the socket, as the carrier will call it.</param>
    public async Task<string> Issue(Transaction transaction, AccountId account, long call, string callSid, string path, CancellationToken stop)
    {
        var token = ids.Secret(Bytes);
        await transaction.Execute(
            """
            INSERT INTO stream_tokens (token_hash, account_id, call_id, call_sid, path, expires_at) VALUES (@hash, @account, @call, @callSid, @path, @until)
            """,
            new { hash = HashOf(token), account, call, callSid, path, until = clock.GetUtcNow() + Lifetime },
            stop);
        return token;
    }

    /// <summary>Uses it up. Null when it is unknown, over, used, of another call or of another path.</summary>
    public async Task<long?> Use(Transaction transaction, string token, string callSid, string path, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        return await transaction.Maybe<long?>(
            """
            UPDATE stream_tokens SET used_at = @now
            WHERE token_hash = @hash AND used_at IS NULL AND expires_at > @now AND call_sid = @callSid AND path = @path RETURNING call_id
            """,
            new { hash = HashOf(token), callSid, path, now },
            stop);
    }

    public static Task<int> Forget(Session session, DateTimeOffset before, CancellationToken stop) =>
        session.Execute("DELETE FROM stream_tokens WHERE expires_at < @before", new { before }, stop);

    private static string HashOf(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
