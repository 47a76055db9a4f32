using Ledgerline.Kernel;

namespace Ledgerline.Notices;

/// <summary>A mail has been written and waits to be sent.</summary>
public sealed record NoticeWaiting(AccountId Account, string Id);
