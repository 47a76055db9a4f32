using Ledgerline.Kernel;

namespace Ledgerline.Wallet;

/// <summary>A hold that is asked about.</summary>
internal readonly record struct HoldPlace(AccountId Account, string Unit, string Id);
