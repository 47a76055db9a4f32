using Ledgerline.Http;
using Ledgerline.Usage;

namespace Ledgerline.Gateway.Keys;

/// <summary>Under which name a key's spending is counted.</summary>
internal static class KeyBudget
{
    public static string NameOf(string keyId) => $"key:{keyId}";

    /// <summary>Null when a person is signed in.</summary>
    public static SpendLimit? Of(CallerKey? key) => key is null ? null : new SpendLimit(NameOf(key.Id), key.SpendLimit);
}
