using Ledgerline.Kernel;
using Ledgerline.Wallet;

namespace Tests.Wallet.Model;

/// <summary>The words in which the model and the ledger answer, so that answers are compared as they are printed.</summary>
internal static class Words
{
    public const string Unknown = "unknown";
    public const string ClawedBack = "clawed back";
    public const string CalledOff = "called off";

    public static string Granted(bool again, WalletBalance balance) => $"{(again ? "granted before" : "granted")}, {Asked(balance)}";

    public static string Held(bool admitted, bool again, Credits available) =>
        $"{(again ? "held before" : admitted ? "held" : "refused")}, {available.Micro} available";

    public static string Captured(Credits charged, bool again, WalletBalance balance) =>
        $"{(again ? "captured before" : "captured")} {charged.Micro}, {Asked(balance)}";

    public static string Released(bool open) => open ? "released" : "was over";

    public static string Asked(WalletBalance balance) => $"{balance.Available.Micro} available, {balance.Owed.Micro} owed";

    public static string Swept(int holds) => $"swept {holds}";

    public static string Lot(string key, long remaining, long held, long clawed) =>
        // A returned lot's key ends with an id of the ledger's own.
        $"lot {(key.Contains(":returned:", StringComparison.Ordinal) ? key[..key.IndexOf(":returned:", StringComparison.Ordinal)] + "'s rest" : key)}: {remaining} left, {held} held, {clawed} taken back";

    public static string Hold(string key, string status, long captured) => $"hold {key}: {status} {captured}";

    public static string Book(string kind, string book, long amount) => $"{kind} in {book}: {amount}";
}
