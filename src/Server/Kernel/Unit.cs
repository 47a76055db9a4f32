namespace Ledgerline.Kernel;

/// <summary>What a wallet counts in. Units are separate balances and never convert.</summary>
public static class Unit
{
    /// <summary>Transcription credits: 1 for each started 15 seconds.</summary>
    public const string Credit = "credit";
}
