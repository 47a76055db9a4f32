namespace Ledgerline.Wallet;

/// <summary>One movement in the books. Its entries add to zero, or it cannot be made.</summary>
internal sealed class Booking
{
    public Booking(string kind, string key, string description, string? paymentId, IReadOnlyList<Entry> entries)
    {
        var sum = 0L;
        foreach (var entry in entries)
        {
            sum += entry.AmountMicro;
        }

        if (sum != 0 || entries.Count < 2)
        {
            throw new InvalidOperationException($"A {kind} of {entries.Count} entries that add to {sum} is no booking.");
        }

        (Kind, Key, Description, PaymentId, Entries) = (kind, key, description, paymentId, entries);
    }

    public string Kind { get; }
    public string Key { get; }
    public string Description { get; }
    public string? PaymentId { get; }
    public IReadOnlyList<Entry> Entries { get; }
}

/// <summary>A line of a booking: positive into the book, negative out of it, in micro-credits.</summary>
internal readonly record struct Entry(string Book, long AmountMicro, string? GrantId = null);

/// <summary>The books. The first two are the customer's, the others the house's.</summary>
internal static class Books
{
    public const string Wallet = "wallet";
    public const string Owed = "owed";
    public const string Expired = "house:expired";

    public static string Granted(string source) => $"house:granted:{source}";
    public static string Earned(string purpose) => $"house:earned:{purpose}";
    public static string Returned(string reason) => $"house:returned:{reason}";
}
