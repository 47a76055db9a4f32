using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;

namespace Ledgerline.Usage;

/// <summary>The meter of what allowances pay for: reserved before, settled or released after.</summary>
public sealed partial class Meter
{
    private Allowances Own => allowances ?? throw new InvalidOperationException("This meter knows no allowances.");

    /// <summary>
    /// Reserves an allowance, durable before it answers: trial, plan calls or minutes, bought calls, pay-as-you-go, then where the
    /// operator wants it credits. Refused: nothing happened but that it was counted as refused.
    /// </summary>
    /// <exception cref="InvalidOperationException">The key was used before.</exception>
    public Task<AllowanceAnswer> Authorize(AllowanceUse use, CancellationToken stop = default) => Own.Authorize(use, stop);

    /// <summary>What <see cref="Authorize(AllowanceUse, CancellationToken)"/> would say now; reserves nothing.</summary>
    /// <param name="appType">What the account is when it has no allowances yet.</param>
    public Task<Verdict> May(AccountId account, Want want, string appType = Identity.Platform.WebBusiness, CancellationToken stop = default) =>
        Own.May(account, want, appType, stop);

    /// <summary>
    /// Takes allowances for what happens with the caller's transaction, such as messages that are accepted: decided in the order they come
    /// and used up at once. What is refused is counted as refused.
    /// </summary>
    public Task<IReadOnlyList<ReserveAnswer>> Take(Transaction transaction, IReadOnlyList<AllowanceUse> uses, CancellationToken stop = default) =>
        Take(transaction, uses, Ask(transaction, uses), stop);

    /// <inheritdoc cref="Take(Transaction, IReadOnlyList{AllowanceUse}, CancellationToken)"/>
    /// <param name="asked">What <see cref="Ask"/> has asked for of these uses, and maybe of more.</param>
    public Task<IReadOnlyList<ReserveAnswer>> Take(Transaction transaction, IReadOnlyList<AllowanceUse> uses, AskedTakes asked, CancellationToken stop) =>
        Own.Take(transaction, uses, asked, stop);

    /// <summary>
    /// Asks for the allowances out of which these uses may be taken, with what else the transaction asks next. They are locked in the
    /// order in which it asks.
    /// </summary>
    public AskedTakes Ask(Transaction transaction, IReadOnlyList<AllowanceUse> uses) => Own.Ask(transaction, uses);

    /// <summary>
    /// Leave to do what was taken, for the job that does it: by the use's key, as often as it is tried. A use that was not taken is missing.
    /// </summary>
    public static Task<IReadOnlyDictionary<string, AllowanceAuthorization>> Resume(Session session, IReadOnlyList<AllowanceUse> uses, CancellationToken stop = default) =>
        AllowanceAuthorization.Resume(session, uses, stop);

    /// <summary>Leave to go on with a call that runs, for the node that has its line: as often as its model is opened. Null when it has ended.</summary>
    public Task<AllowanceAuthorization?> GoOn(AllowanceUse use, CancellationToken stop = default) => Own.GoOn(use, stop);

    /// <summary>
    /// More time for a call that runs, out of whatever its account has now: a top-up, another plan. Answers how long it may last in all,
    /// which is never less than before; null when it has ended. What it answers is paid for.
    /// </summary>
    public Task<int?> Lengthen(AllowanceUse use, CancellationToken stop = default) => Own.Lengthen(use, stop);

    /// <summary>The provider took it: from here on only its own end ends it, however long that takes.</summary>
    public Task<bool> Confirm(AllowanceAuthorization authorization) => Confirm(authorization.Use.Account, authorization.Use.Key);

    /// <inheritdoc cref="Confirm(AllowanceAuthorization)"/>
    public Task<bool> Confirm(AccountId account, string key) => Own.Confirm(account, key);

    /// <summary>
    /// It happened and lasted so long (zero for what does not last): books it and records the use once, with whatever else belongs to it in the
    /// same transaction. Nobody can call it off. Null when nobody knows the use.
    /// </summary>
    /// <param name="alsoWithin">Runs in the same transaction; told whether it was settled before.</param>
    public Task<UseEnded?> Settle(AllowanceAuthorization authorization, long seconds, Func<Transaction, UseEnded, Task>? alsoWithin = null) =>
        Settle(authorization.Use.Account, authorization.Use.Key, seconds, alsoWithin);

    /// <summary>As <see cref="Settle(AllowanceAuthorization, long, Func{Transaction, UseEnded, Task}?)"/>, where a callback brings the end of what another node began.</summary>
    public Task<UseEnded?> Settle(AccountId account, string key, long seconds, Func<Transaction, UseEnded, Task>? alsoWithin = null) =>
        Own.Settle(account, key, seconds, alsoWithin);

    /// <summary>It did not happen: everything is as it was. False when it had ended before.</summary>
    public Task<bool> Release(AllowanceAuthorization authorization) => Release(authorization.Use.Account, authorization.Use.Key);

    /// <inheritdoc cref="Release(AllowanceAuthorization)"/>
    public Task<bool> Release(AccountId account, string key) => Own.Release(account, key);
}
