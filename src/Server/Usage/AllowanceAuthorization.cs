using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;

namespace Ledgerline.Usage;

/// <summary>What somebody wants to do out of an allowance: a call, a message, a scenario.</summary>
/// <param name="Key">Names this one attempt; a key authorises once.</param>
/// <param name="Lifetime">So long an attempt may stay unconfirmed before it is given back by itself.</param>
public sealed record AllowanceUse(AccountId Account, Want Want, string Key, TimeSpan Lifetime)
{
    /// <summary>What else must be true, or become so, in the very transaction that reserves.</summary>
    public IUseGuard? Guard { get; init; }
}

/// <summary>Stands beside a reservation in its transaction. An exception undoes both and reaches who asked; it may run again.</summary>
public interface IUseGuard
{
    /// <summary>Before anything is reserved.</summary>
    Task Admit(Transaction transaction, CancellationToken stop);

    /// <summary>Once it is.</summary>
    Task Reserved(Transaction transaction, Verdict verdict, CancellationToken stop);
}

/// <summary>Either leave to go on, or the verdict that says why not.</summary>
public sealed record AllowanceAnswer(AllowanceAuthorization? Authorization, Verdict Verdict);

/// <summary>
/// An allowance is reserved for this. Who holds one may dial or send, once; it can only come from a reservation that succeeded.
/// </summary>
public sealed class AllowanceAuthorization
{
    private int spent;

    private readonly Verdict? verdict;

    private AllowanceAuthorization(AllowanceUse use, Verdict? verdict) => (Use, this.verdict) = (use, verdict);

    public AllowanceUse Use { get; }

    /// <summary>Of what is paid by use and was resumed: by whose prices.</summary>
    public PlanTerms? Terms { get; private init; }

    /// <summary>Out of what it is done, how long it may last, and what is left after it.</summary>
    /// <exception cref="InvalidOperationException">It was resumed: what was said at first is not known any more.</exception>
    public Verdict Verdict => verdict ?? throw new InvalidOperationException($"The authorization of {Use.Want.Service} {Use.Key} was resumed.");

    /// <summary>Called right before the provider is: a second time needs an allowance of its own.</summary>
    /// <exception cref="InvalidOperationException">It was spent before.</exception>
    public AllowanceUse Spend() => Interlocked.Exchange(ref spent, 1) == 0
        ? Use
        : throw new InvalidOperationException($"The authorization of {Use.Want.Service} {Use.Key} was spent before.");

    /// <summary>For each of these uses that was taken before: leave to do it, by its key.</summary>
    internal static async Task<IReadOnlyDictionary<string, AllowanceAuthorization>> Resume(Session session, IReadOnlyList<AllowanceUse> uses, CancellationToken stop)
    {
        var taken = await Entitlements.Taken(session, [.. uses.Select(use => new TakeOrder(use.Account, use.Want, use.Key))], stop);
        return uses.Where(use => taken.ContainsKey(use.Key)).ToDictionary(use => use.Key, use => new AllowanceAuthorization(use, null) { Terms = taken[use.Key] });
    }

    /// <summary>Leave to go on with what was reserved and runs, on whichever node: null when it has ended.</summary>
    internal static async Task<AllowanceAuthorization?> GoOn(Session session, AllowanceUse use, CancellationToken stop) =>
        await Entitlements.Running(session, use.Account, use.Key, stop) is null ? null : new AllowanceAuthorization(use, null);

    internal static async Task<AllowanceAnswer> Obtain(AllowanceUse use, Func<Task<ReserveAnswer>> reserve)
    {
        var answer = await reserve();
        return answer.Again
            ? throw new InvalidOperationException($"The use {use.Key} was authorised before.")
            : new AllowanceAnswer(answer.Verdict.IsAllowed ? new AllowanceAuthorization(use, answer.Verdict) : null, answer.Verdict);
    }
}
