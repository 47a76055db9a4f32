using System.Buffers.Binary;
using Ledgerline.Kernel;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Ledgerline.Identity;

/// <summary>What a password turned out to be.</summary>
/// <param name="IsOutdated">Right, but its hash is weaker than today's: store a new one.</param>
internal sealed record PasswordCheck(bool IsRight, bool IsOutdated);

/// <summary>
/// Hashes passwords on threads of their own, never more at once than half the processors: a burst of sign-ins waits in line and
/// everybody else's requests go on.
/// </summary>
internal sealed class Passwords : IDisposable
{
    public const int Longest = 256;

    private static readonly object Nobody = new();
    private readonly SemaphoreSlim line = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly PasswordHasher<object> hasher;
    private readonly string nobodysHash;

    public Passwords(IdentityOptions options, Ids ids)
    {
        hasher = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = options.PasswordIterations }));
        nobodysHash = HashOfNothing(options.PasswordIterations, ids);
    }

    public Task<string> Hash(string password, CancellationToken stop) => InLine(() => hasher.HashPassword(Nobody, password), stop);

    /// <summary>Takes the same time for a wrong password, an account without one, and an e-mail that nobody has (null).</summary>
    public Task<PasswordCheck> Check(string? hash, string password, CancellationToken stop) => InLine(
        () =>
        {
            var result = hasher.VerifyHashedPassword(Nobody, hash ?? nobodysHash, password.Length <= Longest ? password : password[..Longest]);
            return new PasswordCheck(
                hash is not null && password.Length <= Longest && result != PasswordVerificationResult.Failed,
                result == PasswordVerificationResult.SuccessRehashNeeded);
        },
        stop);

    public void Dispose() => line.Dispose();

    // Version 3 of the hasher's format with a random result: as much work to check as a real one, and no password fits.
    private static string HashOfNothing(int iterations, Ids ids)
    {
        const int saltBytes = 16;
        const int resultBytes = 32;
        const uint hmacSha512 = 2;
        var hash = new byte[13 + saltBytes + resultBytes];
        hash[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(1), hmacSha512);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(5), (uint)iterations);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(9), saltBytes);
        ids.Bytes(saltBytes + resultBytes).CopyTo(hash, 13);
        return Convert.ToBase64String(hash);
    }

    private async Task<T> InLine<T>(Func<T> work, CancellationToken stop)
    {
        await line.WaitAsync(stop);
        try
        {
            return await Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            line.Release();
        }
    }
}
