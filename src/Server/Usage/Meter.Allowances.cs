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

    /// <summary>
    /// For work that begins again because the process died, or is tried again: leave to go on with what is reserved. Null when that has
    /// ended, or never was; whether the provider was asked before, nobody knows.
    /// </summary>
    public Task<AllowanceAuthorization?> Resume(AllowanceUse use, CancellationToken stop = default) => Own.Resume(use, stop);

    /// <summary>What <see cref="Authorize(AllowanceUse, CancellationToken)"/> would say now; reserves nothing.</summary>
    /// <param name="appType">What the account is when it has no allowances yet.</param>
    public Task<Verdict> May(AccountId account, Want want, string appType = Identity.Platform.WebBusiness, CancellationToken stop = default) =>
        Own.May(account, want, appType, stop);

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
