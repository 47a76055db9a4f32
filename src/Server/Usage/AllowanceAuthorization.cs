using Ledgerline.Kernel;
using Ledgerline.Plans;

namespace Ledgerline.Usage;

/// <summary>What somebody wants to do out of an allowance: a call, a message, a scenario.</summary>
/// <param name="Key">Names this one attempt; a key authorises once.</param>
/// <param name="Lifetime">So long an attempt may stay unconfirmed before it is given back by itself.</param>
public sealed record AllowanceUse(AccountId Account, Want Want, string Key, TimeSpan Lifetime);

/// <summary>Either leave to go on, or the verdict that says why not.</summary>
public sealed record AllowanceAnswer(AllowanceAuthorization? Authorization, Verdict Verdict);

/// <summary>
/// An allowance is reserved for this. Who holds one may dial or send, once; it can only come from a reservation that succeeded.
/// </summary>
public sealed class AllowanceAuthorization
{
    private int spent;

    private AllowanceAuthorization(AllowanceUse use, Verdict verdict) => (Use, Verdict) = (use, verdict);

    public AllowanceUse Use { get; }

    /// <summary>Out of what it is done, how long it may last, and what is left after it.</summary>
    public Verdict Verdict { get; }

    /// <summary>Called right before the provider is: a second time needs an allowance of its own.</summary>
    /// <exception cref="InvalidOperationException">It was spent before.</exception>
    public AllowanceUse Spend() => Interlocked.Exchange(ref spent, 1) == 0
        ? Use
        : throw new InvalidOperationException($"The authorization of {Use.Want.Service} {Use.Key} was spent before.");

    internal static async Task<AllowanceAnswer> Obtain(AllowanceUse use, Func<Task<ReserveAnswer>> reserve)
    {
        var answer = await reserve();
        return answer.Again
            ? throw new InvalidOperationException($"The use {use.Key} was authorised before.")
            : new AllowanceAnswer(answer.Verdict.IsAllowed ? new AllowanceAuthorization(use, answer.Verdict) : null, answer.Verdict);
    }

    /// <summary>Null when nothing is reserved under the key any more, or for something else.</summary>
    internal static AllowanceAuthorization? Resume(AllowanceUse use, Verdict? reserved) =>
        reserved is not null && reserved.Service == use.Want.Service ? new AllowanceAuthorization(use, reserved) : null;
}
