using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Identity;

/// <summary>A code that was made just now; the digits are seen here and never again.</summary>
/// <param name="Id">Names this code, and tells nothing of it.</param>
/// <param name="Account">Whose it is; for a number that nobody has an account that does not exist, and then it goes nowhere.</param>
public sealed record MadeCode(string Id, AccountId Account, string Purpose, string Digits, DateTimeOffset ExpiresAt)
{
    /// <summary>Without the digits: a record prints all it has.</summary>
    public override string ToString() => $"{Purpose} code {Id}";
}

/// <summary>Carries one-time codes to the phones of those whose they are. Whoever writes to people is one of these.</summary>
public abstract class CodeCarrier
{
    /// <summary>Nobody carries codes: nothing is configured.</summary>
    public abstract bool IsOff { get; }

    /// <summary>Sent if and only if the transaction commits, and later: for every number the same work is done within it.</summary>
    public abstract void Send(Transaction transaction, MadeCode code);
}
