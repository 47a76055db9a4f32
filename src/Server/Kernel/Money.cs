namespace Ledgerline.Kernel;

/// <summary>Money in the currency's minor units (cents for USD); the currency is a lower-case ISO 4217 code.</summary>
public readonly record struct Money(long Minor, string Currency)
{
    public static Money Usd(long cents) => new(cents, "usd");

    public override string ToString() => $"{Minor} {Currency}";
}
