using Ledgerline.Scenarios.BuiltIns;

namespace Ledgerline.Scenarios;

/// <summary>The scenarios that come with the product.</summary>
internal static class AllBuiltIns
{
    public static readonly IReadOnlyList<Scenario> List = [.. FunCalls.All, .. EverydayCalls.All, .. WarmCalls.All, .. ExitCalls.All];
}
