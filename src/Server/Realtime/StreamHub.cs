using Ledgerline.Kernel;

namespace Ledgerline.Realtime;

/// <summary>The streams that are open on this node.</summary>
public sealed class StreamHub
{
    /// <summary>Something new may be there for this account's streams.</summary>
    public void Wake(AccountId account)
    {
    }
}
