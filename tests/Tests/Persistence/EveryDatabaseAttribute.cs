using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Tests.Persistence;

/// <summary>Runs a theory once on each database engine; its first parameter is the engine's name.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EveryDatabaseAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([new TheoryDataRow<string>("sqlite"), new TheoryDataRow<string>("postgres"), new TheoryDataRow<string>("turso")]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
