namespace Ledgerline.Kernel;

/// <summary>An amount of credits in micro-credits (1 credit = 1,000,000). Arithmetic is checked: an overflow throws.</summary>
public readonly record struct Credits(long Micro) : IComparable<Credits>
{
    public const long MicroPerCredit = 1_000_000;

    public static readonly Credits Zero = new(0);

    public static Credits Whole(long credits) => new(credits * MicroPerCredit);

    /// <summary>Whole credits, fractions dropped: what is shown as a balance can really be spent.</summary>
    public long Floor => Micro >= 0 ? Micro / MicroPerCredit : -((-Micro + MicroPerCredit - 1) / MicroPerCredit);

    /// <summary>Whole credits, fractions counted as a full one: what a customer needs to have.</summary>
    public long Ceiling => -new Credits(-Micro).Floor;

    public static Credits Least(Credits a, Credits b) => a.Micro <= b.Micro ? a : b;

    public int CompareTo(Credits other) => Micro.CompareTo(other.Micro);

    public static Credits operator +(Credits a, Credits b) => new(a.Micro + b.Micro);
    public static Credits operator -(Credits a, Credits b) => new(a.Micro - b.Micro);
    public static Credits operator -(Credits a) => new(-a.Micro);
    public static bool operator <(Credits a, Credits b) => a.Micro < b.Micro;
    public static bool operator >(Credits a, Credits b) => a.Micro > b.Micro;
    public static bool operator <=(Credits a, Credits b) => a.Micro <= b.Micro;
    public static bool operator >=(Credits a, Credits b) => a.Micro >= b.Micro;

    public override string ToString() => $"{Micro} micro-credits";
}
