using Ledgerline.Kernel;

namespace Ledgerline.Wallet;

/// <summary>Credits for an account, as a lot of its own. The same key grants once, whoever asks.</summary>
/// <param name="Source">Names the ledger row's kind and the house's book: <c>signup_bonus</c>, <c>purchase</c>.</param>
/// <param name="Key">The business key of the cause, unique in the product.</param>
/// <param name="Paid">What was paid for it; null for gifts. Gifts are spent before what was paid for.</param>
/// <param name="PaymentId">The payment provider's id, shown on the ledger row.</param>
public sealed record GrantOrder(
    AccountId Account,
    string Unit,
    string Source,
    string Key,
    Credits Amount,
    string Description,
    Money? Paid = null,
    string? PaymentId = null,
    DateTimeOffset? ExpiresAt = null);

/// <summary>The wallet after a grant.</summary>
/// <param name="Again">The key had been granted before: nothing was added now.</param>
public sealed record GrantAnswer(WalletBalance Balance, bool Again);
