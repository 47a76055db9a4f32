using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Identity;

/// <summary>What became of the digits that somebody sent.</summary>
internal enum CodeVerdict
{
    /// <summary>Not the digits of a code that counts: also of one that was used, replaced, or guessed at too often.</summary>
    Wrong,

    /// <summary>Right, but too late.</summary>
    Expired,

    Right,
}

/// <param name="Id">Of the code that was compared, and <paramref name="Account"/> whose it is; both null where there was none.</param>
internal sealed record CodeCheck(CodeVerdict Verdict, string? Id = null, AccountId? Account = null);

/// <summary>
/// One-time codes: six digits, one purpose, 15 minutes, five attempts, one use, on every node. An attempt is taken before the digits
/// are compared, and using a code up is one statement: of any number at the same time one succeeds. What is stored are hashes under a key
/// that is not in the database, for a hash of six digits alone would be guessed in a second.
/// </summary>
internal sealed class OneTimeCodes(SecretBox secrets, Ids ids, TimeProvider clock)
{
    public const int Attempts = 5;
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    /// <summary>So long after its end an expired code is still told from a wrong one.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    private const int Lowest = 100_000;
    private const int Above = 1_000_000;
    private readonly byte[] numberKey = secrets.KeyFor("one-time codes: numbers");
    private readonly byte[] codeKey = secrets.KeyFor("one-time codes: digits");

    /// <summary>Makes the number's code; it takes the place of the one before.</summary>
    /// <param name="account">Of a number that nobody has: an account that does not exist.</param>
    public async Task<MadeCode> Make(Transaction transaction, PhoneNumber number, AccountId account, string purpose, CancellationToken stop)
    {
        var (id, now) = (ids.Text(), clock.GetUtcNow());
        var digits = (Lowest + ids.Below(Above - Lowest)).ToString(CultureInfo.InvariantCulture);
        var row = new { number = HashOf(number), purpose, id, account, hash = HashOf(id, purpose, digits), now, expires = now + Lifetime };
        await transaction.Execute(
            """
            INSERT INTO one_time_codes (number_hash, purpose, id, account_id, code_hash, attempts, created_at, expires_at)
            VALUES (@number, @purpose, @id, @account, @hash, 0, @now, @expires)
            ON CONFLICT (number_hash, purpose) DO UPDATE SET id = excluded.id, account_id = excluded.account_id, code_hash = excluded.code_hash,
                attempts = 0, created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = NULL
            """,
            row,
            stop);
        return new MadeCode(id, account, purpose, digits, row.expires);
    }

    /// <summary>Takes an attempt and compares. The transaction must commit whatever is said, or the attempt would not count.</summary>
    public async Task<CodeCheck> Check(Transaction transaction, PhoneNumber number, string purpose, string digits, CancellationToken stop)
    {
        var row = await transaction.Maybe<Row>(
            """
            UPDATE one_time_codes SET attempts = attempts + 1
            WHERE number_hash = @number AND purpose = @purpose AND used_at IS NULL AND attempts < @Attempts
            RETURNING id, account_id, code_hash, expires_at
            """,
            new { number = HashOf(number), purpose, Attempts },
            stop);
        if (row is null)
        {
            return new CodeCheck(CodeVerdict.Wrong);
        }

        var isRight = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(row.CodeHash), Encoding.ASCII.GetBytes(HashOf(row.Id, purpose, digits)));
        var verdict = !isRight ? CodeVerdict.Wrong : row.ExpiresAt <= clock.GetUtcNow() ? CodeVerdict.Expired : CodeVerdict.Right;
        return new CodeCheck(verdict, row.Id, row.AccountId);
    }

    /// <summary>Uses up a code that was right. False for whoever comes second, or after a new one.</summary>
    public async Task<bool> Use(Transaction transaction, PhoneNumber number, string purpose, CodeCheck right, CancellationToken stop) =>
        right.Verdict == CodeVerdict.Right && await transaction.Execute(
            "UPDATE one_time_codes SET used_at = @now WHERE number_hash = @number AND purpose = @purpose AND id = @Id AND used_at IS NULL",
            new { now = clock.GetUtcNow(), number = HashOf(number), purpose, right.Id },
            stop) == 1;

    public Task ForgetOld(Transaction transaction, CancellationToken stop) => transaction.Execute(
        "DELETE FROM one_time_codes WHERE expires_at < @before", new { before = clock.GetUtcNow() - Remembered }, stop);

    private string HashOf(PhoneNumber number) => Hash(numberKey, number.Value);

    private string HashOf(string id, string purpose, string digits) => Hash(codeKey, $"{id} {purpose} {digits}");

    private static string Hash(byte[] key, string text) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));

    private sealed class Row
    {
        public required string Id { get; init; }
        public AccountId AccountId { get; init; }
        public required string CodeHash { get; init; }
        public DateTimeOffset ExpiresAt { get; init; }
    }
}
