namespace Ledgerline;

/// <summary>The settings must be corrected before the product starts: one sentence for each fault.</summary>
public sealed class RefusedStart(IReadOnlyList<string> faults) : Exception(string.Join(' ', faults))
{
    public IReadOnlyList<string> Faults { get; } = faults;
}
