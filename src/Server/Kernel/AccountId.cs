namespace Ledgerline.Kernel;

/// <summary>An account's uuid: never changes, never reused. Written as 36 lower-case characters.</summary>
public readonly record struct AccountId(Guid Value) : IComparable<AccountId>
{
    public static bool TryParse(string? text, out AccountId id)
    {
        var ok = Guid.TryParseExact(text, "D", out var value);
        id = new AccountId(value);
        return ok;
    }

    public static AccountId Parse(string text) => new(Guid.ParseExact(text, "D"));

    // A uuid compares as its text does.
    public int CompareTo(AccountId other) => Value.CompareTo(other.Value);

    public static bool operator <(AccountId left, AccountId right) => left.CompareTo(right) < 0;
    public static bool operator >(AccountId left, AccountId right) => left.CompareTo(right) > 0;
    public static bool operator <=(AccountId left, AccountId right) => left.CompareTo(right) <= 0;
    public static bool operator >=(AccountId left, AccountId right) => left.CompareTo(right) >= 0;

    public override string ToString() => Value.ToString("D");
}
