using Ledgerline.Kernel;

namespace Ledgerline.Wallet;

/// <summary>A wallet's balance is another one now. Published in the transaction that changed it; amounts in micro-credits.</summary>
/// <param name="Kind">The kind of the movement: <c>purchase</c>, <c>usage</c>, <c>refund</c>, …</param>
public sealed record BalanceChanged(AccountId Account, string Unit, long AvailableMicro, long OwedMicro, string Kind);
